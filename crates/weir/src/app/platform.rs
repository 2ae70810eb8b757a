//! The operator's own keys, and what is left to pay for their use.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use anyhow::Context;
use weir_core::analytics::AnalyticsQuery;
use weir_core::store::LogStore;
use weir_core::{AccountId, Cost, LiveConfiguration};
use weir_llm::auth::google_jwt::TokenUri;
use weir_llm::auth::stored::read;
use weir_llm::catalogue;
use weir_proxy::credits::Credits;
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

/// The credits that accounts have used so far, as the log store has them.
pub(super) async fn credits(
    configuration: &LiveConfiguration,
    logs: &dyn LogStore,
) -> anyhow::Result<Credits> {
    let snapshot = configuration.snapshot();
    let mut used: HashMap<AccountId, Cost> = HashMap::new();
    for ledger in snapshot.configuration().billing_accounts.iter() {
        let query = AnalyticsQuery::wholesale(ledger.account_id.clone());
        let rows =
            logs.analyse(&query).await.context("cannot read what was used of the credits")?;
        used.insert(ledger.account_id.clone(), rows.iter().map(|row| row.sums.cost).sum());
    }
    Ok(Credits::starting_with(used))
}
