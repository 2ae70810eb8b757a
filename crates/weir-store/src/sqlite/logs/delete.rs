//! Deleting rows and their bodies, in pieces short enough that appends hardly notice.

use std::collections::BTreeMap;
use std::time::Duration;

use rusqlite::{OptionalExtension as _, Transaction, params};
use weir_core::{AccountId, GatewayId, LogId};

use super::ledger::{Kept, Ledger};
use super::{gateways, segment};
use crate::sqlite::fault::Fault;

/// Most rows deleted in one transaction: a few milliseconds.
const ROWS: usize = 250;
/// Most packs of bodies packed anew in one transaction, at up to two milliseconds each.
const PACKS: usize = 8;
/// Roll-ups deleted in one transaction.
const ROLLUPS: usize = 5000;

/// What became of a piece.
pub(super) struct Piece {
    /// How many of the ids were looked at; the rest are for the next piece.
    pub(super) seen: usize,
    /// Rows deleted.
    pub(super) rows: u64,
}

impl Ledger {
    /// Deletes the first of `ids` from a gateway, with their bodies. What they held is overwritten
    /// in the file, too.
    pub(super) fn delete(&mut self, gateway: i64, ids: &[LogId]) -> Result<Piece, Fault> {
        self.overwriting(|ledger| {
            ledger.transact(|transaction, kept| delete(transaction, kept, gateway, ids))
        })
    }

    /// Takes a gateway's name from what was written for it, and gives its number: what is written
    /// under that name from now on belongs to another gateway, however long the deletion takes.
    pub(super) fn detach_gateway(
        &mut self,
        account: &AccountId,
        gateway: &GatewayId,
    ) -> Result<Option<i64>, Fault> {
        self.transact(|transaction, kept| {
            kept.gateways.forget();
            let Some(found) = gateways::read(transaction, account, gateway)? else {
                return Ok(None);
            };
            gateways::detach(transaction, found.number)?;
            Ok(Some(found.number))
        })
    }

    /// Deletes some of a gateway's roll-ups, and its name when they and its rows are gone. `true`
    /// when nothing is left to do.
    pub(super) fn forget_gateway(&mut self, gateway: i64) -> Result<bool, Fault> {
        self.transact(|transaction, kept| {
            let deleted = transaction
                .prepare_cached(
                    "DELETE FROM rollups WHERE gateway_ref = ?1 AND (span, start, key_ref) IN
                     (SELECT span, start, key_ref FROM rollups WHERE gateway_ref = ?1 LIMIT ?2)",
                )?
                .execute(params![gateway, ROLLUPS])?;
            if deleted == ROLLUPS {
                return Ok(false);
            }
            transaction.execute("DELETE FROM gateways WHERE ref = ? AND rows = 0", [gateway])?;
            kept.gateways.forget();
            Ok(true)
        })
    }

    /// Empties the write-ahead log, which still holds what was overwritten in the file. When
    /// somebody reads just now, or the disk refuses, that is left to later checkpoints: the rows are
    /// gone either way.
    pub(super) fn settle(&mut self) -> Result<(), Fault> {
        self.connection.busy_timeout(Duration::ZERO)?;
        let emptied = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        self.connection.busy_timeout(crate::sqlite::connection::PATIENCE)?;
        if let Err(error) = emptied {
            tracing::warn!(%error, "deleted log bodies stay in the write-ahead log for now");
        }
        Ok(())
    }

    /// Runs a piece of work with freed pages overwritten, which would cost appends too much.
    fn overwriting<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.connection.pragma_update(None, "secure_delete", "ON")?;
        let result = work(self);
        self.connection.pragma_update(None, "secure_delete", "OFF")?;
        result
    }
}

fn delete(
    transaction: &Transaction<'_>,
    kept: &mut Kept,
    gateway: i64,
    ids: &[LogId],
) -> Result<Piece, Fault> {
    let mut packs = BTreeMap::<i64, Vec<(usize, usize)>>::new();
    let mut piece = Piece { seen: 0, rows: 0 };
    let mut gone = Vec::new();
    {
        let mut find = transaction.prepare_cached(
            "SELECT pack, request_offset, request_length, response_length FROM logs
             WHERE gateway_ref = ? AND id = ?",
        )?;
        let mut remove =
            transaction.prepare_cached("DELETE FROM logs WHERE gateway_ref = ? AND id = ?")?;
        let mut forget = transaction
            .prepare_cached("DELETE FROM cost_history WHERE gateway_ref = ? AND id = ?")?;
        for id in ids.iter().take(ROWS) {
            let key = params![gateway, id.as_bytes().as_slice()];
            let place = find
                .query_row(key, |row| {
                    let count = |column| {
                        Ok::<_, rusqlite::Error>(row.get::<_, Option<usize>>(column)?.unwrap_or(0))
                    };
                    Ok((row.get::<_, Option<i64>>(0)?, count(1)?, count(2)? + count(3)?))
                })
                .optional()?;
            if let Some((Some(pack), ..)) = place
                && packs.len() == PACKS
                && !packs.contains_key(&pack)
            {
                break;
            }
            piece.seen += 1;
            let Some((pack, offset, length)) = place else { continue };
            piece.rows += remove.execute(key)? as u64;
            forget.execute(key)?;
            gone.push(*id);
            if let Some(pack) = pack {
                packs.entry(pack).or_default().push((offset, length));
            }
        }
    }
    for (pack, ranges) in packs {
        kept.packer.erase(transaction, pack, &ranges)?;
    }
    gateways::count(transaction, gateway, -i64::try_from(piece.rows).unwrap_or(0))?;
    kept.gateways.forget();
    let result = segment::remove(transaction, gateway, &gone);
    segment::mended(transaction, &mut kept.pending, gateway, result)?;
    Ok(piece)
}
