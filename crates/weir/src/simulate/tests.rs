//! The simulator over a real socket: what each dialect says, and each kind of trouble.

mod anthropic;
mod aws;
mod bedrock;
mod client;
mod cohere;
mod embeddings;
mod families;
mod gemini;
mod gemini_turns;
mod openai_chat;
mod openai_media;
mod openai_responses;
mod refusals;
mod trouble;
mod vertex;
mod workers_ai;
