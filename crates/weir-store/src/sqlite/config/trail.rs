//! Reading the audit trail beside everything else.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;
use weir_core::audit::{AuditPage, AuditQuery};
use weir_core::store::StoreResult;

use super::audit;
use super::file::{Locking, begin};
use crate::sqlite::connection;
use crate::sqlite::fault::Fault;

/// The trail for readers: a connection of its own, so that a long list holds no change up, and one
/// list at a time, so that many of them do not take every thread that may block.
pub(super) struct Trail {
    reader: Arc<Reader>,
    turn: Semaphore,
}

struct Reader {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl Trail {
    /// Opens a file that exists.
    pub(super) fn open(path: &Path) -> StoreResult<Self> {
        let connection = connection::open_reader(path).map_err(|fault| fault.at(path))?;
        let reader = Reader { path: path.to_owned(), connection: Mutex::new(connection) };
        Ok(Self { reader: Arc::new(reader), turn: Semaphore::new(1) })
    }

    /// A page of records.
    pub(super) async fn list(&self, query: AuditQuery) -> StoreResult<AuditPage> {
        // Closed never.
        let _turn = self.turn.acquire().await;
        let reader = Arc::clone(&self.reader);
        let task = tokio::task::spawn_blocking(move || {
            let mut connection = reader.connection.lock().unwrap_or_else(PoisonError::into_inner);
            let mut read = || {
                let transaction = begin(&mut connection, Locking::Read)?;
                audit::list(&transaction, &query)
            };
            read().map_err(|fault: Fault| fault.at(&reader.path))
        });
        // Fails only when the runtime is going down.
        task.await.unwrap_or_else(|_| Err(Fault::Closed.at(&self.reader.path)))
    }
}
