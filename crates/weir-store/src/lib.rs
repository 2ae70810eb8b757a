//! Where durable data lies. One folder for each technology, no business rules; nobody outside
//! asks which one is there, because everything leaves as `Arc<dyn Trait>`.
//!
//! Today that is SQLite (the `sqlite` module) with three files in one folder:
//!
//! * `config.db` holds what operators made, and the record of who made it: objects of every kind,
//!   those with credentials sealed. Small, precious, never replaced by itself, and open to several
//!   processes at once (server and command line).
//! * `logs.db` holds what traffic made: log rows, and their bodies in packs. Large, written by one
//!   thread in batches, and given up for a fresh file when it turns out to be broken, because a
//!   gateway that does not start over its logs would be the greater damage.
//!
//! * `ledger.db` holds what was spent and what is reserved, and the journal of credits. Precious like
//!   the first; one process at a time has it open ([`open_ledger`]), and works on a copy in memory.
//!
//! Beside them may lie `cache.db` ([`open_cache`]): answers of the response cache, which is first
//! of all in memory (the `memory` module). It may be deleted at any time, and no backup has it.
//!
//! One more file, `master.key`, opens what is sealed; it is made here unless the operator provides
//! the key in another way ([`MasterKeySource`], and the `vault` module for how sealing works).
//!
//! [`open`] is for the server. Commands that run beside one use [`open_config`], [`rotate_keys`]
//! and [`backup`].
//!
//! What one process counts lies in the `memory` module.
//!
//! A store is done when it passes the suites of the `contract` module.

mod backup;
mod cache;
#[cfg(any(test, feature = "contract"))]
pub mod contract;
mod ledger;
mod memory;
mod sqlite;
mod vault;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use weir_core::audit::Actor;
use weir_core::store::{ConfigStore, LogStore, StoreResult};
use weir_core::vault::Vault;

pub use backup::{BackupSummary, backup, restore};
pub use cache::{Cache, CacheOptions, open_cache};
pub use ledger::{LedgerOptions, LedgerStore, open_ledger};
pub use memory::{LedgerFigures, MemoryCounters, MemoryLedger};
pub use sqlite::{ReSeal, Rotated};
use vault::KeyPlace;
pub use vault::MasterKeySource;

/// Where an installation lies, and what opens its secrets.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// Folder of the files.
    pub data_dir: PathBuf,
    /// Where the master key comes from.
    pub master_key: MasterKeySource,
}

impl OpenOptions {
    /// The files in `data_dir`, with the key that is made there.
    pub fn new(data_dir: &Path) -> Self {
        Self { data_dir: data_dir.to_owned(), master_key: MasterKeySource::Generated }
    }

    fn key_place(&self) -> KeyPlace {
        KeyPlace::new(&self.master_key, &self.data_dir)
    }
}

/// The stores of one installation.
#[derive(Clone)]
pub struct Stores {
    /// Everything operators made.
    pub config: Arc<dyn ConfigStore>,
    /// Log rows and bodies.
    pub logs: Arc<dyn LogStore>,
    /// Seals and opens secrets.
    pub vault: Arc<dyn Vault>,
}

/// Opens `config.db` and `logs.db` in the data folder, creating what is missing: the folder with
/// mode 0700, the files with 0600, `master.key` among them if the key is to be generated and
/// nothing is sealed yet. Brings files of older versions up to date, and seals what those left in
/// clear. Starts the thread that writes logs. Blocks on the disk.
///
/// A `logs.db` that is damaged is set aside as `logs.db.corrupt-<milliseconds>`, with an error in
/// the program's log, and begun anew.
///
/// # Errors
///
/// `StoreError::Other`, with a text that names the file and what to do: the folder cannot be
/// created, `config.db` is damaged, a file was written by a newer version, a master key is missing
/// (the text has its id), cannot be read, or may be read by others, or the disk refuses.
pub fn open(options: &OpenOptions) -> StoreResult<Stores> {
    let (config, vault) = open_config(options)?;
    let logs = sqlite::open_logs(&options.data_dir.join(backup::LOGS))?;
    Ok(Stores { config, logs, vault })
}

/// Opens `config.db` alone: for commands that run beside a server and must leave its logs be.
///
/// # Errors
///
/// As for [`open`].
pub fn open_config(options: &OpenOptions) -> StoreResult<(Arc<dyn ConfigStore>, Arc<dyn Vault>)> {
    sqlite::create_dir(&options.data_dir)?;
    sqlite::open_config(&options.data_dir.join(backup::CONFIG), options.key_place())
}

/// Exchanges the master key, and with [`ReSeal::Everything`] the data keys below it, too. A server
/// may run beside this: it finds the new keys when it needs them. Leaves an audit record in every
/// account that has keys. Blocks on the disk.
///
/// A key file is replaced by one with a new key, so comments in it go away. A key that is given as
/// a value is the operator's to replace: with a new key on a line above the present one, this
/// moves everything to the new one, and the old line may then be removed. A server cannot read a
/// value anew, so it must be restarted with both lines before. The same works, without a restart,
/// for a key file that we cannot write. A crash at any moment leaves an installation that opens; running
/// this again finishes what was begun.
///
/// # Errors
///
/// As for [`open`]; also when there is no `config.db`, or the key is a value and there is no new one.
pub fn rotate_keys(options: &OpenOptions, reseal: ReSeal, actor: &Actor) -> StoreResult<Rotated> {
    let path = options.data_dir.join(backup::CONFIG);
    if !path.is_file() {
        return Err(backup::fault(&path, "is not there, so there are no keys to exchange"));
    }
    sqlite::rotate(&path, &options.key_place(), reseal, actor)
}

#[cfg(test)]
mod tests;
