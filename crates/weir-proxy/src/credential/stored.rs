//! Stored keys, opened once and kept in memory for as long as they do not change.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use weir_core::secrets::{ProviderConfig, SecretReference, StoredSecret};
use weir_core::vault::Vault;
use weir_core::{Error, Kind, Secret, Snapshot, Timestamp};
use weir_llm::auth::google_jwt::TokenUri;
use weir_llm::auth::stored::{ProviderCredential, read};

use crate::plane::Shared;

/// Opened keys at most; beyond it all are opened anew.
const MOST: usize = 10_000;

/// What a key was opened from: the secret, its state, and whose key it was read as. The state of what
/// lies elsewhere is the version that was found there.
type State = (Arc<str>, Timestamp, u64, Box<str>);

/// Opens stored keys.
pub(crate) struct StoredKeys {
    vault: Arc<dyn Vault>,
    /// Key files may name other hosts than Google's for the exchange of tokens.
    pub(crate) token_uri: TokenUri,
    open: RwLock<HashMap<State, Arc<ProviderCredential>>>,
    /// Versions of what was found elsewhere.
    versions: RwLock<HashMap<Arc<str>, u64>>,
}

impl StoredKeys {
    pub(crate) fn new(vault: Arc<dyn Vault>, token_uri: TokenUri) -> Self {
        Self { vault, token_uri, open: RwLock::default(), versions: RwLock::default() }
    }

    /// The credential of a key of `provider`. A rotated secret has another state, so it is opened at
    /// its first use; a deleted one is in no snapshot.
    pub(crate) async fn open(
        &self,
        shared: &Shared,
        snapshot: &Snapshot,
        key: &ProviderConfig,
        provider: &str,
    ) -> Result<Arc<ProviderCredential>, Error> {
        let secret = snapshot
            .configuration()
            .get::<StoredSecret>(&key.account_id, &key.secret_id)
            .ok_or_else(|| broken("its secret does not exist any more"))?;
        if let Some(reference) = &secret.reference {
            let places = &shared.references;
            places.permits(reference).map_err(|refused| {
                broken(&format!("the reference {reference}: {refused}")).because(refused)
            })?;
            let found = places.resolve(shared, reference).await?;
            self.renewed(shared, &secret.id, found.version);
            let state = (Arc::clone(&secret.id), secret.modified, found.version, provider.into());
            return self.read(state, provider, &found.text);
        }
        let state = (Arc::clone(&secret.id), secret.modified, 0, provider.into());
        if let Some(known) = self.known(&state) {
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
        self.read(state, provider, &text)
    }

    /// The credential that lies at a place which the operator named.
    pub(crate) async fn open_reference(
        &self,
        shared: &Shared,
        id: &Arc<str>,
        reference: &SecretReference,
        provider: &str,
    ) -> Result<Arc<ProviderCredential>, Error> {
        let found = shared.references.resolve(shared, reference).await?;
        self.renewed(shared, id, found.version);
        let state = (Arc::clone(id), Timestamp::from_millis(0), found.version, provider.into());
        self.read(state, provider, &found.text)
    }

    /// Forgets what a key has been through when another one lies in its place.
    fn renewed(&self, shared: &Shared, id: &Arc<str>, version: u64) {
        let known = self.versions.read().unwrap_or_else(PoisonError::into_inner);
        if known.get(id) == Some(&version) {
            return;
        }
        drop(known);
        let mut known = self.versions.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        if known.insert(Arc::clone(id), version).is_some() {
            shared.key_health.forget(id);
        }
    }

    fn known(&self, state: &State) -> Option<Arc<ProviderCredential>> {
        self.open.read().unwrap_or_else(PoisonError::into_inner).get(state).cloned()
    }

    fn read(
        &self,
        state: State,
        provider: &str,
        text: &Secret<String>,
    ) -> Result<Arc<ProviderCredential>, Error> {
        if let Some(known) = self.known(&state) {
            return Ok(known);
        }
        let credential = read(provider, text, self.token_uri).map_err(super::unusable)?;
        let credential = Arc::new(credential);
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= MOST {
            open.clear();
        }
        // Of a secret only its present state stays in memory.
        open.retain(|(id, modified, version, _), _| {
            **id != *state.0 || (*modified, *version) == (state.1, state.2)
        });
        open.insert(state, Arc::clone(&credential));
        Ok(credential)
    }

    /// Lets go of keys whose secret was rotated or deleted.
    pub(crate) fn sweep(&self, snapshot: &Snapshot) {
        let secrets: HashMap<&str, Timestamp> = snapshot
            .configuration()
            .secrets
            .iter()
            .map(|secret| (&*secret.id, secret.modified))
            .collect();
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        open.retain(|(id, modified, ..), _| {
            id.starts_with("platform/") || secrets.get(&**id) == Some(modified)
        });
    }
}

/// A key that is there and of no use.
pub(super) fn broken(reason: &str) -> Error {
    Error::new(Kind::Unavailable, "The stored key cannot be used")
        .with_hint(crate::diagnose::ascii(reason))
}
