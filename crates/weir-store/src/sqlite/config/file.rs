//! The file, its connection and its keys.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use weir_core::store::StoreResult;

use super::{data_keys, upgrade};
use crate::sqlite::fault::Fault;
use crate::sqlite::{connection, migrate};
use crate::vault::{KeyPlace, Keyring, MasterKeys};

/// What this file is told beyond what every file is.
///
/// A commit is on the disk when it returns (`synchronous`): commits are rare, and after the
/// exchange of a master key the former one is thrown away. What is deleted or replaced is
/// overwritten with zeros. Temporary tables stay in memory, so that `VACUUM` and sorting leave
/// nothing in a folder of the system.
const SETTINGS: &str = "
    PRAGMA synchronous = FULL;
    PRAGMA secure_delete = ON;
    PRAGMA temp_store = MEMORY;
";

/// Whether an operation writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Locking {
    /// Sees one state of the file.
    Read,
    /// Takes the write lock first, so that what it reads holds until it commits.
    Write,
}

/// One connection behind a lock that is taken on blocking threads only.
pub(super) struct File {
    path: PathBuf,
    connection: Mutex<Connection>,
    pub(super) keyring: Keyring,
}

impl File {
    pub(super) fn open(path: &Path, place: KeyPlace) -> StoreResult<Self> {
        let opened = || {
            let mut connection = open_connection(path)?;
            let keyring = unlock(&mut connection, place)?;
            upgrade::seal_clear_bodies(&mut connection, &keyring, path)?;
            Ok((connection, keyring))
        };
        let (connection, keyring) = opened().map_err(|fault: Fault| fault.at(path))?;
        Ok(Self { path: path.to_owned(), connection: Mutex::new(connection), keyring })
    }

    /// Runs `operation` in a transaction, on a thread that may block.
    pub(super) async fn transact<T: Send + 'static>(
        self: &Arc<Self>,
        locking: Locking,
        operation: impl FnOnce(&Transaction<'_>, &Keyring) -> Result<T, Fault> + Send + 'static,
    ) -> StoreResult<T> {
        let file = Arc::clone(self);
        let task = tokio::task::spawn_blocking(move || {
            let run = || {
                let mut connection = file.connection();
                let transaction = begin(&mut connection, locking)?;
                let output = operation(&transaction, &file.keyring)?;
                transaction.commit()?;
                Ok(output)
            };
            run().map_err(|fault: Fault| fault.at(&file.path))
        });
        // Fails only when the runtime is going down.
        task.await.unwrap_or_else(|_| Err(Fault::Closed.at(&self.path)))
    }

    /// The connection, for this thread alone. Blocks.
    pub(super) fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic while the lock was held has rolled its transaction back.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Names the file in an error.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// Opens the file, creating it if need be, with its tables up to date.
pub(super) fn open_connection(path: &Path) -> Result<Connection, Fault> {
    let mut connection = connection::open_writer(path)?;
    connection.execute_batch(SETTINGS)?;
    migrate::run(&mut connection, migrate::CONFIG)?;
    Ok(connection)
}

/// Begins a transaction; it is rolled back unless it is committed.
pub(super) fn begin(
    connection: &mut Connection,
    locking: Locking,
) -> Result<Transaction<'_>, Fault> {
    let behavior = match locking {
        Locking::Read => TransactionBehavior::Deferred,
        Locking::Write => TransactionBehavior::Immediate,
    };
    Ok(connection.transaction_with_behavior(behavior)?)
}

/// Finds the master keys, or makes the first one, and tries them on every data key.
///
/// Key files are made and exchanged only under the write lock of this file, so of two processes
/// that start together one makes the key and the other finds it.
fn unlock(connection: &mut Connection, place: KeyPlace) -> Result<Keyring, Fault> {
    let transaction = begin(connection, Locking::Write)?;
    let masters = read_keys(&transaction, &place)?;
    let keyring = Keyring::new(place, masters);
    for key in data_keys::all(&transaction)? {
        keyring.unwrap(&key)?;
    }
    transaction.commit()?;
    Ok(keyring)
}

/// The master keys: all that are needed, or a first one where nothing is sealed yet.
pub(super) fn read_keys(connection: &Connection, place: &KeyPlace) -> Result<MasterKeys, Fault> {
    let masters = place.read()?;
    data_keys::check_masters(connection, place, masters.as_ref())?;
    match masters {
        Some(masters) => Ok(masters),
        None => Ok(place.generate()?),
    }
}

/// The number of the present state.
pub(super) fn generation(connection: &Connection) -> Result<u64, Fault> {
    let mut statement =
        connection.prepare_cached("SELECT value FROM meta WHERE name = 'generation'")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// Tells other processes that there is something new; returns the new number.
pub(super) fn raise_generation(connection: &Connection) -> Result<u64, Fault> {
    let sql = "UPDATE meta SET value = value + 1 WHERE name = 'generation' RETURNING value";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}
