//! Reading answers, beside the writer.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension as _, params};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use weir_core::cache::{CacheKey, CachedAnswer};
use weir_core::store::StoreResult;

use super::row;
use crate::sqlite::connection;
use crate::sqlite::fault::Fault;

/// Reads at a time; more wait. Each may hold an answer that no budget counts yet.
const MOST: u32 = 4;

/// A few read-only connections, opened as they are needed.
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        let permits = Arc::new(Semaphore::new(MOST as usize));
        Self { path: path.to_owned(), idle: Mutex::default(), permits }
    }

    /// Leave to read, when it is one's turn; `None` once this is closed.
    pub(super) async fn permit(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.permits).acquire_owned().await.ok()
    }

    /// The answer of a key and number, expired or not, read on a thread that may block.
    pub(super) async fn read(
        self: &Arc<Self>,
        permit: OwnedSemaphorePermit,
        key: CacheKey,
        number: i64,
    ) -> StoreResult<Option<CachedAnswer>> {
        let readers = Arc::clone(self);
        let task = tokio::task::spawn_blocking(move || {
            // Held by the work itself, not by whoever waits for it and may give up.
            let _permit = permit;
            let result = readers.borrow().and_then(|connection| {
                let answer = read(&connection, &key, number)?;
                // Not reached after a failure: the next read then starts afresh.
                readers.idle().push(connection);
                Ok(answer)
            });
            result.map_err(|fault| fault.at(&readers.path))
        });
        task.await.unwrap_or_else(|_| Err(Fault::Closed.at(&self.path)))
    }

    /// Waits for reads under way, closes the connections and refuses further reads.
    pub(super) async fn close(&self) {
        let all = self.permits.acquire_many(MOST).await;
        self.permits.close();
        drop(all);
        self.idle().clear();
    }

    fn borrow(&self) -> Result<Connection, Fault> {
        let idle = self.idle().pop();
        idle.map_or_else(|| connection::open_reader(&self.path), Ok)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(
    connection: &Connection,
    key: &CacheKey,
    number: i64,
) -> Result<Option<CachedAnswer>, Fault> {
    let sql = "SELECT expires_at, checksum, head, body FROM answers WHERE number = ? AND key = ?";
    let found = connection
        .prepare_cached(sql)?
        .query_row(params![number, key.0], |row| {
            let head: Vec<u8> = row.get(2)?;
            Ok((row.get(0)?, row.get(1)?, head, row.get(3)?))
        })
        .optional()?;
    found
        .map(|(expires_at, checked, head, body)| row::answer(expires_at, checked, &head, body))
        .transpose()
}
