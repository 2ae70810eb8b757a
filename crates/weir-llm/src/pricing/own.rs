//! What an account says that models cost: those of its own providers (spec: management-api 7), and
//! those of the table that it has a price of its own for (spec: observability 5.3).

use std::sync::Arc;

use weir_core::provider::{PriceOverride, ProviderCost};
use weir_core::{Snapshot, Timestamp};

use super::{Price, of_account, of_rows};
use crate::catalogue;

/// The price at a moment of the first of `models` that the account has one for.
pub fn own<'a>(
    snapshot: &Snapshot,
    account: &str,
    provider: &str,
    models: impl IntoIterator<Item = &'a str> + Clone,
    at: Timestamp,
) -> Option<Price> {
    let of_provider = of_custom_provider(snapshot, account, provider, models.clone());
    of_provider.or_else(|| overriding(snapshot, account, provider, models, at))
}

fn overriding<'a>(
    snapshot: &Snapshot,
    account: &str,
    provider: &str,
    models: impl IntoIterator<Item = &'a str>,
    at: Timestamp,
) -> Option<Price> {
    let slug = catalogue::find(provider).map_or(provider, |found| found.slug);
    let rows: Vec<(&serde_json::Value, Timestamp)> = snapshot
        .configuration()
        .price_overrides
        .of(account)
        .filter(|row| row.provider == provider || row.provider == slug)
        .map(|row: &Arc<PriceOverride>| (&row.row, row.modified_at))
        .collect();
    if rows.is_empty() {
        return None;
    }
    models.into_iter().find_map(|model| of_rows(rows.iter().copied(), slug, model, at))
}

fn of_custom_provider<'a>(
    snapshot: &Snapshot,
    account: &str,
    provider: &str,
    models: impl IntoIterator<Item = &'a str>,
) -> Option<Price> {
    let custom = snapshot.custom_provider(account, provider.strip_prefix("custom-")?)?;
    let costs: Vec<&ProviderCost> = snapshot
        .configuration()
        .of(&custom.account_id)
        .map(|cost| &**cost)
        .filter(|cost: &&ProviderCost| cost.account_provider_id == custom.id)
        .collect();
    models.into_iter().find_map(|model| of_account(costs.iter().copied(), model))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use weir_core::CustomProvider;
    use weir_core::config::{Configuration, Resource};

    use super::*;

    fn snapshot() -> Snapshot {
        let at = Timestamp::from_millis(0);
        let mut configuration = Configuration::default();
        for (account, slug) in [("acc1", "mine"), ("acc1", "bare"), ("acc2", "mine")] {
            let provider: CustomProvider = serde_json::from_value(json!({
                "id": format!("{account}-{slug}"), "account_id": account, "name": slug,
                "slug": slug, "base_url": "https://h.example", "enable": true,
                "created_at": at, "modified_at": at
            }))
            .unwrap();
            configuration.put(&provider.into_object());
        }
        let cost: ProviderCost = serde_json::from_value(json!({
            "id": "c", "account_id": "acc1", "account_provider_id": "acc1-mine", "model": "m",
            "model_rule": "starts-with", "cost_type": "tokens", "cost_in": 1, "cost_out": 2,
            "token_pricing": null, "enable": true, "created_at": at, "modified_at": at
        }))
        .unwrap();
        configuration.put(&cost.into_object());
        Snapshot::new(configuration)
    }

    #[test]
    fn only_the_providers_own_prices_count() {
        let snapshot = snapshot();
        let found = |account, provider, models: &[&str]| {
            let at = Timestamp::from_millis(0);
            own(&snapshot, account, provider, models.iter().copied(), at).is_some()
        };
        assert!(found("acc1", "custom-mine", &["m-large"]));
        assert!(found("acc1", "custom-mine", &["alias", "m"]));
        assert!(!found("acc1", "custom-mine", &["x"]));
        assert!(!found("acc1", "custom-bare", &["m"]));
        assert!(!found("acc2", "custom-mine", &["m"]));
        assert!(!found("acc1", "mine", &["m"]));
        assert!(!found("acc1", "custom-none", &["m"]));
    }
}
