//! Moving a file that is beyond use out of the way.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io};

use weir_core::Timestamp;

use super::fault::Fault;

/// Renames the file and what belongs to it; gives the new name of the file.
pub(super) fn set_aside(path: &Path) -> Result<PathBuf, Fault> {
    let aside = with_ending(path, &format!(".corrupt-{}", Timestamp::now().as_millis()));
    for ending in ["-wal", "-shm"] {
        match fs::rename(with_ending(path, ending), with_ending(&aside, ending)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    // Last, so that a crash in between leaves a file that is found damaged again.
    fs::rename(path, &aside)?;
    Ok(aside)
}

/// Deletes the file and what belongs to it, if it is there.
pub(super) fn delete(path: &Path) -> io::Result<()> {
    for ending in ["-wal", "-shm", ""] {
        match fs::remove_file(with_ending(path, ending)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}
