//! Keys that lie elsewhere: in the environment, in a file, in a KV store. Found when they are first
//! used and kept in memory. What may have changed is looked up again beside the calls, so that they
//! wait for it at most once.

mod entry;
mod file;
mod vault;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use weir_core::secrets::{PlaceRefused, SecretPlaces, SecretReference};
use weir_core::{Error, Secret};

use self::entry::{Entry, Held};
pub(crate) use self::vault::VAULT;
pub use self::vault::{VaultSettings, VaultToken};
use super::stored::broken;
use crate::metrics::ReferenceLabel;
use crate::plane::Shared;

/// References at most; beyond it all are forgotten.
const MOST: usize = 10_000;

/// A file is looked at again after so long.
const FILE_AGE: Duration = Duration::from_secs(30);

/// A value that could not be looked up again is used for so long after it should have been.
const STALE: Duration = Duration::from_secs(600);

/// After a failure the place is left alone for so long.
const PAUSE: Duration = Duration::from_secs(5);

/// What of keys that lie elsewhere is the operator's to say.
#[derive(Debug, Default)]
pub struct ReferenceSettings {
    /// Which places may be named.
    pub places: SecretPlaces,
    /// The variables that may be named, and those that the operator's own settings name.
    pub environment: HashMap<String, Secret<String>>,
    /// The KV store.
    pub vault: Option<VaultSettings>,
}

/// Finds keys that lie elsewhere.
pub(crate) struct References {
    settings: ReferenceSettings,
    entries: Mutex<HashMap<SecretReference, Arc<Entry>>>,
}

/// What was found.
#[derive(Clone)]
pub(crate) struct Found {
    pub(crate) text: Secret<String>,
    /// Another one when another text was found.
    pub(crate) version: u64,
}

/// Why nothing was found.
#[derive(Debug)]
pub(super) struct Missing {
    /// For people; never holds a part of a value.
    pub(super) reason: String,
    /// The place itself could not be asked: what was found before may still be right.
    pub(super) passing: bool,
}

impl Missing {
    fn gone(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), passing: false }
    }

    fn passing(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), passing: true }
    }
}

/// What a place gave, and for how long that is good.
struct Looked {
    text: Secret<String>,
    good_for: Duration,
}

impl References {
    pub(crate) fn new(settings: ReferenceSettings) -> Self {
        Self { settings, entries: Mutex::default() }
    }

    /// Whether the operator permits a place.
    pub(super) fn permits(&self, reference: &SecretReference) -> Result<(), PlaceRefused> {
        self.settings.places.check(reference)
    }

    /// The present value. Calls that find it missing together ask once.
    pub(super) async fn resolve(
        &self,
        shared: &Shared,
        reference: &SecretReference,
    ) -> Result<Found, Error> {
        if let SecretReference::Environment(name) = reference {
            let text = self.settings.environment.get(&**name).cloned();
            let text = text.ok_or_else(|| unusable(reference, "the variable is not set"))?;
            return Ok(Found { text, version: 1 });
        }
        let entry = self.entry(reference);
        let now = Instant::now();
        if let Some(held) = entry.held().filter(|held| self.is_good(reference, held, now)) {
            return Ok(held.found);
        }
        let _turn = entry.turn.lock().await;
        if let Some(held) = entry.held().filter(|held| held.good_until > Instant::now()) {
            return Ok(held.found);
        }
        self.renew(shared, reference, &entry).await.map_err(|reason| unusable(reference, &reason))
    }

    /// Looks up again what will soon have to be, so that no call waits for it.
    pub(crate) async fn refresh(&self, shared: &Shared) {
        let entries: Vec<_> = {
            let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
            entries.iter().map(|(name, entry)| (name.clone(), Arc::clone(entry))).collect()
        };
        let soon = Instant::now() + 2 * PAUSE;
        let due = entries.into_iter().filter(|(_, entry)| entry.is_due(soon));
        let renewing = due.map(|(reference, entry)| async move {
            let Ok(_turn) = entry.turn.try_lock() else { return };
            // What fails is told where it is used.
            let _ = self.renew(shared, &reference, &entry).await;
        });
        join_all(renewing).await;
    }

    fn entry(&self, reference: &SecretReference) -> Arc<Entry> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.get(reference) {
            return Arc::clone(entry);
        }
        if entries.len() >= MOST {
            entries.clear();
        }
        Arc::clone(entries.entry(reference.clone()).or_default())
    }

    /// Files are looked at again beside the calls, which do not wait for a disk.
    fn is_good(&self, reference: &SecretReference, held: &Held, now: Instant) -> bool {
        let grace = match reference {
            SecretReference::File(_) => 2 * FILE_AGE,
            _ => Duration::ZERO,
        };
        held.good_until + grace > now
    }

    /// Looks a value up, and keeps it. When the place does not answer, what was found before stays
    /// for a while; when it says that there is nothing, nothing stays.
    async fn renew(
        &self,
        shared: &Shared,
        reference: &SecretReference,
        entry: &Entry,
    ) -> Result<Found, String> {
        let scheme = scheme(reference);
        let missing = match self.look_up(shared, reference).await {
            Ok(Looked { text, good_for }) => return Ok(entry.keep(text, good_for)),
            Err(missing) => missing,
        };
        shared.metrics.references_failed.get_or_create(&ReferenceLabel { scheme }).inc();
        let stale = missing.passing.then(|| entry.prolong(PAUSE, STALE)).flatten();
        match stale {
            Some(found) => {
                shared.metrics.references_stale.get_or_create(&ReferenceLabel { scheme }).inc();
                tracing::warn!(
                    %reference,
                    reason = missing.reason,
                    "a key could not be looked up again; the last one stays in use for a while"
                );
                Ok(found)
            }
            None => {
                entry.let_go();
                tracing::warn!(%reference, reason = missing.reason, "a key could not be looked up");
                Err(missing.reason)
            }
        }
    }

    async fn look_up(
        &self,
        shared: &Shared,
        reference: &SecretReference,
    ) -> Result<Looked, Missing> {
        match reference {
            SecretReference::Environment(_) => Err(Missing::gone("the variable is not set")),
            SecretReference::File(path) => {
                let pattern = self.settings.places.pattern_of(path).map(ToOwned::to_owned);
                let text = file::read(path.to_string(), pattern).await?;
                Ok(Looked { text, good_for: FILE_AGE })
            }
            SecretReference::Vault { path, field } => {
                let vault = self.settings.vault.as_ref();
                let vault = vault.ok_or_else(|| {
                    Missing::gone("there is no KV store: set secrets.vault.address")
                })?;
                let place = self.settings.places.mount_of(path);
                let place = place.ok_or_else(|| {
                    Missing::gone("its mount is not permitted: list it in secrets.vault.mounts")
                })?;
                vault.read(shared, place, field).await
            }
        }
    }
}

const fn scheme(reference: &SecretReference) -> &'static str {
    match reference {
        SecretReference::Environment(_) => "env",
        SecretReference::File(_) => "file",
        SecretReference::Vault { .. } => "vault",
    }
}

fn unusable(reference: &SecretReference, reason: &str) -> Error {
    broken(&format!("{reference}: {reason}"))
}
