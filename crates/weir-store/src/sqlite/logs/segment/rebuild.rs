//! Making the segments of a gateway anew, from its rows: when an older version wrote the file, or
//! when a segment turned out to be damaged. The writer does a piece whenever it has nothing else to
//! do, and after each job, so that appends never wait for more than one piece.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, params};
use weir_core::LogId;
use weir_core::store::StoredLog;

use super::super::ledger::{Kept, Ledger};
use super::super::values::Facts;
use super::super::words::Reading;
use super::super::{columns, decode};
use super::shelf;
use crate::sqlite::fault::Fault;

/// Rows in a piece: some ten milliseconds. A million rows take about four seconds.
const PIECE: usize = 2048;

/// Gateways whose segments are incomplete.
#[derive(Default)]
pub(in super::super) struct Pending {
    /// Up to which id, in order, they are there.
    waiting: BTreeMap<i64, Option<LogId>>,
    /// Those that could not be made; the next start tries again.
    stuck: BTreeSet<i64>,
}

impl Pending {
    /// Finds those in the file, of which it was noted or of which it shows in their counts.
    pub(in super::super) fn find(connection: &Connection) -> Result<Self, Fault> {
        let mut statement = connection.prepare(
            "SELECT ref FROM gateways WHERE segmented = 0 OR rows !=
             (SELECT coalesce(sum(rows), 0) FROM segments WHERE gateway_ref = ref)",
        )?;
        let found = statement.query_map([], |row| Ok((row.get(0)?, None)))?;
        Ok(Self { waiting: found.collect::<rusqlite::Result<_>>()?, stuck: BTreeSet::new() })
    }

    /// Whether a row belongs into a segment already.
    pub(in super::super) fn covers(&self, gateway: i64, id: LogId) -> bool {
        match self.waiting.get(&gateway) {
            Some(done) => done.is_some_and(|done| id <= done),
            None => !self.stuck.contains(&gateway),
        }
    }

    /// Notes that a gateway's segments are no good.
    pub(in super::super) fn begin(&mut self, gateway: i64) {
        self.waiting.insert(gateway, None);
    }

    /// Whether there is nothing to do.
    pub(in super::super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

/// What became of a change to the segments of a gateway. When they turned out to be damaged they are
/// taken out of use, and the transaction that wanted to change them goes on.
pub(in super::super) fn mended(
    connection: &Connection,
    pending: &mut Pending,
    gateway: i64,
    result: Result<(), Fault>,
) -> Result<(), Fault> {
    match result {
        Err(fault @ Fault::Content(_)) => {
            tracing::error!(gateway, error = %fault, "log segments are damaged");
            pending.begin(gateway);
            connection.execute("UPDATE gateways SET segmented = 0 WHERE ref = ?", [gateway])?;
            Ok(())
        }
        other => other,
    }
}

impl Ledger {
    /// Has the segments of a gateway made anew.
    pub(in super::super) fn rebuild(&mut self, gateway: i64) -> Result<(), Fault> {
        self.transact(|transaction, kept| {
            let fault = Fault::Content("found while reading".to_owned());
            mended(transaction, &mut kept.pending, gateway, Err(fault))
        })
    }

    /// Makes some of the segments that are missing, if any are.
    pub(in super::super) fn rebuild_some(&mut self) {
        let Some((gateway, done)) = self.kept.pending.waiting.first_key_value() else { return };
        let (gateway, done) = (*gateway, *done);
        if done.is_none() {
            tracing::warn!(gateway, "making log segments from the rows");
        }
        match self.transact(|transaction, kept| piece(transaction, kept, gateway, done)) {
            Ok(Some(last)) => {
                self.kept.pending.waiting.insert(gateway, Some(last));
            }
            Ok(None) => {
                self.kept.pending.waiting.remove(&gateway);
                tracing::info!(gateway, "log segments are complete");
            }
            Err(error) => {
                // Lists go on reading the rows.
                self.kept.pending.waiting.remove(&gateway);
                self.kept.pending.stuck.insert(gateway);
                tracing::error!(gateway, %error, "log segments could not be made");
            }
        }
    }
}

/// Adds the next rows; gives the last of them, or `None` when there are no more.
fn piece(
    connection: &Connection,
    kept: &mut Kept,
    gateway: i64,
    done: Option<LogId>,
) -> Result<Option<LogId>, Fault> {
    if done.is_none() {
        connection.execute("UPDATE gateways SET segmented = 0 WHERE ref = ?", [gateway])?;
        shelf::clear(connection, gateway)?;
        kept.gateways.forget();
    }
    let rows = rows_after(connection, gateway, done)?;
    let facts: Vec<Facts<'_>> = rows.iter().map(Facts::from).collect();
    shelf::add(connection, gateway, &facts)?;
    if let Some(last) = rows.last()
        && rows.len() == PIECE
    {
        return Ok(Some(last.record.id));
    }
    connection.execute("UPDATE gateways SET segmented = 1 WHERE ref = ?", [gateway])?;
    kept.gateways.forget();
    Ok(None)
}

fn rows_after(
    connection: &Connection,
    gateway: i64,
    done: Option<LogId>,
) -> Result<Vec<StoredLog>, Fault> {
    let sql = format!(
        "SELECT {} FROM logs WHERE gateway_ref = ? AND id > ? ORDER BY id LIMIT ?",
        columns::NAMES
    );
    let mut statement = connection.prepare_cached(&sql)?;
    // Nothing sorts before no bytes at all.
    let after = done.map(|id| id.as_bytes().to_vec()).unwrap_or_default();
    let mut found = statement.query(params![gateway, after, PIECE])?;
    let mut words = Reading::default();
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        // Whose rows they are matters to nobody here.
        rows.push(decode::row(row, connection, &mut words, &"".into(), &"".into())?);
    }
    Ok(rows)
}
