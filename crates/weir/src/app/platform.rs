//! The operator's own keys.

use std::collections::{BTreeMap, HashMap};

use anyhow::Context;
use weir_llm::auth::google_jwt::TokenUri;
use weir_llm::auth::stored::{ProviderCredential, read};
use weir_llm::catalogue;

use crate::config::ProviderSection;

/// Keys by provider slug.
pub(super) fn keys(
    providers: &BTreeMap<String, ProviderSection>,
) -> anyhow::Result<HashMap<String, ProviderCredential>> {
    let configured = providers.iter().filter_map(|(name, section)| {
        let slug = catalogue::find(name).map_or(name.as_str(), |row| row.slug);
        Some((slug, section.platform_key.as_ref()?, section))
    });
    let keys = configured.map(|(slug, key, section)| {
        let credential = read(slug, &key.0, token_uri_of(section))
            .with_context(|| format!("providers.{slug}.platform_key"))?;
        Ok((slug.to_owned(), credential))
    });
    keys.collect()
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
