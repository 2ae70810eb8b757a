//! Where durable data lies. One folder for each technology, no business rules; nobody outside
//! asks which one is there, because everything leaves as `Arc<dyn Trait>`.
//!
//! Today that is SQLite (the `sqlite` module) with two files in one folder:
//!
//! * `config.db` holds what an operator made: gateways, custom providers, tokens. Small, precious,
//!   never replaced by itself, and open to several processes at once (server and command line).
//! * `logs.db` holds what traffic made: log rows, and their bodies in packs. Large, written by one
//!   thread in batches, and given up for a fresh file when it turns out to be broken, because a
//!   gateway that does not start over its logs would be the greater damage.
//!
//! A store is done when it passes the suites of the `contract` module.

#[cfg(any(test, feature = "contract"))]
pub mod contract;
mod sqlite;

use std::path::Path;
use std::sync::Arc;

use weir_core::store::{ConfigStore, LogStore, StoreResult};

/// The stores of one installation.
#[derive(Clone)]
pub struct Stores {
    /// Gateways, custom providers and tokens.
    pub config: Arc<dyn ConfigStore>,
    /// Log rows and bodies.
    pub logs: Arc<dyn LogStore>,
}

/// Opens `config.db` and `logs.db` in `data_dir`, creating what is missing: the folder with mode
/// 0700, the files with 0600. Starts the thread that writes logs. Blocks on the disk.
///
/// A `logs.db` that is damaged is set aside as `logs.db.corrupt-<milliseconds>`, with an error in
/// the program's log, and begun anew.
///
/// # Errors
///
/// `StoreError::Other`, with a text that names the file and what to do: the folder cannot be
/// created, `config.db` is damaged, a file was written by a newer version, or the disk refuses.
pub fn open(data_dir: &Path) -> StoreResult<Stores> {
    let config = open_config(data_dir)?;
    let logs = sqlite::open_logs(&data_dir.join("logs.db"))?;
    Ok(Stores { config, logs })
}

/// Opens `config.db` alone: for commands that run beside a server and must leave its logs be.
///
/// # Errors
///
/// As for [`open`].
pub fn open_config(data_dir: &Path) -> StoreResult<Arc<dyn ConfigStore>> {
    sqlite::create_dir(data_dir)?;
    sqlite::open_config(&data_dir.join("config.db"))
}

#[cfg(test)]
mod tests;
