//! Folders, files and connections, all set up in the same way.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::fault::Fault;

/// What every connection is told. The page size counts only in a file that is still empty.
///
/// 5 s is the patience with another process's lock; 256 MB of the file are read without copying;
/// the write-ahead log is folded back every 4000 pages (32 MB), and what it grew beyond 64 MB
/// while a long read held it open is given back to the disk.
const SETTINGS: &str = "
    PRAGMA busy_timeout = 5000;
    PRAGMA page_size = 8192;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA mmap_size = 268435456;
    PRAGMA wal_autocheckpoint = 4000;
    PRAGMA journal_size_limit = 67108864;
";

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
    connection.execute_batch(SETTINGS)?;
    Ok(connection)
}

/// Opens a file that exists for reading only.
pub(super) fn open_reader(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.execute_batch("PRAGMA busy_timeout = 5000; PRAGMA mmap_size = 268435456;")?;
    Ok(connection)
}
