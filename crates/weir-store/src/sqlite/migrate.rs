//! Brings the tables of a file to the form this version expects.
//!
//! Migrations are plain SQL files, applied once each in the order of their names. What was
//! applied is noted with a checksum, so that neither a file edited afterwards nor a database
//! from a newer version goes unnoticed.

use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use sha2::{Digest, Sha256};
use weir_core::Timestamp;

use super::fault::Fault;

/// One SQL file. Once released it never changes; a further change is a further file.
#[derive(Clone, Copy)]
pub(super) struct Migration {
    /// Name of the file without its ending; begins with four digits.
    pub(super) name: &'static str,
    /// The statements.
    pub(super) sql: &'static str,
}

/// The tables of `config.db`.
pub(super) const CONFIG: &[Migration] = &[
    Migration { name: "0001_initial", sql: include_str!("migrations/config/0001_initial.sql") },
    Migration { name: "0002_objects", sql: include_str!("migrations/config/0002_objects.sql") },
];

/// The tables of `logs.db`.
pub(super) const LOGS: &[Migration] = &[
    Migration { name: "0001_initial", sql: include_str!("migrations/logs/0001_initial.sql") },
    Migration {
        name: "0002_verdicts_rollups",
        sql: include_str!("migrations/logs/0002_verdicts_rollups.sql"),
    },
    Migration { name: "0003_segments", sql: include_str!("migrations/logs/0003_segments.sql") },
    Migration { name: "0004_units", sql: include_str!("migrations/logs/0004_units.sql") },
    Migration { name: "0005_trail", sql: include_str!("migrations/logs/0005_trail.sql") },
    Migration { name: "0006_costs", sql: include_str!("migrations/logs/0006_costs.sql") },
];

/// The tables of `cache.db`.
pub(super) const CACHE: &[Migration] =
    &[Migration { name: "0001_initial", sql: include_str!("migrations/cache/0001_initial.sql") }];

/// The tables of `ledger.db`.
pub(super) const LEDGER: &[Migration] =
    &[Migration { name: "0001_initial", sql: include_str!("migrations/ledger/0001_initial.sql") }];

/// Applies what is missing, all or none. The write lock is taken first, so of two processes that
/// start together one waits and then finds the work done.
pub(super) fn run(connection: &mut Connection, migrations: &[Migration]) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(
        "CREATE TABLE IF NOT EXISTS migrations (
             name TEXT PRIMARY KEY, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL
         ) STRICT",
    )?;
    let applied = applied(&transaction)?;
    for (position, (name, checksum)) in applied.iter().enumerate() {
        match migrations.get(position) {
            Some(known) if known.name == name && checksum_of(known.sql) == *checksum => {}
            Some(known) if known.name == name => {
                return Err(Fault::MigrationChanged(name.clone()));
            }
            _ => return Err(Fault::MigrationUnknown(name.clone())),
        }
    }
    for migration in migrations.iter().skip(applied.len()) {
        transaction.execute_batch(migration.sql)?;
        transaction.execute(
            "INSERT INTO migrations (name, checksum, applied_at) VALUES (?, ?, ?)",
            params![migration.name, checksum_of(migration.sql), Timestamp::now().as_millis()],
        )?;
    }
    Ok(transaction.commit()?)
}

/// Names and checksums of what was applied, in order.
fn applied(transaction: &Transaction<'_>) -> rusqlite::Result<Vec<(String, String)>> {
    transaction
        .prepare("SELECT name, checksum FROM migrations ORDER BY name")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

fn checksum_of(sql: &str) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(sql) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests;
