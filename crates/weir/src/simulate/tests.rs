//! The simulator over a real socket: what each dialect says, and each kind of trouble.

mod anthropic;
mod client;
mod embeddings;
mod openai_chat;
mod openai_responses;
mod refusals;
mod trouble;
