//! What the management API asks the data plane about provider keys: how they fare, and whether a
//! provider takes them. The two know each other by this trait alone.

use std::sync::Arc;

use async_trait::async_trait;
use serde::Serialize;

use crate::Snapshot;
use crate::clock::Timestamp;
use crate::secrets::{ProviderConfig, StoredSecret};

/// How a key fares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct KeyStatus {
    /// Whether it is used as any other.
    pub state: KeyState,
    /// When it is, again.
    pub until: Option<Timestamp>,
    /// What the provider said, e.g. `status 429`. Never the key.
    pub reason: Option<Box<str>>,
}

/// Whether a key is used as any other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyState {
    /// It is.
    #[default]
    Ok,
    /// Its provider refused it: other keys of its pool go first.
    Cooling,
}

/// What came of testing a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyTest {
    /// Whether the provider takes it; `None` when its answer does not tell.
    pub ok: Option<bool>,
    /// The provider's status; none when it gave no answer.
    pub status: Option<u16>,
    /// The same for people. Never holds the key.
    pub message: String,
    /// Milliseconds until the head of the answer was there.
    pub latency_ms: u64,
}

/// Why a key was not tested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotTested {
    /// It was tested too often in the last minute.
    TooOften,
    /// There is no call that would tell at little cost; the text says which provider.
    NoCheck(String),
}

/// The provider keys as the data plane knows them.
#[async_trait]
pub trait ProviderKeys: Send + Sync {
    /// How a key fares. Does not wait.
    fn status(&self, key: &ProviderConfig, secret: &StoredSecret) -> KeyStatus;

    /// Makes a cheap call with a key, where the provider has one.
    ///
    /// # Errors
    ///
    /// Why no call was made. A call that fails is no error here.
    async fn test(
        &self,
        snapshot: Arc<Snapshot>,
        key: &ProviderConfig,
    ) -> Result<KeyTest, NotTested>;
}
