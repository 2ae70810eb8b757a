//! Restoring a backup.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use weir_core::store::StoreResult;

use super::{BackupSummary, CONFIG, Folder, LEDGER, LOGS, fault};
use crate::sqlite;
use crate::vault::GENERATED_FILE;

/// Copies a backup into `data_dir`, which may not hold what is restored yet. The backup is checked
/// first and stays as it is; nothing is left of a restore that fails. Blocks on the disk.
///
/// # Errors
///
/// `StoreError::Other`, with a text that names the file or folder and what to do: there is no
/// backup, it is damaged, the data folder is in use, or the disk refuses.
pub fn restore(backup: &Path, data_dir: &Path) -> StoreResult<BackupSummary> {
    if !backup.join(CONFIG).is_file() {
        return Err(fault(backup, "is no backup: there is no config.db in it"));
    }
    let present: Vec<_> = [LOGS, LEDGER, GENERATED_FILE, CONFIG]
        .into_iter()
        .filter(|name| backup.join(name).is_file())
        .collect();
    for name in &present {
        refuse_wal(backup, name)?;
        refuse_existing(data_dir, name)?;
    }
    for name in present.iter().filter(|name| **name != GENERATED_FILE) {
        sqlite::check(&backup.join(name), &backup.join(name))?;
    }
    let master_keys = sqlite::master_key_ids(&backup.join(CONFIG))?;

    let mut folder = Folder::take(data_dir)?;
    // The order in which they are written, the reverse of that in which they get their names.
    for name in present.iter().rev() {
        let target = folder.partial(name);
        copy(&backup.join(name), &target).map_err(|error| fault(&target, error))?;
    }
    folder.complete()?;
    Ok(BackupSummary {
        master_keys,
        has_key: present.contains(&GENERATED_FILE),
        has_logs: present.contains(&LOGS),
        has_ledger: present.contains(&LEDGER),
    })
}

/// A copy of a running server's files that was made by other means is not whole without its
/// write-ahead log.
fn refuse_wal(backup: &Path, name: &str) -> StoreResult<()> {
    let wal = backup.join(format!("{name}-wal"));
    if wal.exists() {
        let wrong = "is part of a database in use, not of a backup: put the files where they \
                     belong by hand, or make a backup of them with `weir backup`";
        return Err(fault(&wal, wrong));
    }
    Ok(())
}

/// What is left of another database, its write-ahead log above all, must not mix with this one.
fn refuse_existing(data_dir: &Path, name: &str) -> StoreResult<()> {
    for ending in ["", "-wal", "-shm", "-journal"] {
        let path = data_dir.join(format!("{name}{ending}"));
        if fs::symlink_metadata(&path).is_ok() {
            return Err(fault(&path, "is there already: move it away, or restore elsewhere"));
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    // What an earlier restore may have left when it was killed.
    match fs::remove_file(to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut target = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    io::copy(&mut File::open(from)?, &mut target)?;
    target.sync_all()
}
