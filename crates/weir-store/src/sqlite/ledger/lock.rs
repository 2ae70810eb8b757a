//! One process at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::sqlite::fault::Fault;

/// Held for as long as the file is open. The system takes it back when the process ends, however
/// it does.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock that belongs to the database at `path`; waits with `patience` for a process
    /// that is just ending. It is a file of its own, because closing another handle on the database would
    /// take SQLite's locks away.
    pub(super) fn take(path: &Path, patience: Duration) -> Result<Self, Fault> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(path.with_extension("lock"))?;
        let deadline = Instant::now() + patience;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                    thread::sleep(Duration::from_millis(20));
                }
                Err(TryLockError::WouldBlock) => return Err(Fault::Locked),
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
        }
    }
}
