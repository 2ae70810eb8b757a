//! Stored keys, opened once and kept in memory for as long as they do not change.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use weir_core::secrets::{ProviderConfig, StoredSecret};
use weir_core::vault::Vault;
use weir_core::{Error, Kind, Secret, Snapshot, Timestamp};
use weir_llm::auth::google_jwt::TokenUri;
use weir_llm::auth::stored::{ProviderCredential, read};

/// Opened keys at most; beyond it all are opened anew.
const MOST: usize = 10_000;

/// What a key was opened from: the secret, its state, and whose key it was read as.
type State = (Arc<str>, Timestamp, Box<str>);

/// Opens stored keys.
pub(crate) struct StoredKeys {
    vault: Arc<dyn Vault>,
    /// Key files may name other hosts than Google's for the exchange of tokens.
    pub(crate) token_uri: TokenUri,
    open: RwLock<HashMap<State, Arc<ProviderCredential>>>,
}

impl StoredKeys {
    pub(crate) fn new(vault: Arc<dyn Vault>, token_uri: TokenUri) -> Self {
        Self { vault, token_uri, open: RwLock::default() }
    }

    /// The credential of a key of `provider`. A rotated secret has another state, so it is opened at
    /// its first use; a deleted one is in no snapshot.
    pub(crate) async fn open(
        &self,
        snapshot: &Snapshot,
        key: &ProviderConfig,
        provider: &str,
    ) -> Result<Arc<ProviderCredential>, Error> {
        let secret = snapshot
            .configuration()
            .get::<StoredSecret>(&key.account_id, &key.secret_id)
            .ok_or_else(|| broken("its secret does not exist any more"))?;
        let state = (Arc::clone(&secret.id), secret.modified, provider.into());
        let known = self.open.read().unwrap_or_else(PoisonError::into_inner).get(&state).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let purpose = StoredSecret::purpose(&secret.id);
        let clear = self
            .vault
            .open(&key.account_id, &purpose, &secret.sealed)
            .await
            .map_err(|error| broken("its secret cannot be opened").because(error))?;
        let text = String::from_utf8(clear.expose().clone()).map(Secret::new);
        let text = text.map_err(|_| broken("its secret is no text"))?;
        let credential = read(provider, &text, self.token_uri).map_err(super::unusable)?;
        let credential = Arc::new(credential);
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= MOST {
            open.clear();
        }
        open.retain(|(id, ..), _| **id != *secret.id);
        open.insert(state, Arc::clone(&credential));
        Ok(credential)
    }
}

fn broken(reason: &'static str) -> Error {
    Error::new(Kind::Unavailable, "The stored key cannot be used").with_hint(reason)
}
