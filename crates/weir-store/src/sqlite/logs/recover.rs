//! Opening the log file, or a fresh one when it is beyond use.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io};

use rusqlite::Connection;
use weir_core::Timestamp;

use crate::sqlite::fault::Fault;
use crate::sqlite::{connection, migrate};

/// Opens the file for the writer. One that is damaged is set aside, loudly, and begun anew: traffic
/// matters more than its log. Any other failure (permissions, a lock, a full disk, a newer version)
/// is the operator's to solve and leaves the file alone.
pub(super) fn open(path: &Path) -> Result<Connection, Fault> {
    match try_open(path) {
        Err(fault) if fault.is_damage() => {
            let aside = set_aside(path)?;
            tracing::error!(
                file = %path.display(),
                kept_as = %aside.display(),
                error = %fault,
                "log file is damaged; earlier logs are set aside and a new file is begun"
            );
            try_open(path)
        }
        other => other,
    }
}

fn try_open(path: &Path) -> Result<Connection, Fault> {
    let mut connection = connection::open_writer(path)?;
    migrate::run(&mut connection, migrate::LOGS)?;
    touch(&connection)?;
    Ok(connection)
}

/// Reads a little of each table. A file cut short shows already when it is opened; this finds a
/// damaged root. A full check would read gigabytes before the first request is served.
fn touch(connection: &Connection) -> Result<(), Fault> {
    connection.execute_batch(
        "SELECT max(ref), max(rows) FROM gateways;
         SELECT max(ref) FROM words;
         SELECT gateway_ref, id FROM logs ORDER BY gateway_ref DESC, id DESC LIMIT 1;
         SELECT pack, length(data) FROM body_packs ORDER BY pack DESC LIMIT 1;
         SELECT max(ref) FROM rollup_keys;
         SELECT start FROM rollups ORDER BY gateway_ref DESC, span DESC, start DESC LIMIT 1;",
    )?;
    Ok(())
}

/// Renames the file and what belongs to it; gives the new name of the file.
fn set_aside(path: &Path) -> Result<PathBuf, Fault> {
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

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}
