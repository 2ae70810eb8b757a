//! Provider keys that nobody asks a provider about.

use std::sync::Arc;

use async_trait::async_trait;
use weir_core::Snapshot;
use weir_core::keys::{KeyStatus, KeyTest, NotTested, ProviderKeys};
use weir_core::secrets::{ProviderConfig, StoredSecret};

/// All of them fare well.
pub(super) struct FakeKeys;

#[async_trait]
impl ProviderKeys for FakeKeys {
    fn status(&self, _: &ProviderConfig, _: &StoredSecret) -> KeyStatus {
        KeyStatus::default()
    }

    async fn test(&self, _: Arc<Snapshot>, _: &ProviderConfig) -> Result<KeyTest, NotTested> {
        let message = "it is taken".to_owned();
        Ok(KeyTest { ok: Some(true), status: Some(200), message, latency_ms: 1 })
    }
}
