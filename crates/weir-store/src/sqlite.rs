//! Both stores on SQLite, in write-ahead mode: readers never wait for the writer.
//!
//! Durability: a commit survives the end of the process, by `kill -9` too; losing power may lose
//! the last moments, never more, and leaves no damage (`synchronous=NORMAL`).

mod config;
mod connection;
mod fault;
mod logs;
mod migrate;

use std::path::Path;
use std::sync::Arc;

use weir_core::store::{ConfigStore, LogStore, StoreResult};

/// Creates the folder of the files, mode 0700, unless it is there.
pub(crate) fn create_dir(dir: &Path) -> StoreResult<()> {
    connection::create_dir(dir).map_err(|fault| fault.at(dir))
}

/// Opens the configuration file, creating it if need be.
pub(crate) fn open_config(path: &Path) -> StoreResult<Arc<dyn ConfigStore>> {
    Ok(Arc::new(config::SqliteConfigStore::open(path)?))
}

/// Opens the log file, creating it if need be, and starts its writer.
pub(crate) fn open_logs(path: &Path) -> StoreResult<Arc<dyn LogStore>> {
    Ok(Arc::new(logs::SqliteLogStore::open(path)?))
}
