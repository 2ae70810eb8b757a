//! Folders, files and connections, all set up in the same way.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::fault::Fault;

/// What every connection is told. The page size counts only in a file that is still empty.
///
/// 256 MB of the file are read without copying; a page cache of 16 MB holds a batch; the
/// write-ahead log is folded back every 4000 pages (32 MB), and what it grew beyond 64 MB while a
/// long read held it open is given back to the disk.
const SETTINGS: &str = "
    PRAGMA page_size = 8192;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA mmap_size = 268435456;
    PRAGMA cache_size = -16000;
    PRAGMA wal_autocheckpoint = 4000;
    PRAGMA journal_size_limit = 67108864;
";

/// How long to wait for another process's lock.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Creates a folder and its parents, mode 0700, unless it is there.
pub(super) fn create_dir(dir: &Path) -> Result<(), Fault> {
    Ok(DirBuilder::new().recursive(true).mode(0o700).create(dir)?)
}

/// Opens a file for reading and writing; creates it with mode 0600, since what it holds (bodies,
/// headers that may carry credentials, token hashes) is for the server's own user alone.
pub(super) fn open_writer(path: &Path) -> Result<Connection, Fault> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error.into()),
    }
    // Files that SQLite adds (-wal, -shm) take the mode of this one. No URI flag: a folder named
    // `file:...` is just a folder.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    set_up(&connection)?;
    Ok(connection)
}

/// Applies the settings. SQLite does not wait for a lock when it turns write-ahead mode on,
/// whatever the busy timeout says; so when another process opens a new file at the same moment, we
/// wait ourselves.
fn set_up(connection: &Connection) -> Result<(), Fault> {
    connection.busy_timeout(PATIENCE)?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match connection.execute_batch(SETTINGS) {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && Instant::now() < deadline =>
            {
                thread::sleep(Duration::from_millis(5));
            }
            result => return Ok(result?),
        }
    }
}

/// Opens a file that exists for reading only.
pub(super) fn open_reader(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.execute_batch("PRAGMA mmap_size = 268435456")?;
    Ok(connection)
}
