//! The file and what is written to it.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use weir_core::ledger::{CreditEntry, Purse};
use weir_core::{AccountId, LogId, Timestamp};

use super::lock::Lock;
use super::row::{column, pack};
use crate::memory::ledger::{Changes, Line, Target};
use crate::sqlite::fault::Fault;
use crate::sqlite::{connection, migrate};

/// Rows that count for nothing are kept for so much longer, lest a clock that is set back a little
/// finds them gone.
const KEEP_IDLE: i64 = 3_600_000;

/// The file, open for this process alone.
pub(super) struct LedgerFile {
    pub(super) connection: Connection,
    owner: i64,
    lease: Duration,
    /// Our last sign of life in the file.
    seen_at: Option<Timestamp>,
    // Last, so that the connection is closed before somebody else may come.
    _lock: Lock,
}

/// How safe a commit is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Safety {
    /// It survives the end of the process.
    Process,
    /// It survives the loss of power, too.
    Power,
}

impl LedgerFile {
    pub(super) fn open(path: &Path, lease: Duration) -> Result<Self, Fault> {
        let lock = Lock::take(path, connection::PATIENCE)?;
        let mut connection = connection::open_writer(path)?;
        migrate::run(&mut connection, migrate::LEDGER)?;
        // The random part of an id; whoever comes again must not take another's rows for its own.
        let mut random = [0; 8];
        random.copy_from_slice(&LogId::generate().as_bytes()[8..]);
        let owner = i64::from_le_bytes(random);
        Ok(Self { connection, owner, lease, seen_at: None, _lock: lock })
    }

    /// Whose reservations ours are.
    pub(super) const fn owner(&self) -> i64 {
        self.owner
    }

    /// How long reservations outlive their owner's last sign of life.
    pub(super) const fn lease(&self) -> Duration {
        self.lease
    }

    fn begin(&mut self, safety: Safety) -> Result<Transaction<'_>, Fault> {
        let setting = match safety {
            Safety::Process => "PRAGMA synchronous = NORMAL",
            Safety::Power => "PRAGMA synchronous = FULL",
        };
        self.connection.execute_batch(setting)?;
        Ok(self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }

    /// Writes all changes or none; whether there was anything to write. `alive`: something is
    /// reserved, so a sign of life is due from time to time.
    pub(super) fn apply(
        &mut self,
        changes: &Changes,
        alive: bool,
        safety: Safety,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let due = (alive || !changes.open.opened.is_empty()) && self.is_sign_due(now);
        if !due && changes.is_empty() {
            return Ok(false);
        }
        let owner = self.owner;
        let transaction = self.begin(safety)?;
        if due {
            write_sign(&transaction, owner, now)?;
        }
        write_open(&transaction, changes)?;
        write_buckets(&transaction, changes)?;
        write_lines(&transaction, changes)?;
        transaction.commit()?;
        if due {
            self.seen_at = Some(now);
        }
        Ok(true)
    }

    /// Makes everything that was written safe from the loss of power. A commit does that, and only
    /// one that changes something: so it gives a sign of life.
    pub(super) fn sync(&mut self, now: Timestamp) -> Result<(), Fault> {
        let owner = self.owner;
        let transaction = self.begin(Safety::Power)?;
        write_sign(&transaction, owner, now)?;
        transaction.commit()?;
        self.seen_at = Some(now);
        Ok(())
    }

    fn is_sign_due(&self, now: Timestamp) -> bool {
        let Some(seen_at) = self.seen_at else { return true };
        let since = now.as_millis().abs_diff(seen_at.as_millis());
        u128::from(since) >= self.lease.as_millis() / 4
    }

    /// Writes a line that is not about usage, unless one of its id is there, and the purse as it is
    /// then, which it gives.
    pub(super) fn credit(&mut self, entry: &CreditEntry) -> Result<bool, Fault> {
        let transaction = self.begin(Safety::Power)?;
        let new = insert_line(&transaction, entry)?;
        if new {
            let sql = "INSERT INTO purses (account, granted, used) VALUES (?1, ?2, 0)
                       ON CONFLICT (account) DO UPDATE SET granted = ?3";
            let before: Option<i64> = {
                let sql = "SELECT granted FROM purses WHERE account = ?";
                let mut statement = transaction.prepare_cached(sql)?;
                let mut rows = statement.query([entry.account.as_str()])?;
                rows.next()?.map(|row| row.get(0)).transpose()?
            };
            let amount = entry.amount.pico();
            let granted = before.unwrap_or(0).saturating_add(amount);
            let account = entry.account.as_str();
            transaction.prepare_cached(sql)?.execute(params![account, amount, granted])?;
        }
        transaction.commit()?;
        Ok(new)
    }

    /// Deletes buckets that count for nothing any more.
    pub(super) fn delete_idle(&self, now: Timestamp) -> Result<usize, Fault> {
        let sql = "DELETE FROM buckets WHERE idle_at < ?";
        let before = now.as_millis().saturating_sub(KEEP_IDLE);
        Ok(self.connection.prepare_cached(sql)?.execute([before])?)
    }

    pub(super) fn close(self) -> Result<(), Fault> {
        self.connection.close().map_err(|(_, error)| error.into())
    }
}

fn write_sign(transaction: &Transaction<'_>, owner: i64, now: Timestamp) -> Result<(), Fault> {
    let sql = "INSERT OR REPLACE INTO owners VALUES (?, ?)";
    transaction.prepare_cached(sql)?.execute(params![owner, now.as_millis()])?;
    Ok(())
}

fn write_open(transaction: &Transaction<'_>, changes: &Changes) -> Result<(), Fault> {
    // A number that was closed before it was written is among the closed ones, too.
    let mut insert =
        transaction.prepare_cached("INSERT OR REPLACE INTO reservations VALUES (?, ?, ?)")?;
    for (row, held) in &changes.open.opened {
        insert.execute(params![row.owner, column(row.number), pack(held)])?;
    }
    let mut delete =
        transaction.prepare_cached("DELETE FROM reservations WHERE owner = ? AND number = ?")?;
    for row in &changes.open.closed {
        delete.execute(params![row.owner, column(row.number)])?;
    }
    Ok(())
}

fn write_buckets(transaction: &Transaction<'_>, changes: &Changes) -> Result<(), Fault> {
    let mut insert =
        transaction.prepare_cached("INSERT OR REPLACE INTO buckets VALUES (?, ?, ?, ?, ?, ?)")?;
    for (slot, bucket) in &changes.buckets {
        insert.execute(params![
            slot.key,
            column(slot.code),
            column(bucket.start),
            column(bucket.previous),
            column(bucket.current),
            bucket.idle_at(*slot).map(column),
        ])?;
    }
    Ok(())
}

fn write_lines(transaction: &Transaction<'_>, changes: &Changes) -> Result<(), Fault> {
    let lines = &changes.lines;
    for (target, line) in &lines.grown {
        grow(transaction, target, line)?;
    }
    let sql =
        "DELETE FROM growing WHERE account = ? AND gateway = ? AND provider = ? AND model = ?";
    let mut delete = transaction.prepare_cached(sql)?;
    for (target, line) in &lines.ended {
        insert_line(transaction, &line.entry(target))?;
        let Target { account, gateway, provider, model } = target;
        delete.execute(params![account.as_str(), gateway.as_str(), &**provider, &**model])?;
    }
    for (account, purse) in &lines.purses {
        write_used(transaction, account, *purse)?;
    }
    Ok(())
}

fn grow(transaction: &Transaction<'_>, target: &Target, line: &Line) -> Result<(), Fault> {
    let sql = "INSERT OR REPLACE INTO growing VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    transaction.prepare_cached(sql)?.execute(params![
        target.account.as_str(),
        target.gateway.as_str(),
        &*target.provider,
        &*target.model,
        column(line.calls),
        line.cost.pico(),
        line.amount.pico(),
        column(line.first),
        column(line.last),
    ])?;
    Ok(())
}

/// What was granted is written with the lines that grant it.
fn write_used(
    transaction: &Transaction<'_>,
    account: &AccountId,
    purse: Purse,
) -> Result<(), Fault> {
    let sql = "INSERT INTO purses (account, granted, used) VALUES (?1, 0, ?2)
               ON CONFLICT (account) DO UPDATE SET used = ?2";
    transaction.prepare_cached(sql)?.execute(params![account.as_str(), purse.used.pico()])?;
    Ok(())
}

/// Adds a line, unless one of its id is there.
fn insert_line(transaction: &Transaction<'_>, entry: &CreditEntry) -> Result<bool, Fault> {
    let sql = "INSERT INTO credits (id, account, at, kind, amount, fee, note, gateway, provider,
                                    model, calls, cost)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING";
    let usage = entry.usage.as_ref();
    let written = transaction.prepare_cached(sql)?.execute(params![
        &*entry.id,
        entry.account.as_str(),
        entry.at.as_millis(),
        entry.kind.label(),
        entry.amount.pico(),
        entry.fee.pico(),
        entry.note.as_deref(),
        usage.map(|usage| usage.gateway.as_str()),
        usage.map(|usage| &*usage.provider),
        usage.map(|usage| &*usage.model),
        usage.map(|usage| column(usage.calls)),
        usage.map(|usage| usage.cost.pico()),
    ])?;
    Ok(written == 1)
}
