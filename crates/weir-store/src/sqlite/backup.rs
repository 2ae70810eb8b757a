//! Copies of a database file that another process may be writing.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use weir_core::store::StoreResult;

use super::config;
use super::fault::Fault;

/// How long to wait for a lock.
const PATIENCE: Duration = Duration::from_secs(5);

/// Copies a database into a new file, mode 0600, as of one moment, and makes that durable.
///
/// It is copied in one read transaction. In write-ahead mode that holds up no writer, and no
/// writer can make it begin anew, as happens to a copy in several steps: under writes without end
/// it ends when all pages are read. Meanwhile the write-ahead log cannot be folded back, so it
/// grows by what is written. `VACUUM INTO` behaves alike, but builds every table and index anew:
/// a longer read, and a longer log to fold back.
pub(crate) fn copy(from: &Path, to: &Path) -> StoreResult<()> {
    let source = open_source(from).map_err(|fault| fault.at(from))?;
    let mut target = create_target(to).map_err(|fault| fault.at(to))?;
    run(&source, &mut target).map_err(|fault| {
        // What is damaged is what was read; a new file can only lack space or permission.
        let file = if fault.is_damage() { from } else { to };
        fault.at(file)
    })?;
    seal_off(target, to).map_err(|fault| fault.at(to))
}

/// Writing is permitted because a reader may have to recover the write-ahead log of a process that
/// was killed.
fn open_source(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

fn create_target(path: &Path) -> Result<Connection, Fault> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    // A copy that is cut short is thrown away, so nothing is kept to undo it.
    connection.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")?;
    Ok(connection)
}

fn run(source: &Connection, target: &mut Connection) -> Result<(), Fault> {
    let backup = Backup::new(source, target)?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match backup.step(-1)? {
            StepResult::Done => return Ok(()),
            // Nothing was copied yet: it could not begin.
            _ if Instant::now() < deadline => thread::sleep(Duration::from_millis(5)),
            _ => return Err(Fault::Locked),
        }
    }
}

/// Makes the copy one file that needs no other, and puts it on the disk.
fn seal_off(target: Connection, path: &Path) -> Result<(), Fault> {
    target.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get::<_, String>(0))?;
    target.close().map_err(|(_, error)| error)?;
    Ok(File::open(path)?.sync_all()?)
}

/// Reads the whole file and says whether it is sound; an error names `origin`. Takes as long as
/// reading it.
pub(crate) fn check(path: &Path, origin: &Path) -> StoreResult<()> {
    let run = || {
        let connection = open_copy(path)?;
        let verdict: String =
            connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if verdict == "ok" { Ok(()) } else { Err(Fault::Unsound(verdict)) }
    };
    run().map_err(|fault: Fault| fault.at(origin))
}

/// Ids of the master keys that a copy of `config.db` needs. One of the first version needs none.
pub(crate) fn master_key_ids(path: &Path) -> StoreResult<Vec<String>> {
    let run = || {
        let connection = open_copy(path)?;
        if connection.table_exists(None, "data_keys")? {
            config::master_key_ids(&connection)
        } else {
            Ok(Vec::new())
        }
    };
    run().map_err(|fault: Fault| fault.at(path))
}

fn open_copy(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(path, flags)?)
}
