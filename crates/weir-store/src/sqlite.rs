//! Stores on SQLite, in write-ahead mode: readers never wait for the writer.
//!
//! Durability: a commit survives the end of the process, by `kill -9` too. Losing power may lose
//! the last moments of the log, never more, and leaves no damage (`synchronous=NORMAL`); a change
//! of configuration that was answered stays (`synchronous=FULL`).

mod aside;
mod backup;
mod cache;
mod config;
mod connection;
mod fault;
mod ledger;
mod logs;
mod migrate;

use std::path::Path;
use std::sync::Arc;

use weir_core::audit::Actor;
use weir_core::store::{ConfigStore, LogStore, StoreResult};
use weir_core::vault::Vault;

use crate::vault::KeyPlace;
pub(crate) use backup::{check, copy, master_key_ids};
pub(crate) use cache::SqliteCache;
pub use config::{ReSeal, Rotated};
pub(crate) use ledger::SqliteLedger;

/// Creates the folder of the files, mode 0700, unless it is there.
pub(crate) fn create_dir(dir: &Path) -> StoreResult<()> {
    connection::create_dir(dir).map_err(|fault| fault.at(dir))
}

/// Opens the configuration file, creating it if need be, and the vault whose keys lie in it.
pub(crate) fn open_config(
    path: &Path,
    place: KeyPlace,
) -> StoreResult<(Arc<dyn ConfigStore>, Arc<dyn Vault>)> {
    let store = config::SqliteConfigStore::open(path, place)?;
    let vault = Arc::new(store.vault());
    Ok((Arc::new(store), vault))
}

/// Exchanges the master key of the configuration file.
pub(crate) fn rotate(
    path: &Path,
    place: &KeyPlace,
    reseal: ReSeal,
    actor: &Actor,
) -> StoreResult<Rotated> {
    config::rotate(path, place, reseal, actor)
}

/// Opens the log file, creating it if need be, and starts its writer.
pub(crate) fn open_logs(path: &Path) -> StoreResult<Arc<dyn LogStore>> {
    Ok(Arc::new(logs::SqliteLogStore::open(path)?))
}

/// Deletes the cache file, if there is one.
pub(crate) fn delete_cache(path: &Path) -> std::io::Result<()> {
    aside::delete(path)
}
