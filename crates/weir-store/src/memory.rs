//! What one process keeps in memory, behind the same traits as what lies in files.

mod counters;

pub use counters::MemoryCounters;
