//! The operator's own keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context;
use weir_llm::auth::google_jwt::TokenUri;
use weir_llm::auth::stored::read;
use weir_llm::catalogue;
use weir_proxy::{Material, PlatformKeys};

use crate::config::ProviderSection;

/// The operator's keys.
pub(super) fn keys(providers: &BTreeMap<String, ProviderSection>) -> anyhow::Result<PlatformKeys> {
    let mut keys = PlatformKeys::default();
    for (name, section) in providers {
        let slug = catalogue::find(name).map_or(name.as_str(), |row| row.slug);
        for line in section.keys() {
            let material = match line.key.reference() {
                Some(reference) => Material::Elsewhere(reference),
                None => {
                    let credential = read(slug, &line.key.0, token_uri_of(section));
                    let place = || format!("providers.{slug}.{}", line.name);
                    Material::Ready(Arc::new(credential.with_context(place)?))
                }
            };
            keys.add(slug, &line.name, material, line.weight, line.zdr);
        }
    }
    Ok(keys)
}

/// Which addresses key files may name.
pub(super) fn token_uri(
    providers: &BTreeMap<String, ProviderSection>,
    simulated: bool,
) -> TokenUri {
    let any = providers.values().any(|section| section.any_token_uri);
    if any || simulated { TokenUri::Any } else { TokenUri::GoogleOnly }
}

fn token_uri_of(section: &ProviderSection) -> TokenUri {
    if section.any_token_uri { TokenUri::Any } else { TokenUri::GoogleOnly }
}
