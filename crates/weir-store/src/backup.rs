//! Backup and restore of a whole installation, while a server uses it or not.
//!
//! A backup is a folder with `config.db`, `ledger.db` and `logs.db`, each a single file as of one
//! moment. The moments differ: the configuration is copied first, so the others may hold calls to
//! gateways that it does not know yet. The master key is not among them unless that is asked
//! for, because whoever holds both reads every secret.

mod restore;

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use weir_core::store::{StoreError, StoreResult};

use crate::vault::{GENERATED_FILE, KeyPlace, MasterKeys, replace_file};
use crate::{OpenOptions, sqlite};
pub use restore::restore;

pub(crate) const CONFIG: &str = "config.db";
pub(crate) const LOGS: &str = "logs.db";
pub(crate) const LEDGER: &str = "ledger.db";

/// Ending of files that are not complete yet.
const PARTIAL: &str = ".partial";

/// Tries to find database and master key of one moment, while keys are being exchanged.
const TRIES: usize = 3;

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupSummary {
    /// Ids of the master keys that it cannot be opened without; none when nothing in it is sealed.
    pub master_keys: Vec<String>,
    /// Whether those keys are in it, as `master.key`.
    pub has_key: bool,
    /// Whether there were logs to copy.
    pub has_logs: bool,
    /// Whether there was a ledger to copy.
    pub has_ledger: bool,
}

/// What is wrong with a folder or file; the database's own faults come from `sqlite`.
#[derive(Debug, thiserror::Error)]
#[error("{}: {wrong}", path.display())]
struct FolderFault {
    path: PathBuf,
    wrong: String,
}

/// An error that names a file or folder and says what is wrong with it.
pub(crate) fn fault(path: &Path, wrong: impl Into<Box<dyn std::error::Error>>) -> StoreError {
    let wrong = wrong.into().to_string();
    StoreError::Other(Box::new(FolderFault { path: path.to_owned(), wrong }))
}

/// Copies the databases into `target`, a folder that is empty or not there yet. Each copy is
/// checked. Files have mode 0600, and get their names only when all of them are complete; after a
/// failure none is left. A server may write at full speed meanwhile, and is not held up.
/// Blocks on the disk for as long as it takes to read and write everything twice.
///
/// # Errors
///
/// `StoreError::Other`, with a text that names the file or folder and what to do: there is nothing
/// to copy, the target is in use, a file is damaged, the disk is full, or (with `include_key`) the
/// master key is not to be found.
pub fn backup(
    options: &OpenOptions,
    target: &Path,
    include_key: bool,
) -> StoreResult<BackupSummary> {
    let source = &options.data_dir;
    if !source.join(CONFIG).is_file() {
        return Err(fault(source, "holds no config.db, so there is nothing to back up"));
    }
    let mut folder = Folder::prepare(target)?;
    let config = folder.partial(CONFIG);
    let (master_keys, keys) = copy_config(options, &config, include_key)?;
    let has_ledger = copy_if_there(source, LEDGER, &mut folder)?;
    let has_logs = copy_if_there(source, LOGS, &mut folder)?;
    if let Some(keys) = &keys {
        let file = folder.partial(GENERATED_FILE);
        replace_file(&file, keys.to_text().as_bytes()).map_err(|error| fault(&file, error))?;
    }
    folder.complete()?;
    Ok(BackupSummary { master_keys, has_key: keys.is_some(), has_logs, has_ledger })
}

fn copy_if_there(source: &Path, name: &'static str, folder: &mut Folder) -> StoreResult<bool> {
    let original = source.join(name);
    let there = original.is_file();
    if there {
        let copy = folder.partial(name);
        sqlite::copy(&original, &copy)?;
        sqlite::check(&copy, &original)?;
    }
    Ok(there)
}

/// Copies `config.db`, and finds the master keys that the copy needs.
fn copy_config(
    options: &OpenOptions,
    target: &Path,
    include_key: bool,
) -> StoreResult<(Vec<String>, Option<MasterKeys>)> {
    let place = KeyPlace::new(&options.master_key, &options.data_dir);
    let mut tries = TRIES;
    loop {
        // Read before: an exchange of keys adds the new one before it is used.
        let keys = if include_key {
            place.read().map_err(|error| StoreError::Other(Box::new(error)))?
        } else {
            None
        };
        let source = options.data_dir.join(CONFIG);
        sqlite::copy(&source, target)?;
        sqlite::check(target, &source)?;
        let wanted = sqlite::master_key_ids(target)?;
        if !include_key {
            return Ok((wanted, None));
        }
        let found: Vec<_> = keys
            .iter()
            .flat_map(|keys| keys.iter())
            .filter(|key| wanted.iter().any(|id| id == key.id()))
            .cloned()
            .collect();
        if let Some((first, further)) = found.split_first()
            && found.len() == wanted.len()
        {
            return Ok((wanted, Some(MasterKeys::new(first.clone(), further.to_vec()))));
        }
        if wanted.is_empty() {
            return Ok((wanted, keys));
        }
        tries -= 1;
        if tries == 0 {
            let wanted: Vec<_> = wanted.iter().map(String::as_str).collect();
            return Err(StoreError::Other(Box::new(place.missing(&wanted, keys.as_ref()))));
        }
        fs::remove_file(target).map_err(|error| fault(target, error))?;
    }
}

/// A folder that is being filled. Dropped before it is complete, it takes its files away again.
struct Folder {
    path: PathBuf,
    created: bool,
    names: Vec<&'static str>,
    complete: bool,
}

impl Folder {
    /// Creates the folder with mode 0700, or takes an empty one.
    fn prepare(path: &Path) -> StoreResult<Self> {
        let folder = Self::take(path)?;
        let mut entries = fs::read_dir(path).map_err(|error| fault(path, error))?;
        if entries.next().is_some() {
            return Err(fault(path, "is not empty: choose a folder that is, or a new one"));
        }
        Ok(folder)
    }

    /// Creates the folder with mode 0700, or takes one that is there.
    fn take(path: &Path) -> StoreResult<Self> {
        let created = !path.exists();
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(|error| fault(path, error))?;
        Ok(Self { path: path.to_owned(), created, names: Vec::new(), complete: false })
    }

    /// Where a file is written until all of them are complete.
    fn partial(&mut self, name: &'static str) -> PathBuf {
        self.names.push(name);
        self.partial_of(name)
    }

    fn partial_of(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}{PARTIAL}"))
    }

    /// Gives the files their names, `config.db` last: where it is, everything is.
    fn complete(&mut self) -> StoreResult<()> {
        let rename = || {
            for name in self.names.iter().rev() {
                fs::rename(self.partial_of(name), self.path.join(name))?;
            }
            File::open(&self.path)?.sync_all()
        };
        rename().map_err(|error: io::Error| fault(&self.path, error))?;
        self.complete = true;
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.complete {
            return;
        }
        // The error that led here is told already; these would add nothing to it.
        for name in &self.names {
            for ending in ["", "-wal", "-shm", "-journal"] {
                let _ = fs::remove_file(self.path.join(format!("{name}{PARTIAL}{ending}")));
            }
            let _ = fs::remove_file(self.path.join(name));
        }
        if self.created {
            let _ = fs::remove_dir(&self.path);
        }
    }
}

#[cfg(test)]
mod tests;
