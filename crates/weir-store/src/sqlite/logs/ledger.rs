//! The log file as its one writer holds it.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::gateways::Gateways;
use super::pack::Packer;
use super::rollup::Keys;
use super::segment::Pending;
use super::words::Writing;
use crate::sqlite::fault::Fault;

/// The connection, and everything the writer keeps from job to job. All of that but the caps and the pending work
/// is a copy of what the file holds, so it can be dropped at any time.
pub(super) struct Ledger {
    pub(super) connection: Connection,
    pub(super) kept: Kept,
}

/// What is kept beside the connection, apart from it so that both can be borrowed.
pub(super) struct Kept {
    pub(super) gateways: Gateways,
    pub(super) words: Writing,
    pub(super) packer: Packer,
    pub(super) keys: Keys,
    pub(super) pending: Pending,
}

impl Ledger {
    pub(super) fn new(connection: Connection) -> Result<Self, Fault> {
        let kept = Kept {
            gateways: Gateways::default(),
            words: Writing::default(),
            packer: Packer::new()?,
            keys: Keys::default(),
            pending: Pending::find(&connection)?,
        };
        Ok(Self { connection, kept })
    }

    /// Does all of `work`, or nothing.
    pub(super) fn transact<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>, &mut Kept) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let Self { connection, kept } = self;
        let result = run(connection, kept, work);
        if result.is_err() {
            // What these learnt in the transaction was rolled back with it.
            kept.gateways.forget();
            kept.words.forget();
            kept.keys.forget();
        }
        result
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

fn run<T>(
    connection: &mut Connection,
    kept: &mut Kept,
    work: impl FnOnce(&Transaction<'_>, &mut Kept) -> Result<T, Fault>,
) -> Result<T, Fault> {
    // Rolled back when it is dropped without a commit.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let output = work(&transaction, kept)?;
    transaction.commit()?;
    Ok(output)
}
