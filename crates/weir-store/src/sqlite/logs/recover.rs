//! Opening the log file, or a fresh one when it is beyond use.

use std::path::Path;

use rusqlite::Connection;

use crate::sqlite::fault::Fault;
use crate::sqlite::{aside, connection, migrate};

/// Opens the file for the writer. One that is damaged is set aside, loudly, and begun anew: traffic
/// matters more than its log. Any other failure (permissions, a lock, a full disk, a newer version)
/// is the operator's to solve and leaves the file alone.
pub(super) fn open(path: &Path) -> Result<Connection, Fault> {
    match try_open(path) {
        Err(fault) if fault.is_damage() => {
            let kept_as = aside::set_aside(path)?;
            tracing::error!(
                file = %path.display(),
                kept_as = %kept_as.display(),
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
