//! What is kept in memory and may be forgotten.

mod cache;

pub(crate) use cache::MemoryCache;
