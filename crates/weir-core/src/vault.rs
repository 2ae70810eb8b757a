//! Sealing of secrets at rest.

use std::fmt;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::credential::Secret;
use crate::id::AccountId;
use crate::store::StoreResult;

/// A sealed secret: ciphertext together with what is needed to open it, keys excepted. Only a
/// [`Vault`] can make sense of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealed]")
    }
}

impl Serialize for Sealed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Sealed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        STANDARD.decode(&*text).map(Self).map_err(serde::de::Error::custom)
    }
}

/// Seals and opens. What was sealed for one purpose does not open for another: account and purpose
/// are bound into the ciphertext.
#[async_trait]
pub trait Vault: Send + Sync {
    /// Seals `clear` for `account`; `purpose` names the one object it belongs to, e.g.
    /// `secret/<id>`.
    async fn seal(
        &self,
        account: &AccountId,
        purpose: &str,
        clear: &Secret<Vec<u8>>,
    ) -> StoreResult<Sealed>;
    /// Opens what [`Vault::seal`] gave for the same account and purpose.
    async fn open(
        &self,
        account: &AccountId,
        purpose: &str,
        sealed: &Sealed,
    ) -> StoreResult<Secret<Vec<u8>>>;
}
