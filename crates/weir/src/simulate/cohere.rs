//! Cohere's second API: chat, embeddings and ranking.

pub(super) mod chat;
pub(super) mod embed;
pub(super) mod rerank;
