//! What stands in for the stores during a rehearsal.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use weir_core::analytics::{AnalyticsQuery, AnalyticsRow};
use weir_core::audit::{AuditPage, AuditQuery, AuditRecord};
use weir_core::config::{Commit, Configuration};
use weir_core::log::Side;
use weir_core::log_filter::LogFilter;
use weir_core::store::{
    Appended, ConfigStore, LogBatch, LogCap, LogPage, LogPatch, LogQuery, LogStore, LogSummary,
    Repricing, StoreError, StoreResult, StoredLog,
};
use weir_core::vault::{Sealed, Vault};
use weir_core::{AccountId, GatewayId, LogId, Secret};

/// A configuration in memory.
pub(super) struct MemoryStore(Mutex<Configuration>);

impl MemoryStore {
    pub(super) const fn new(configuration: Configuration) -> Self {
        Self(Mutex::new(configuration))
    }

    fn with<T>(&self, look: impl FnOnce(&mut Configuration) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Audit records of a rehearsal are dropped: those of the change that follows it count.
#[async_trait]
impl ConfigStore for MemoryStore {
    async fn load(&self) -> StoreResult<Configuration> {
        Ok(self.with(|present| present.clone()))
    }

    async fn generation(&self) -> StoreResult<u64> {
        Ok(self.with(|present| present.generation))
    }

    async fn commit(&self, commit: &Commit) -> StoreResult<u64> {
        self.with(|present| {
            if present.generation != commit.base {
                return Err(StoreError::Conflict);
            }
            *present = present.with(&commit.changes, commit.base + 1);
            Ok(present.generation)
        })
    }

    async fn record(&self, _: &AuditRecord) -> StoreResult<()> {
        Ok(())
    }

    async fn audit(&self, _: &AuditQuery) -> StoreResult<AuditPage> {
        Err(absent())
    }
}

/// There are no logs in a rehearsal, so there is nothing to delete of a gateway either.
pub(super) struct NoLogs;

#[async_trait]
impl LogStore for NoLogs {
    async fn append(&self, _: Arc<LogBatch>) -> StoreResult<Appended> {
        Err(absent())
    }

    async fn list(&self, _: &LogQuery) -> StoreResult<LogPage> {
        Err(absent())
    }

    async fn summarise(
        &self,
        _: &AccountId,
        _: &GatewayId,
        _: &LogFilter,
    ) -> StoreResult<LogSummary> {
        Err(absent())
    }

    async fn get(&self, _: &AccountId, _: &GatewayId, _: LogId) -> StoreResult<Option<StoredLog>> {
        Err(absent())
    }

    async fn body(
        &self,
        _: &AccountId,
        _: &GatewayId,
        _: LogId,
        _: Side,
        _: Option<usize>,
    ) -> StoreResult<Option<Vec<u8>>> {
        Err(absent())
    }

    async fn patch(
        &self,
        _: &AccountId,
        _: &GatewayId,
        _: LogId,
        _: &LogPatch,
    ) -> StoreResult<bool> {
        Err(absent())
    }

    async fn reprice(&self, _: &AccountId, _: &GatewayId, _: &[Repricing]) -> StoreResult<u64> {
        Err(absent())
    }

    async fn delete(&self, _: &LogQuery) -> StoreResult<u64> {
        Err(absent())
    }

    async fn delete_gateway(&self, _: &AccountId, _: &GatewayId) -> StoreResult<u64> {
        Ok(0)
    }

    async fn set_caps(&self, _: Vec<LogCap>) -> StoreResult<()> {
        Err(absent())
    }

    async fn enforce_caps(&self) -> StoreResult<u64> {
        Err(absent())
    }

    async fn analyse(&self, _: &AnalyticsQuery) -> StoreResult<Vec<AnalyticsRow>> {
        Err(absent())
    }

    async fn sizes(&self, _: &AccountId) -> StoreResult<Vec<(GatewayId, u64)>> {
        Err(absent())
    }

    async fn close(&self) -> StoreResult<()> {
        Ok(())
    }
}

/// No document holds a secret to seal.
pub(super) struct NoVault;

#[async_trait]
impl Vault for NoVault {
    async fn seal(&self, _: &AccountId, _: &str, _: &Secret<Vec<u8>>) -> StoreResult<Sealed> {
        Err(absent())
    }

    async fn open(&self, _: &AccountId, _: &str, _: &Sealed) -> StoreResult<Secret<Vec<u8>>> {
        Err(absent())
    }
}

fn absent() -> StoreError {
    StoreError::Other("logs and secrets are no part of a rehearsal".into())
}
