//! A configuration store and a vault in memory.

use std::sync::Mutex;

use async_trait::async_trait;
use weir_core::audit::{AuditPage, AuditQuery, AuditRecord};
use weir_core::config::{Commit, Configuration};
use weir_core::store::{ConfigStore, StoreError, StoreResult};
use weir_core::vault::{Sealed, Vault};
use weir_core::{AccountId, Secret};

/// Everything behind one lock.
#[derive(Default)]
pub(crate) struct FakeConfig(Mutex<(Configuration, Vec<AuditRecord>)>);

impl FakeConfig {
    pub(crate) fn of(configuration: Configuration) -> Self {
        Self(Mutex::new((configuration, Vec::new())))
    }
}

#[async_trait]
impl ConfigStore for FakeConfig {
    async fn load(&self) -> StoreResult<Configuration> {
        Ok(self.0.lock().unwrap().0.clone())
    }

    async fn generation(&self) -> StoreResult<u64> {
        Ok(self.0.lock().unwrap().0.generation)
    }

    async fn commit(&self, commit: &Commit) -> StoreResult<u64> {
        let (configuration, trail) = &mut *self.0.lock().unwrap();
        if configuration.generation != commit.base {
            return Err(StoreError::Conflict);
        }
        *configuration = configuration.with(&commit.changes, commit.base + 1);
        trail.extend(commit.audit.iter().cloned());
        Ok(configuration.generation)
    }

    async fn record(&self, record: &AuditRecord) -> StoreResult<()> {
        self.0.lock().unwrap().1.push(record.clone());
        Ok(())
    }

    async fn audit(&self, query: &AuditQuery) -> StoreResult<AuditPage> {
        let trail = self.0.lock().unwrap().1.clone();
        let is = |wanted: &Option<String>, found: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == found)
        };
        let records: Vec<AuditRecord> = trail
            .into_iter()
            .rev()
            .filter(|record| record.account == query.account)
            .filter(|record| is(&query.gateway, record.gateway.as_deref().unwrap_or_default()))
            .filter(|record| query.action.is_none_or(|action| action == record.action))
            .filter(|record| is(&query.resource_type, &record.resource_type))
            .filter(|record| is(&query.resource_id, &record.resource_id))
            .filter(|record| is(&query.actor_id, &record.actor.id))
            .filter(|record| query.since.is_none_or(|since| since <= record.at))
            .filter(|record| query.until.is_none_or(|until| record.at <= until))
            .collect();
        let total = records.len() as u64;
        let offset = usize::try_from(query.offset).unwrap();
        let records = records.into_iter().skip(offset).take(query.limit as usize).collect();
        Ok(AuditPage { records, total })
    }
}

/// Seals by turning bits over and adding the purpose.
pub(crate) struct FakeVault;

#[async_trait]
impl Vault for FakeVault {
    async fn seal(
        &self,
        account: &AccountId,
        purpose: &str,
        clear: &Secret<Vec<u8>>,
    ) -> StoreResult<Sealed> {
        let mut sealed = format!("{account}|{purpose}|").into_bytes();
        sealed.extend(clear.expose().iter().map(|byte| !byte));
        Ok(Sealed(sealed))
    }

    async fn open(
        &self,
        account: &AccountId,
        purpose: &str,
        sealed: &Sealed,
    ) -> StoreResult<Secret<Vec<u8>>> {
        let prefix = format!("{account}|{purpose}|").into_bytes();
        match sealed.0.strip_prefix(prefix.as_slice()) {
            Some(rest) => Ok(Secret::new(rest.iter().map(|byte| !byte).collect())),
            None => Err(StoreError::Other("sealed for something else".into())),
        }
    }
}
