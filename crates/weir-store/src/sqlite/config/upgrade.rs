//! Seals what an older version left in clear.

use std::path::Path;

use rusqlite::Connection;

use super::file::{Locking, begin};
use super::objects;
use crate::sqlite::fault::Fault;
use crate::vault::Keyring;

/// Seals bodies that lie in clear though their kind holds secrets, and then wipes the copies that
/// are left in unused pages and in the write-ahead log. Does nothing when nothing is in clear.
pub(super) fn seal_clear_bodies(
    connection: &mut Connection,
    keyring: &Keyring,
    file: &Path,
) -> Result<(), Fault> {
    let transaction = begin(connection, Locking::Write)?;
    let sealed = objects::seal_clear(&transaction, keyring)?;
    if sealed > 0 {
        mark(&transaction, true)?;
    }
    let to_wipe = is_marked(&transaction)?;
    transaction.commit()?;
    if !to_wipe {
        return Ok(());
    }
    tracing::info!(objects = sealed, file = %file.display(), "sealed stored credentials");
    match wipe(connection) {
        Ok(true) => mark(connection, false),
        Ok(false) => {
            tracing::warn!(
                file = %file.display(),
                "another process reads the file, so former copies of credentials may remain in it \
                 in clear; the next start tries again to wipe them",
            );
            Ok(())
        }
        // What is stored is right and sealed; what is left over must not keep a gateway down.
        Err(fault) => {
            let error = fault.at(file);
            tracing::warn!(
                %error,
                "former copies of credentials may remain in the file in clear; the next start \
                 tries again to wipe them",
            );
            Ok(())
        }
    }
}

/// Builds the file anew and empties the write-ahead log. `false` when a reader was in the way.
fn wipe(connection: &Connection) -> Result<bool, Fault> {
    connection.execute_batch("VACUUM")?;
    let busy: i64 =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    Ok(busy == 0)
}

/// Notes in the file whether there is something to wipe, so that a crash does not forget it.
fn mark(connection: &Connection, to_wipe: bool) -> Result<(), Fault> {
    connection.execute("UPDATE meta SET value = ? WHERE name = 'clear_copies'", [to_wipe])?;
    Ok(())
}

fn is_marked(connection: &Connection) -> Result<bool, Fault> {
    let sql = "SELECT value FROM meta WHERE name = 'clear_copies'";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}
