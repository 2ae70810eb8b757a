//! What a store must do, as one story for each trait, told of any implementation.
//!
//! A suite gets a function that opens the store of a given name: the same name again means another
//! handle on the same data, a new name means an empty store. It panics at the first difference,
//! so it belongs into a test:
//!
//! ```ignore
//! #[tokio::test]
//! async fn logs_keep_the_contract() {
//!     let dir = tempfile::tempdir().unwrap();
//!     contract::log_store(async |name| open(&dir.path().join(name))).await;
//! }
//! ```

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test suite; not part of any program"
)]

mod cache;
mod config;
mod counters;
mod ledger;
mod logs;
mod sample;
mod vault;

#[cfg(test)]
pub(crate) use cache::model;
pub use cache::{cache_key, cached_answer, response_cache};
pub use config::{config_store, every_object};
pub use counters::counters;
pub use ledger::ledger;
pub use logs::log_store;
#[cfg(test)]
pub(crate) use sample::random::Random;
pub use sample::{bare_record, full_record, full_trail, ordinary_trail};
pub use vault::vault;
