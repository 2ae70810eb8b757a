//! The operator's own keys.

use std::collections::HashMap;
use std::sync::Arc;

use weir_core::secrets::SecretReference;
use weir_llm::auth::stored::ProviderCredential;

/// A key of the operator's.
#[derive(Debug)]
pub(crate) struct PlatformKey {
    /// Tells it from all others.
    pub(crate) id: Arc<str>,
    /// For people: the operator's name of the setting.
    pub(crate) name: Box<str>,
    /// Its share of the calls; 0 means that it is used when no other can be.
    pub(crate) weight: u32,
    /// Its provider keeps nothing of what is sent with it (spec: observability 8.4).
    pub(crate) zdr: bool,
    pub(crate) material: Material,
}

/// What a key is made of.
#[derive(Clone, Debug)]
pub enum Material {
    /// The key itself.
    Ready(Arc<ProviderCredential>),
    /// Where it lies.
    Elsewhere(SecretReference),
}

/// The operator's keys, by slug.
#[derive(Debug, Default)]
pub struct PlatformKeys(HashMap<Box<str>, Vec<Arc<PlatformKey>>>);

impl PlatformKeys {
    /// Adds a key for a provider.
    pub fn add(&mut self, slug: &str, name: &str, material: Material, weight: u32, zdr: bool) {
        let keys = self.0.entry(slug.into()).or_default();
        let id = format!("platform/{slug}/{}", keys.len()).into();
        keys.push(Arc::new(PlatformKey { id, name: name.into(), weight, zdr, material }));
    }

    /// The keys for a provider.
    pub(crate) fn of(&self, slug: &str) -> &[Arc<PlatformKey>] {
        self.0.get(slug).map_or(&[], Vec::as_slice)
    }

    /// Whether there is any for a provider.
    pub(crate) fn has(&self, slug: &str) -> bool {
        !self.of(slug).is_empty()
    }
}
