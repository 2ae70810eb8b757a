//! `config.db`: everything operators made, as objects; who made it; and the keys that seal what of
//! it is secret.
//!
//! The body of an object is its serde form. For kinds that may hold credentials
//! ([`weir_core::config::ObjectKind::holds_secrets`]) it is sealed as a whole, so that neither the
//! file nor its write-ahead log shows one; the file's mode is the second lock, not the only one.

mod audit;
mod data_keys;
mod file;
mod objects;
mod rotate;
mod sealing;
mod trail;
mod upgrade;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use weir_core::audit::{AuditPage, AuditQuery, AuditRecord};
use weir_core::config::{Change, Commit, Configuration};
use weir_core::store::{ConfigStore, StoreResult};

use super::fault::Fault;
use crate::vault::KeyPlace;
pub(crate) use data_keys::master_key_ids;
use file::{File, Locking};
pub(crate) use rotate::rotate;
pub use rotate::{ReSeal, Rotated};
pub(super) use sealing::SqliteVault;
use trail::Trail;

/// The configuration store on SQLite. The data plane lives on snapshots, so reads are rare and
/// small, and one connection is enough; but for the audit trail, which grows.
pub(super) struct SqliteConfigStore {
    file: Arc<File>,
    trail: Trail,
}

impl SqliteConfigStore {
    /// Opens the file and brings its tables up to date. A damaged file is an error: it is the only
    /// copy of what the operator made, so nothing is done about it unasked.
    pub(super) fn open(path: &Path, place: KeyPlace) -> StoreResult<Self> {
        let file = Arc::new(File::open(path, place)?);
        Ok(Self { file, trail: Trail::open(path)? })
    }

    /// The vault whose keys lie in the same file.
    pub(super) fn vault(&self) -> SqliteVault {
        SqliteVault::new(Arc::clone(&self.file))
    }
}

#[async_trait]
impl ConfigStore for SqliteConfigStore {
    async fn load(&self) -> StoreResult<Configuration> {
        self.file.transact(Locking::Read, objects::load).await
    }

    async fn generation(&self) -> StoreResult<u64> {
        self.file.transact(Locking::Read, |transaction, _| file::generation(transaction)).await
    }

    async fn commit(&self, commit: &Commit) -> StoreResult<u64> {
        let commit = commit.clone();
        let write = move |transaction: &rusqlite::Transaction<'_>, keyring: &_| {
            if file::generation(transaction)? != commit.base {
                return Err(Fault::Conflict);
            }
            for change in &commit.changes {
                match change {
                    Change::Put(object) => objects::put(transaction, keyring, object)?,
                    Change::Delete(key) => objects::delete(transaction, key)?,
                }
            }
            for record in &commit.audit {
                audit::insert(transaction, record)?;
            }
            file::raise_generation(transaction)
        };
        self.file.transact(Locking::Write, write).await
    }

    async fn record(&self, record: &AuditRecord) -> StoreResult<()> {
        let record = record.clone();
        let write = move |transaction: &rusqlite::Transaction<'_>, _: &_| {
            audit::insert(transaction, &record)
        };
        self.file.transact(Locking::Write, write).await
    }

    async fn audit(&self, query: &AuditQuery) -> StoreResult<AuditPage> {
        self.trail.list(query.clone()).await
    }
}

#[cfg(test)]
mod tests;
