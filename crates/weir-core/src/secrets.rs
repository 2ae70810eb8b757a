//! Stored provider keys: secrets, the stores they lie in, and the configurations that use them
//! (spec: management-api 6, data-plane 2.5).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::id::{AccountId, GatewayId};
use crate::vault::Sealed;

/// Alias of a provider configuration when the caller names none.
pub const DEFAULT_ALIAS: &str = "default";

/// A named collection of secrets.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SecretsStore {
    /// 32 hex digits.
    pub id: Arc<str>,
    /// Whose it is.
    pub account_id: AccountId,
    /// Unique in the account.
    pub name: String,
    /// Creation time.
    pub created: Timestamp,
    /// Last change.
    pub modified: Timestamp,
}

/// A secret. Its value is sealed, here as in the store: who uses it opens it with the
/// [`crate::vault::Vault`], for purpose [`StoredSecret::purpose`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredSecret {
    /// 32 hex digits.
    pub id: Arc<str>,
    /// Whose it is.
    pub account_id: AccountId,
    /// The store it lies in.
    pub store_id: Arc<str>,
    /// Unique in its store.
    pub name: String,
    /// What it may be used for, e.g. `ai_gateway`.
    pub scopes: Vec<String>,
    /// Note for people.
    pub comment: Option<String>,
    /// The value, sealed.
    pub sealed: Sealed,
    /// What of the value may be shown.
    pub preview: String,
    /// Creation time.
    pub created: Timestamp,
    /// Last change.
    pub modified: Timestamp,
}

impl StoredSecret {
    /// What its value is sealed for.
    pub fn purpose(id: &str) -> String {
        format!("secret/{id}")
    }
}

/// A stored key of a gateway for a provider.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProviderConfig {
    /// A UUID.
    pub id: Arc<str>,
    /// Whose it is.
    pub account_id: AccountId,
    /// The gateway that may use it.
    pub gateway_id: GatewayId,
    /// The provider it is for; with `alias` unique in the gateway.
    pub provider_slug: String,
    /// Which of the provider's keys it is; `default` when none was named.
    pub alias: String,
    /// Used when a request names no alias.
    pub default_config: bool,
    /// The secret that holds the key.
    pub secret_id: Arc<str>,
    /// The secret was made together with this configuration, and goes away with it.
    #[serde(default)]
    pub owns_secret: bool,
    /// Calls it may make in each period; `None` or 0 means no limit.
    pub rate_limit: Option<u64>,
    /// Length of that period in seconds.
    pub rate_limit_period: Option<u64>,
    /// Creation time.
    pub created_at: Timestamp,
    /// Last change.
    pub modified_at: Timestamp,
}
