//! Reading rows and bodies, beside the writer.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension as _, params};
use tokio::sync::Semaphore;
use weir_core::log::Side;
use weir_core::log_filter::LogFilter;
use weir_core::store::{LogPage, LogQuery, LogSummary, StoreResult, StoredLog};
use weir_core::{AccountId, GatewayId, LogId};

use super::damage::Damage;
use super::gateways::Stored;
use super::scan::Rows;
use super::words::Reading;
use super::{gateways, pack, query};
use crate::sqlite::connection;
use crate::sqlite::fault::Fault;

/// Reads at a time; more wait. Each may hold a connection and an unpacked pack.
const MOST: u32 = 4;

/// A few read-only connections, opened as they are needed.
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Reader>>,
    permits: Arc<Semaphore>,
    pub(super) damage: Arc<Damage>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        let permits = Arc::new(Semaphore::new(MOST as usize));
        Self { path: path.to_owned(), idle: Mutex::default(), permits, damage: Arc::default() }
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
        idle.map_or_else(|| Reader::open(&self.path, Arc::clone(&self.damage)), Ok)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Reader>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection and what it has read of the words.
pub(super) struct Reader {
    pub(super) connection: Connection,
    pub(super) words: Reading,
    pub(super) damage: Arc<Damage>,
}

impl Reader {
    fn open(path: &Path, damage: Arc<Damage>) -> Result<Self, Fault> {
        Ok(Self { connection: connection::open_reader(path)?, words: Reading::default(), damage })
    }

    /// A page of a gateway's rows and how many there are in all, as of one moment.
    pub(super) fn list(&mut self, query: &LogQuery) -> Result<LogPage, Fault> {
        self.page(query, |rows, id| rows.get(id))
    }

    /// The same with everything of each row.
    pub(super) fn list_whole(&mut self, query: &LogQuery) -> Result<LogPage, Fault> {
        self.page(query, |rows, id| rows.whole(id))
    }

    fn page(
        &mut self,
        query: &LogQuery,
        read: impl Fn(&mut Rows<'_>, LogId) -> Result<Option<StoredLog>, Fault>,
    ) -> Result<LogPage, Fault> {
        let Self { connection, words, damage } = self;
        let transaction = connection.transaction()?;
        let (account, gateway) = (&query.account, &query.gateway);
        let Some(known) = gateways::read(&transaction, account, gateway)? else {
            return Ok(LogPage { rows: Vec::new(), total: 0 });
        };
        let number = known.number;
        let mut rows = Rows { connection: &transaction, words, account, gateway, number };
        let (ids, total) = find(damage, known, &mut rows, query)?;
        let rows = ids.into_iter().filter_map(|id| read(&mut rows, id).transpose());
        Ok(LogPage { rows: rows.collect::<Result<_, _>>()?, total })
    }

    /// The number of a gateway, and the ids of a page of its rows.
    pub(super) fn select(&mut self, query: &LogQuery) -> Result<Option<(i64, Vec<LogId>)>, Fault> {
        let Self { connection, words, damage } = self;
        let transaction = connection.transaction()?;
        let (account, gateway) = (&query.account, &query.gateway);
        let Some(known) = gateways::read(&transaction, account, gateway)? else {
            return Ok(None);
        };
        let number = known.number;
        let mut rows = Rows { connection: &transaction, words, account, gateway, number };
        let (ids, _) = find(damage, known, &mut rows, query)?;
        Ok(Some((number, ids)))
    }

    /// Figures over a gateway's rows.
    pub(super) fn summarise(
        &mut self,
        account: &AccountId,
        gateway: &GatewayId,
        filter: &LogFilter,
    ) -> Result<LogSummary, Fault> {
        let Self { connection, words, damage } = self;
        let transaction = connection.transaction()?;
        let Some(known) = gateways::read(&transaction, account, gateway)? else {
            return Ok(LogSummary::default());
        };
        let number = known.number;
        let mut rows = Rows { connection: &transaction, words, account, gateway, number };
        damage.or_rows(
            known,
            &mut rows,
            |connection, number| query::summarise(connection, number, filter),
            |rows| rows.summarise(filter),
        )
    }

    /// What is known of a gateway, or `None` when nothing was ever written for it.
    pub(super) fn gateway(
        &self,
        account: &AccountId,
        gateway: &GatewayId,
    ) -> Result<Option<Stored>, Fault> {
        gateways::read(&self.connection, account, gateway)
    }

    /// Numbers of the gateways whose deletion is under way.
    pub(super) fn detached(&self) -> Result<Vec<i64>, Fault> {
        gateways::detached(&self.connection)
    }

    /// How many rows each gateway of an account has.
    pub(super) fn sizes(&self, account: &AccountId) -> Result<Vec<(GatewayId, u64)>, Fault> {
        let gateways = gateways::of_account(&self.connection, account)?;
        Ok(gateways.into_iter().map(|(gateway, stored)| (gateway, stored.rows)).collect())
    }

    /// The oldest ids of a gateway.
    pub(super) fn oldest(&self, number: i64, limit: u32) -> Result<Vec<LogId>, Fault> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT id FROM logs WHERE gateway_ref = ? ORDER BY id LIMIT ?")?;
        let ids = statement
            .query_map(params![number, limit], |row| Ok(LogId::from_bytes(row.get(0)?)))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }

    /// One row.
    pub(super) fn get(
        &mut self,
        account: &AccountId,
        gateway: &GatewayId,
        id: LogId,
    ) -> Result<Option<StoredLog>, Fault> {
        let Self { connection, words, .. } = self;
        let Some(Stored { number, .. }) = gateways::read(connection, account, gateway)? else {
            return Ok(None);
        };
        Rows { connection, words, account, gateway, number }.whole(id)
    }

    /// One body of a row.
    pub(super) fn body(
        &self,
        account: &AccountId,
        gateway: &GatewayId,
        id: LogId,
        side: Side,
        limit: Option<usize>,
    ) -> Result<Option<Vec<u8>>, Fault> {
        let connection = &self.connection;
        let Some(Stored { number, .. }) = gateways::read(connection, account, gateway)? else {
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
            .query_row(params![number, id.as_bytes().as_slice()], |row| {
                Ok((row.get::<_, Option<i64>>(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        match place {
            Some((_, Some(_), Some(0_u32))) => Ok(Some(Vec::new())),
            Some((Some(pack), Some(offset), Some(length))) => {
                let offset: u32 = offset;
                let length = (length as usize).min(limit.unwrap_or(usize::MAX));
                pack::read(connection, pack, offset as usize, length)
            }
            _ => Ok(None),
        }
    }
}

/// The ids of a page, and how many rows match in all.
fn find(
    damage: &Damage,
    gateway: Stored,
    rows: &mut Rows<'_>,
    query: &LogQuery,
) -> Result<(Vec<LogId>, u64), Fault> {
    damage.or_rows(
        gateway,
        rows,
        |connection, number| query::select(connection, number, query),
        |rows| rows.select(query),
    )
}
