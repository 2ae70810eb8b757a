use serde_json::json;
use weir_core::CustomProvider;
use weir_core::config::{Configuration, Resource};

use super::*;

const AT: Timestamp = Timestamp::from_millis(0);

fn override_of(gateway: Option<&str>, provider: &str, model: &str, input: &str) -> PriceOverride {
    let prefix = gateway.map(|gateway| format!("{gateway}:")).unwrap_or_default();
    PriceOverride {
        id: format!("{prefix}{provider}/{model}").into(),
        account_id: "acc1".into(),
        gateway_id: gateway.map(Into::into),
        provider: provider.to_owned(),
        row: json!({
            "provider": provider, "model": model,
            "per_million_tokens": {"input": input, "output": "0"}
        }),
        created_at: AT,
        modified_at: AT,
    }
}

/// Two accounts with a provider `custom-mine`; the first has prices at every level.
fn snapshot() -> Snapshot {
    let mut configuration = Configuration::default();
    for (account, slug) in [("acc1", "mine"), ("acc1", "bare"), ("acc2", "mine")] {
        let provider: CustomProvider = serde_json::from_value(json!({
            "id": format!("{account}-{slug}"), "account_id": account, "name": slug,
            "slug": slug, "base_url": "https://h.example", "enable": true,
            "created_at": AT, "modified_at": AT
        }))
        .unwrap();
        configuration.put(&provider.into_object());
    }
    let cost: ProviderCost = serde_json::from_value(json!({
        "id": "c", "account_id": "acc1", "account_provider_id": "acc1-mine", "model": "m",
        "model_rule": "starts-with", "cost_type": "tokens", "cost_in": 0.000_003, "cost_out": 2,
        "token_pricing": null, "enable": true, "created_at": AT, "modified_at": AT
    }))
    .unwrap();
    configuration.put(&cost.into_object());
    for price in [
        override_of(Some("shop"), "openai", "m", "5"),
        override_of(Some("shop"), "custom-mine", "m-shop", "6"),
        override_of(None, "openai", "m", "7"),
        override_of(None, "openai", "n", "8"),
        override_of(None, "custom-mine", "m", "9"),
    ] {
        configuration.put(&price.into_object());
    }
    Snapshot::new(configuration)
}

fn table() -> PriceTable {
    PriceTable::parse(
        r#"{"schema":"aig-prices/1","as_of":"2026-11-20","models":[
            {"provider":"openai","model":"m","per_million_tokens":{"input":"1","output":"1"}},
            {"provider":"openai","model":"listed","per_million_tokens":{"input":"2","output":"1"}}]}"#,
    )
    .unwrap()
}

/// Dollars for a million input tokens, by whom, and by which name.
fn found(account: &str, gateway: &str, provider: &str, models: &[&'static str]) -> Option<String> {
    let (snapshot, table) = (snapshot(), table());
    let market = Market { snapshot: &snapshot, table: &table, account, gateway };
    let quote = market.find(provider, models.iter().copied(), AT)?;
    let input = quote.price.input().unwrap().per_million_text();
    Some(format!("{input} {} {}", quote.by.word(), quote.model))
}

#[track_caller]
fn check(place: (&str, &str, &str), models: &[&'static str], expected: &str) {
    let found = found(place.0, place.1, place.2, models);
    assert_eq!(found.as_deref(), Some(expected).filter(|text| !text.is_empty()));
}

#[test]
fn the_closest_price_counts() {
    check(("acc1", "shop", "openai"), &["m"], "5 gateway m");
    check(("acc1", "other", "openai"), &["m"], "7 account m");
    check(("acc1", "shop", "openai"), &["n"], "8 account n");
    check(("acc2", "shop", "openai"), &["m"], "1 list m");
    check(("acc1", "shop", "openai"), &["listed"], "2 list listed");
    check(("acc1", "shop", "openai"), &["unknown"], "");
    // By the second name where the first has none, but what is closer comes first by either.
    check(("acc1", "shop", "openai"), &["alias", "m"], "5 gateway m");
    check(("acc1", "shop", "openai"), &["listed", "m"], "5 gateway m");
}

#[test]
fn a_custom_provider_has_prices_of_its_own() {
    check(("acc1", "shop", "custom-mine"), &["m-large"], "3 account m-large");
    check(("acc1", "shop", "custom-mine"), &["m-shop"], "6 gateway m-shop");
    check(("acc1", "other", "custom-mine"), &["m-shop"], "3 account m-shop");
    check(("acc1", "shop", "custom-mine"), &["alias", "m"], "3 account m");
    check(("acc1", "shop", "custom-mine"), &["x"], "");
    check(("acc1", "shop", "custom-bare"), &["m"], "");
    check(("acc2", "shop", "custom-mine"), &["m"], "");
    check(("acc1", "shop", "mine"), &["m"], "");
    check(("acc1", "shop", "custom-none"), &["m"], "");
}

#[test]
fn an_estimate_is_what_a_call_is_charged() {
    let (snapshot, table) = (snapshot(), table());
    let market = Market { snapshot: &snapshot, table: &table, account: "acc1", gateway: "shop" };
    let usage = Usage { input: 1_000_000, total: 1_000_000, ..Usage::default() };
    let estimate = |model| market.estimate("openai", model, &usage, AT).map(Cost::pico);
    assert_eq!(estimate("m"), Some(5 * Cost::SCALE));
    assert_eq!(estimate("unknown"), None);
}
