//! What one process keeps in memory, behind the same traits as what lies in files.

mod cache;
mod counters;

pub(crate) use cache::MemoryCache;
pub use counters::MemoryCounters;
