//! Stored provider keys: secrets, the stores they lie in, and the configurations that use them
//! (spec: management-api 6, data-plane 2.5).

mod places;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::id::{AccountId, GatewayId};
use crate::vault::Sealed;

pub use self::places::{PlaceRefused, SecretPlaces};

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
    /// The value lies elsewhere; what is sealed is empty.
    #[serde(default)]
    pub reference: Option<SecretReference>,
    /// Creation time.
    pub created: Timestamp,
    /// Last change.
    pub modified: Timestamp,
}

/// Where a value lies that is not stored here. Resolved when it is used. Which places may be named
/// is the operator's to say: whoever may store keys may not read all of the machine.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum SecretReference {
    /// `env:NAME`: a variable of the environment.
    Environment(Box<str>),
    /// `file:/path`: a file, without the line break at its end.
    File(Box<str>),
    /// `vault:mount/path#field`: a field of a secret in a Vault-compatible KV store, version 2.
    Vault {
        /// Mount and path below it.
        path: Box<str>,
        /// Field of the secret.
        field: Box<str>,
    },
}

impl SecretReference {
    /// Reads the written form.
    ///
    /// # Errors
    ///
    /// What it must be, to be put behind the field's name.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const FORMS: &str = "must be env:NAME, file:/path or vault:mount/path#field";
        let (scheme, rest) = text.split_once(':').ok_or(FORMS)?;
        match scheme {
            "env" if !rest.is_empty() && !rest.contains('=') => Ok(Self::Environment(rest.into())),
            "file" if rest.starts_with('/') => Ok(Self::File(rest.into())),
            "vault" => match rest.split_once('#') {
                Some((path, field)) if path.contains('/') && !field.is_empty() => {
                    Ok(Self::Vault { path: path.trim_matches('/').into(), field: field.into() })
                }
                _ => Err(FORMS),
            },
            _ => Err(FORMS),
        }
    }
}

impl TryFrom<String> for SecretReference {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<SecretReference> for String {
    fn from(reference: SecretReference) -> Self {
        reference.to_string()
    }
}

impl fmt::Display for SecretReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{path}"),
            Self::Vault { path, field } => write!(f, "vault:{path}#{field}"),
        }
    }
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
    /// Alias of the key that this one stands beside: calls for that alias are shared among all of
    /// them. `None` means its own alias.
    #[serde(default)]
    pub pool: Option<String>,
    /// Its share of a pool's calls; `None` is 1, 0 means that it is used when no other can be.
    #[serde(default)]
    pub weight: Option<u32>,
    /// The origin it may be sent to, e.g. `https://api.openai.com`, as of when it was stored. `None`
    /// for keys stored before that was kept, and for providers whose host calls name.
    #[serde(default)]
    pub origin: Option<String>,
    /// Creation time.
    pub created_at: Timestamp,
    /// Last change.
    pub modified_at: Timestamp,
}

impl ProviderConfig {
    /// The alias of the pool that it stands in, its own unless it joined another's.
    pub fn pool(&self) -> &str {
        self.pool.as_deref().unwrap_or(&self.alias)
    }

    /// Its share of its pool's calls.
    pub fn share(&self) -> u32 {
        self.weight.unwrap_or(1)
    }

    /// Calls it may make, and the seconds in which; `None` when there is no limit.
    pub fn limit(&self) -> Option<(u64, u64)> {
        let calls = self.rate_limit.filter(|calls| *calls > 0)?;
        let seconds = self.rate_limit_period.filter(|seconds| *seconds > 0);
        Some((calls, seconds.unwrap_or(Self::DEFAULT_PERIOD)))
    }

    /// Seconds of a limit that names none (spec: management-api 6).
    pub const DEFAULT_PERIOD: u64 = 60;
}
