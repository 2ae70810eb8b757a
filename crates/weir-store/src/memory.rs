//! What is kept in memory and may be forgotten.

mod cache;
mod counters;

pub(crate) use cache::MemoryCache;
pub use counters::MemoryCounters;
