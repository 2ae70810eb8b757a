//! The file: rows in, rows out, never more than its budget.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior, params};
use weir_core::Timestamp;
use weir_core::cache::{CacheKey, CachedAnswer};

use super::index::Index;
use super::row;
use crate::sqlite::fault::Fault;
use crate::sqlite::{aside, connection, migrate};

/// Rows at most, whatever the budget: the keys of all of them are in memory.
pub(super) const MOST_ROWS: u64 = 1_000_000;

/// Rows deleted at a time.
const DELETED_AT_ONCE: u32 = 64;

/// Bytes that a row takes beside head and body: its columns, its places in two indexes, and the
/// unused ends of pages.
const ROW: u64 = 400;

/// The writer's connection and what it must not exceed.
pub(super) struct CacheFile {
    connection: Connection,
    /// The most that pages in use may take, in bytes. The write-ahead log comes on top.
    budget: u64,
}

/// What a transaction did, for the index to learn once it is committed.
#[derive(Default)]
pub(super) struct Done {
    /// Rows that are there.
    pub(super) written: Vec<(CacheKey, i64)>,
    /// Rows that are gone; some of the written ones, perhaps.
    pub(super) deleted: Vec<(CacheKey, i64)>,
}

/// A change of the file.
pub(super) enum Change<'a> {
    /// An answer with its head, in place of what the key had.
    Put { key: CacheKey, number: i64, answer: &'a CachedAnswer, head: Vec<u8> },
    /// Nothing in place of what the key had.
    Delete(CacheKey),
}

impl CacheFile {
    /// Opens the file and tells the index what is in it. One that is broken or of another version
    /// is set aside, with a warning, and begun anew.
    pub(super) fn open(path: &Path, budget: u64, index: &Index) -> Result<Self, Fault> {
        let connection = match try_open(path, index) {
            Err(fault) if is_beyond_use(&fault) => {
                index.clear();
                let kept_as = aside::set_aside(path)?;
                tracing::warn!(
                    file = %path.display(),
                    kept_as = %kept_as.display(),
                    error = %fault,
                    "the cache file cannot be used; it is set aside and a new one is begun"
                );
                try_open(path, index)
            }
            other => other,
        }?;
        Ok(Self { connection, budget })
    }

    /// Makes changes, and room for them: expired rows go first, then the oldest. `known`: keys in
    /// the index, those of the changes included.
    pub(super) fn apply(
        &mut self,
        changes: &[Change<'_>],
        known: u64,
        now: Timestamp,
    ) -> Result<Done, Fault> {
        let mut done = Done::default();
        let transaction = begin(&mut self.connection)?;
        for change in changes {
            let mut delete = transaction.prepare_cached("DELETE FROM answers WHERE key = ?")?;
            match change {
                Change::Delete(key) => {
                    delete.execute([key.0])?;
                }
                Change::Put { key, number, answer, head } => {
                    delete.execute([key.0])?;
                    // Room first, and for one answer at a time: the file never gives back what it
                    // once grew to.
                    let coming = (answer.body.len() + head.len()) as u64 + ROW;
                    let room = Room { budget: self.budget.saturating_sub(coming), known };
                    room.make(&transaction, now, &mut done)?;
                    insert(&transaction, key, *number, answer, head)?;
                    done.written.push((*key, *number));
                }
            }
        }
        Room { budget: self.budget, known }.make(&transaction, now, &mut done)?;
        transaction.commit()?;
        Ok(done)
    }

    /// Deletes some rows that have expired; none are left when it deletes none.
    pub(super) fn delete_expired(&mut self, now: Timestamp) -> Result<Done, Fault> {
        let mut done = Done::default();
        let transaction = begin(&mut self.connection)?;
        expire(&transaction, now, &mut done)?;
        transaction.commit()?;
        Ok(done)
    }

    /// Deletes every row that the index does not know.
    pub(super) fn delete_void(&mut self, index: &Index) -> Result<(), Fault> {
        let transaction = begin(&mut self.connection)?;
        let void: Vec<i64> = {
            let mut statement = transaction.prepare("SELECT number, key FROM answers")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, CacheKey(row.get(1)?))))?;
            let void = rows.filter_map(|row| match row {
                Ok((number, key)) => (!index.is_current(&key, number)).then_some(Ok(number)),
                Err(error) => Some(Err(error)),
            });
            void.collect::<rusqlite::Result<_>>()?
        };
        for number in void {
            transaction
                .prepare_cached("DELETE FROM answers WHERE number = ?")?
                .execute([number])?;
        }
        Ok(transaction.commit()?)
    }

    /// Gives room back to the disk when the file is far larger than it may be, because the budget
    /// was larger before.
    pub(super) fn shrink(&self) -> Result<(), Fault> {
        let size = pragma(&self.connection, "page_count")? * page_size(&self.connection)?;
        if size > self.budget.saturating_add(self.budget / 4) {
            self.connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")?;
        }
        Ok(())
    }

    /// Folds the write-ahead log back.
    pub(super) fn close(self) -> Result<(), Fault> {
        self.connection.close().map_err(|(_, error)| error.into())
    }
}

fn is_beyond_use(fault: &Fault) -> bool {
    fault.is_damage()
        || matches!(fault, Fault::MigrationChanged(_) | Fault::MigrationUnknown(_))
        // Tables that are not ours, or not as we made them.
        || matches!(fault, Fault::Sqlite(error)
            if matches!(error.sqlite_error_code(), None | Some(ErrorCode::Unknown)))
}

fn try_open(path: &Path, index: &Index) -> Result<Connection, Fault> {
    let mut connection = connection::open_writer(path)?;
    migrate::run(&mut connection, migrate::CACHE)?;
    {
        let mut statement = connection
            .prepare("SELECT rowid, key, expires_at FROM answers INDEXED BY answers_by_expiry")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let expires_at = Timestamp::from_millis(row.get(2)?);
            index.load(CacheKey(row.get(1)?), row.get(0)?, expires_at);
        }
    }
    // A damaged root shows here, rather than at the first call.
    connection.execute_batch(
        "SELECT number, expires_at FROM answers ORDER BY number DESC LIMIT 1;
         SELECT key FROM answers INDEXED BY answers_by_key LIMIT 1;",
    )?;
    Ok(connection)
}

fn begin(connection: &mut Connection) -> Result<Transaction<'_>, Fault> {
    Ok(connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
}

/// What rows may take.
struct Room {
    /// Bytes of pages in use.
    budget: u64,
    /// Rows, or keys that are to become rows.
    known: u64,
}

impl Room {
    /// Deletes rows until the others fit, or none is left.
    fn make(
        &self,
        transaction: &Transaction<'_>,
        now: Timestamp,
        done: &mut Done,
    ) -> Result<(), Fault> {
        while used(transaction)? > self.budget
            || self.known.saturating_sub(done.deleted.len() as u64) > MOST_ROWS
        {
            if expire(transaction, now, done)? == 0 && delete_oldest(transaction, done)? == 0 {
                break;
            }
        }
        Ok(())
    }
}

fn insert(
    transaction: &Transaction<'_>,
    key: &CacheKey,
    number: i64,
    answer: &CachedAnswer,
    head: &[u8],
) -> Result<(), Fault> {
    let checksum = row::checksum(head, &answer.body);
    let expires_at = answer.expires_at.as_millis();
    let mut statement =
        transaction.prepare_cached("INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?)")?;
    statement.execute(params![number, key.0, expires_at, checksum, head, &*answer.body])?;
    Ok(())
}

fn expire(transaction: &Transaction<'_>, now: Timestamp, done: &mut Done) -> Result<usize, Fault> {
    let sql = "DELETE FROM answers WHERE number IN
                   (SELECT number FROM answers WHERE expires_at <= ? LIMIT ?)
               RETURNING key, number";
    delete(transaction, sql, &[&now.as_millis(), &DELETED_AT_ONCE], done)
}

fn delete_oldest(transaction: &Transaction<'_>, done: &mut Done) -> Result<usize, Fault> {
    // Few at a time: one may be large enough to make all the room that is needed.
    let sql = "DELETE FROM answers WHERE number IN
                   (SELECT number FROM answers ORDER BY number LIMIT 4)
               RETURNING key, number";
    delete(transaction, sql, &[], done)
}

fn delete(
    transaction: &Transaction<'_>,
    sql: &str,
    values: &[&dyn rusqlite::ToSql],
    done: &mut Done,
) -> Result<usize, Fault> {
    let before = done.deleted.len();
    let mut statement = transaction.prepare_cached(sql)?;
    let rows = statement.query_map(values, |row| Ok((CacheKey(row.get(0)?), row.get(1)?)))?;
    for row in rows {
        done.deleted.push(row?);
    }
    Ok(done.deleted.len() - before)
}

/// Bytes of pages in use.
fn used(connection: &Connection) -> Result<u64, Fault> {
    let pages = pragma(connection, "page_count")?;
    let free = pragma(connection, "freelist_count")?;
    Ok(pages.saturating_sub(free) * page_size(connection)?)
}

fn page_size(connection: &Connection) -> Result<u64, Fault> {
    pragma(connection, "page_size")
}

fn pragma(connection: &Connection, name: &str) -> Result<u64, Fault> {
    Ok(connection.pragma_query_value(None, name, |row| row.get(0))?)
}
