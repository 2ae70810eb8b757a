//! What one process keeps in memory, behind the same traits as what lies in files.

mod cache;
mod counters;
pub(crate) mod ledger;
mod table;
mod time;

pub(crate) use cache::MemoryCache;
pub use counters::MemoryCounters;
pub use ledger::{LedgerFigures, MemoryLedger};
