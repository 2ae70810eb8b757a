//! One batch of records into the file: all of it or nothing.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use weir_core::log::LogRecord;
use weir_core::{AccountId, GatewayId};

use super::columns;
use super::encode;
use super::pack::Packer;
use super::words::Writing;
use crate::sqlite::fault::Fault;

/// Everything the writer keeps from batch to batch. All of it is a copy of what the file holds, so
/// it can be dropped at any time.
pub(super) struct Batches {
    connection: Connection,
    gateways: Gateways,
    words: Writing,
    packer: Packer,
}

impl Batches {
    pub(super) fn new(connection: Connection) -> Result<Self, Fault> {
        let (gateways, words) = (Gateways::default(), Writing::default());
        Ok(Self { connection, gateways, words, packer: Packer::new()? })
    }

    /// Adds the records whose ids are not there yet, in one transaction.
    pub(super) fn append(&mut self, records: &[LogRecord]) -> Result<(), Fault> {
        let result = self.try_append(records);
        if result.is_err() {
            // What these learnt in the transaction was rolled back with it.
            self.gateways.known.clear();
            self.words.forget();
        }
        result
    }

    fn try_append(&mut self, records: &[LogRecord]) -> Result<(), Fault> {
        let Self { connection, gateways, words, packer } = self;
        // Rolled back when it is dropped without a commit.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut added = BTreeMap::<i64, i64>::new();
        packer.begin(&transaction)?;
        {
            let mut insert = transaction.prepare_cached(columns::INSERT)?;
            for record in records {
                let gateway = gateways.find(&transaction, &record.account, &record.gateway)?;
                let place = packer.place(&transaction, &record.payload)?;
                encode::bind(&mut insert, &transaction, words, gateway, record, place)?;
                // A row that was there already must not leave its bodies in a second pack.
                if insert.raw_execute()? == 1 {
                    packer.add(&record.payload);
                    *added.entry(gateway).or_default() += 1;
                }
            }
        }
        packer.finish(&transaction)?;
        for (gateway, rows) in added {
            transaction
                .prepare_cached("UPDATE gateways SET rows = rows + ? WHERE ref = ?")?
                .execute([rows, gateway])?;
        }
        Ok(transaction.commit()?)
    }

    /// Folds the write-ahead log into the file and closes it.
    pub(super) fn close(self) -> Result<(), Fault> {
        // Gives a row, so it must be a query. When another process reads just now the log cannot be
        // emptied; it will be at the next opening.
        let _busy: bool =
            self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        self.connection.close().map_err(|(_, error)| error.into())
    }
}

/// Gateways by number.
#[derive(Default)]
struct Gateways {
    known: HashMap<AccountId, HashMap<GatewayId, i64>>,
}

impl Gateways {
    fn find(
        &mut self,
        connection: &Connection,
        account: &AccountId,
        gateway: &GatewayId,
    ) -> Result<i64, Fault> {
        if let Some(number) = self.known.get(account).and_then(|known| known.get(gateway)) {
            return Ok(*number);
        }
        let names = params![account.as_str(), gateway.as_str()];
        let known = connection
            .prepare_cached("SELECT ref FROM gateways WHERE account = ? AND gateway = ?")?
            .query_row(names, |row| row.get(0))
            .optional()?;
        let number = match known {
            Some(number) => number,
            None => connection
                .prepare_cached(
                    "INSERT INTO gateways (account, gateway) VALUES (?, ?) RETURNING ref",
                )?
                .query_row(names, |row| row.get(0))?,
        };
        self.known.entry(account.clone()).or_default().insert(gateway.clone(), number);
        Ok(number)
    }
}
