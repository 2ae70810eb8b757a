//! Reading rows and bodies, beside the writer.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension as _, params};
use tokio::sync::Semaphore;
use weir_core::log::Side;
use weir_core::store::{LogPage, LogQuery, StoreResult, StoredLog};
use weir_core::{AccountId, GatewayId, LogId};

use super::words::Reading;
use super::{columns, decode, pack};
use crate::sqlite::connection;
use crate::sqlite::fault::Fault;

/// Reads at a time; more wait. Each may hold a connection and an unpacked pack.
const MOST: u32 = 4;

/// A few read-only connections, opened as they are needed.
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Reader>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        let permits = Arc::new(Semaphore::new(MOST as usize));
        Self { path: path.to_owned(), idle: Mutex::new(Vec::new()), permits }
    }

    /// Runs a read on a thread that may block.
    pub(super) async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&mut Reader) -> Result<T, Fault> + Send + 'static,
    ) -> StoreResult<T> {
        let closed = || Fault::Closed.at(&self.path);
        // Held by the work itself, not by whoever waits for it and may give up.
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| closed())?;
        let readers = Arc::clone(self);
        let task = tokio::task::spawn_blocking(move || {
            let result = readers.borrow().and_then(|mut reader| {
                let output = read(&mut reader)?;
                // Not reached after a failure: the next read then starts afresh.
                readers.idle().push(reader);
                Ok(output)
            });
            drop(permit);
            result.map_err(|fault| fault.at(&readers.path))
        });
        task.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Waits for reads under way, closes the connections and refuses further reads.
    pub(super) async fn close(&self) {
        let all = self.permits.acquire_many(MOST).await;
        self.permits.close();
        drop(all);
        self.idle().clear();
    }

    fn borrow(&self) -> Result<Reader, Fault> {
        let idle = self.idle().pop();
        idle.map_or_else(|| Reader::open(&self.path), Ok)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Reader>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection and what it has read of the words.
pub(super) struct Reader {
    connection: Connection,
    words: Reading,
}

impl Reader {
    fn open(path: &Path) -> Result<Self, Fault> {
        Ok(Self { connection: connection::open_reader(path)?, words: Reading::default() })
    }

    /// A page of a gateway's rows and how many there are in all, as of one moment.
    pub(super) fn list(&mut self, query: &LogQuery) -> Result<LogPage, Fault> {
        let Self { connection, words } = self;
        let connection = connection.transaction()?;
        let Some((gateway, total)) = gateway(&connection, &query.account, &query.gateway)? else {
            return Ok(LogPage { rows: Vec::new(), total: 0 });
        };
        let scan = Scan::new(query, total);
        let order = if scan.ascending { "ASC" } else { "DESC" };
        let sql = format!(
            "SELECT {} FROM logs WHERE gateway_ref = ? ORDER BY id {order} LIMIT ? OFFSET ?",
            columns::NAMES
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let mut found = statement.query([gateway, signed(scan.limit), signed(scan.offset)])?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            rows.push(decode::row(row, &connection, words, &query.account, &query.gateway)?);
        }
        if scan.ascending != query.ascending {
            rows.reverse();
        }
        Ok(LogPage { rows, total })
    }

    /// One row.
    pub(super) fn get(
        &mut self,
        account: &AccountId,
        gateway_id: &GatewayId,
        id: LogId,
    ) -> Result<Option<StoredLog>, Fault> {
        let Self { connection, words } = self;
        let Some((gateway, _)) = gateway(connection, account, gateway_id)? else {
            return Ok(None);
        };
        let sql = format!("SELECT {} FROM logs WHERE gateway_ref = ? AND id = ?", columns::NAMES);
        let mut statement = connection.prepare_cached(&sql)?;
        let mut found = statement.query(params![gateway, id.as_bytes().as_slice()])?;
        match found.next()? {
            Some(row) => decode::row(row, connection, words, account, gateway_id).map(Some),
            None => Ok(None),
        }
    }

    /// One body of a row.
    pub(super) fn body(
        &self,
        account: &AccountId,
        gateway_id: &GatewayId,
        id: LogId,
        side: Side,
    ) -> Result<Option<Vec<u8>>, Fault> {
        let connection = &self.connection;
        let Some((gateway, _)) = gateway(connection, account, gateway_id)? else {
            return Ok(None);
        };
        let sql = match side {
            Side::Request => {
                "SELECT pack, request_offset, request_length FROM logs
                 WHERE gateway_ref = ? AND id = ?"
            }
            Side::Response => {
                "SELECT pack, response_offset, response_length FROM logs
                 WHERE gateway_ref = ? AND id = ?"
            }
        };
        let place = connection
            .prepare_cached(sql)?
            .query_row(params![gateway, id.as_bytes().as_slice()], |row| {
                Ok((row.get::<_, Option<i64>>(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        match place {
            Some((_, Some(_), Some(0_u32))) => Ok(Some(Vec::new())),
            Some((Some(pack), Some(offset), Some(length))) => {
                let offset: u32 = offset;
                pack::read(connection, pack, offset as usize, length as usize)
            }
            _ => Ok(None),
        }
    }
}

/// Number and row count of a gateway, or `None` when it never had a row.
fn gateway(
    connection: &Connection,
    account: &AccountId,
    gateway: &GatewayId,
) -> Result<Option<(i64, u64)>, Fault> {
    Ok(connection
        .prepare_cached("SELECT ref, rows FROM gateways WHERE account = ? AND gateway = ?")?
        .query_row([account.as_str(), gateway.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

/// How to walk to a page. Rows passed over must be walked, so a page in the far half is reached
/// from the other end; the total is exact, so both ways lead to the same rows.
#[derive(Debug, PartialEq, Eq)]
struct Scan {
    ascending: bool,
    offset: u64,
    limit: u64,
}

impl Scan {
    fn new(query: &LogQuery, total: u64) -> Self {
        let offset = query.offset.min(total);
        let limit = u64::from(query.limit).min(total - offset);
        if offset > total / 2 {
            Self { ascending: !query.ascending, offset: total - offset - limit, limit }
        } else {
            Self { ascending: query.ascending, offset, limit }
        }
    }
}

/// A count as SQLite takes it; counts of rows are never near the limit.
fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(ascending: bool, offset: u64, limit: u32) -> (bool, u64, u64) {
        let query = LogQuery { account: "a".into(), gateway: "g".into(), ascending, offset, limit };
        let Scan { ascending, offset, limit } = Scan::new(&query, 100);
        (ascending, offset, limit)
    }

    #[test]
    fn far_pages_are_reached_from_the_other_end() {
        assert_eq!(scan(false, 0, 20), (false, 0, 20));
        assert_eq!(scan(false, 50, 20), (false, 50, 20));
        assert_eq!(scan(false, 80, 20), (true, 0, 20));
        assert_eq!(scan(true, 90, 20), (false, 0, 10));
        assert_eq!(scan(true, 60, 5), (false, 35, 5));
        assert_eq!(scan(false, 100, 20), (true, 0, 0));
        assert_eq!(scan(false, u64::MAX, u32::MAX), (true, 0, 0));
    }
}
