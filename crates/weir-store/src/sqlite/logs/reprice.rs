//! Giving rows other costs: the rows, their segments, the roll-ups and what the rows had before, all
//! in one transaction (spec: observability 5.2).

use rusqlite::{Connection, Transaction, params};
use weir_core::analytics::{RollupKey, RollupSums};
use weir_core::store::{FormerCost, Repricing, StoredLog};
use weir_core::trail::Trail;
use weir_core::{AccountId, Cost, GatewayId, LogId, Timestamp};

use super::ledger::{Kept, Ledger};
use super::rollup::Corrections;
use super::scan::Rows;
use super::words::{Reading, Writing};
use super::{gateways, segment, trail};
use crate::sqlite::fault::Fault;

impl Ledger {
    /// Gives rows of a gateway other costs. Returns how many changed.
    pub(super) fn reprice(
        &mut self,
        account: &AccountId,
        gateway: &GatewayId,
        rows: &[Repricing],
    ) -> Result<u64, Fault> {
        self.transact(|transaction, kept| reprice(transaction, kept, account, gateway, rows))
    }
}

fn reprice(
    transaction: &Transaction<'_>,
    kept: &mut Kept,
    account: &AccountId,
    gateway: &GatewayId,
    rows: &[Repricing],
) -> Result<u64, Fault> {
    let known = gateways::read(transaction, account, gateway)?;
    let Some(number) = known.map(|known| known.number) else { return Ok(0) };
    let mut words = Reading::default();
    let mut present = Rows { connection: transaction, words: &mut words, account, gateway, number };
    let mut corrections = Corrections::default();
    let mut changed: Vec<(LogId, Cost)> = Vec::new();
    for row in rows {
        let Some(mut stored) = present.whole(row.id)? else { continue };
        if stored.record.cost != row.was || stored.record.cost == Some(row.cost) {
            continue;
        }
        remember(transaction, &mut kept.words, number, &stored, row.at)?;
        let before = RollupSums::of(&stored.record);
        let record = &mut stored.record;
        record.cost = Some(row.cost);
        record.price_id.clone_from(&row.price.id);
        let trail: &mut Trail = record.trail.get_or_insert_default();
        trail.price = Some(row.price.clone());
        write(transaction, &mut kept.words, number, &stored)?;
        let record = &stored.record;
        corrections.add(RollupKey::of(record), &before, &RollupSums::of(record));
        changed.push((row.id, row.cost));
    }
    corrections.write(transaction, &mut kept.keys, number)?;
    let result = segment::reprice(transaction, number, &changed);
    segment::mended(transaction, &mut kept.pending, number, result)?;
    Ok(changed.len() as u64)
}

/// Keeps the cost that a row has now.
fn remember(
    connection: &Connection,
    words: &mut Writing,
    gateway: i64,
    row: &StoredLog,
    at: Timestamp,
) -> Result<(), Fault> {
    let last = row.cost_history.last().map(|former| former.at.as_millis().saturating_add(1));
    let at = last.map_or(at.as_millis(), |last| last.max(at.as_millis()));
    let record = &row.record;
    let price = record.price_id.as_deref();
    let price = price.map(|price| words.word(connection, price)).transpose()?;
    connection
        .prepare_cached(
            "INSERT INTO cost_history (gateway_ref, id, at, cost, price_id) VALUES (?, ?, ?, ?, ?)",
        )?
        .execute(params![
            gateway,
            record.id.as_bytes().as_slice(),
            at,
            record.cost.map(Cost::pico),
            price
        ])?;
    Ok(())
}

fn write(
    connection: &Connection,
    words: &mut Writing,
    gateway: i64,
    row: &StoredLog,
) -> Result<(), Fault> {
    let record = &row.record;
    let id = record.price_id.as_deref();
    let price = id.map(|price| words.word(connection, price)).transpose()?;
    connection
        .prepare_cached(
            "UPDATE logs SET cost = ?3, price_id = ?4, trail = ?5
             WHERE gateway_ref = ?1 AND id = ?2",
        )?
        .execute(params![
            gateway,
            record.id.as_bytes().as_slice(),
            record.cost.map(Cost::pico),
            price,
            record.trail.as_ref().map(|trail| trail::encode(trail, id)),
        ])?;
    Ok(())
}

/// Costs that a row had, the oldest first.
pub(super) fn history(
    connection: &Connection,
    words: &mut Reading,
    gateway: i64,
    id: LogId,
) -> Result<Vec<FormerCost>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT at, cost, price_id FROM cost_history
         WHERE gateway_ref = ? AND id = ? ORDER BY at",
    )?;
    let mut found = statement.query(params![gateway, id.as_bytes().as_slice()])?;
    let mut history = Vec::new();
    while let Some(row) = found.next()? {
        history.push(FormerCost {
            at: Timestamp::from_millis(row.get(0)?),
            cost: row.get::<_, Option<i64>>(1)?.map(Cost::from_pico),
            price_id: words.text(connection, row.get_ref(2)?)?,
        });
    }
    Ok(history)
}
