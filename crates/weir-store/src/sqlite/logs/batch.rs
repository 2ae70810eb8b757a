//! One batch into the file: all of it or nothing.

use std::collections::BTreeMap;

use rusqlite::{Transaction, params};
use weir_core::LogId;
use weir_core::store::{Appended, LogBatch};

use super::ledger::{Kept, Ledger};
use super::rollup::Tally;
use super::values::Facts;
use super::{columns, encode, gateways, segment};
use crate::sqlite::fault::Fault;

impl Ledger {
    /// Adds the records whose ids are not there yet and counts every call, in one transaction.
    pub(super) fn append(&mut self, batch: &LogBatch) -> Result<Appended, Fault> {
        self.transact(|transaction, kept| append(transaction, kept, batch))
    }
}

fn append(
    transaction: &Transaction<'_>,
    kept: &mut Kept,
    batch: &LogBatch,
) -> Result<Appended, Fault> {
    let Kept { gateways, words, packer, keys, pending } = kept;
    let mut appended = Appended::default();
    let mut added = BTreeMap::<i64, Vec<Facts<'_>>>::new();
    let mut tally = Tally::default();
    packer.begin(transaction)?;
    {
        let mut insert = transaction.prepare_cached(columns::INSERT)?;
        for record in &batch.records {
            let gateway = gateways.find(transaction, &record.account, &record.gateway)?;
            if gateway.is_full() {
                if is_there(transaction, gateway.number, record.id)? {
                    appended.kept += 1;
                } else {
                    appended.refused += 1;
                    tally.count(gateway.number, record);
                }
                continue;
            }
            appended.kept += 1;
            let place = packer.place(transaction, &record.payload)?;
            encode::bind(&mut insert, transaction, words, gateway.number, record, place)?;
            // A row that was there already must not leave its bodies in a second pack.
            if insert.raw_execute()? == 1 {
                packer.add(&record.payload);
                added.entry(gateway.number).or_default().push(Facts::from(record));
                gateway.rows += 1;
                tally.count(gateway.number, record);
            }
        }
    }
    packer.finish(transaction)?;
    for (gateway, mut rows) in added {
        gateways::count(transaction, gateway, i64::try_from(rows.len()).unwrap_or(i64::MAX))?;
        // Of a gateway whose segments are being made, later rows will be met in their turn.
        rows.retain(|row| pending.covers(gateway, row.record.id));
        let result = segment::add(transaction, gateway, &rows);
        segment::mended(transaction, pending, gateway, result)?;
    }
    for (key, sums) in &batch.uncollected {
        let gateway = gateways.find(transaction, &key.account, &key.gateway)?;
        tally.add(gateway.number, key.clone(), sums);
    }
    tally.write(transaction, keys)?;
    Ok(appended)
}

fn is_there(transaction: &Transaction<'_>, gateway: i64, id: LogId) -> Result<bool, Fault> {
    Ok(transaction
        .prepare_cached("SELECT 1 FROM logs WHERE gateway_ref = ? AND id = ?")?
        .exists(params![gateway, id.as_bytes().as_slice()])?)
}
