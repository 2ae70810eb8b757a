use serde_json::json;
use weir_core::config::{Configuration, Resource};
use weir_core::provider::PriceOverride;
use weir_core::trail::Trail;
use weir_core::{Cost, Snapshot, Usage};
use weir_llm::pricing::PriceTable;

use super::*;
use crate::tests::fake_logs::full_row;

fn table() -> PriceTable {
    PriceTable::parse(
        r#"{"schema":"aig-prices/1","as_of":"2026-11-20","models":[
            {"provider":"openai","model":"m","per_million_tokens":{"input":"2","output":"4"},
             "service_tiers":{"flex":{"per_million_tokens":{"input":"1","output":"2"}}},
             "per_unit":{"per_search":{"low":"0.1","medium":"0.2","high":"0.3"}}},
            {"provider":"openai","model":"old","valid_until":"2026-01-01",
             "per_million_tokens":{"input":"7","output":"7"}}]}"#,
    )
    .unwrap()
}

/// A gateway `shop` with a price of its own for `mine`.
fn snapshot() -> Snapshot {
    let at = Timestamp::from_millis(0);
    let price = PriceOverride {
        id: "shop:openai/mine".into(),
        account_id: "acc1".into(),
        gateway_id: Some("shop".into()),
        provider: "openai".to_owned(),
        row: json!({
            "provider": "openai", "model": "mine", "per_million_tokens": {"input": "3", "output": "0"}
        }),
        created_at: at,
        modified_at: at,
    };
    let mut configuration = Configuration::default();
    configuration.put(&price.into_object());
    Snapshot::new(configuration)
}

/// A call of `model` with a million tokens in and out, by the listed price.
fn row(model: &str, pico: Option<i64>) -> StoredLog {
    let usage = Usage { input: 1_000_000, output: 1_000_000, ..Usage::default() };
    let by = if pico.is_some() { "list" } else { "none" };
    let price = PriceTrail { by: by.into(), ..PriceTrail::default() };
    let record = LogRecord {
        model: model.into(),
        usage: Some(usage),
        cost: pico.map(Cost::from_pico),
        price_id: pico.map(|_| format!("openai/{model}@2026-01-01").into()),
        trail: Some(Box::new(Trail { price: Some(price), ..Trail::default() })),
        ..full_row(1)
    };
    StoredLog { record, payload_stored: false, feedback: None, score: None, cost_history: vec![] }
}

fn price(row: &mut StoredLog) -> &mut PriceTrail {
    row.record.trail.as_mut().unwrap().price.as_mut().unwrap()
}

fn figure(row: &StoredLog) -> Figure {
    let (snapshot, table) = (snapshot(), table());
    let market = Market { snapshot: &snapshot, table: &table, account: "acc1", gateway: "shop" };
    Figure::of(&market, row, Timestamp::from_millis(5))
}

/// Checks the new cost in dollars, and by whom it is.
#[track_caller]
fn check(row: &StoredLog, cost: &str, by: &str) -> PriceTrail {
    let found = figure(row);
    let Figure::Other(found) = found else { panic!("{found:?}") };
    assert_eq!((found.was, found.cost.to_string()), (row.record.cost, cost.to_owned()));
    assert_eq!(&*found.price.by, by);
    let sum: Cost = found.price.lines.iter().map(|line| line.cost).sum();
    assert_eq!(sum, found.cost, "the breakdown adds up");
    found.price
}

#[test]
fn a_row_gets_the_price_in_force_for_its_time() {
    let price = check(&row("m", Some(5)), "6", "list");
    assert_eq!(price.id.as_deref(), Some("openai/m@2026-11-20"));
    check(&row("m", None), "6", "list");
    check(&row("mine", None), "3", "gateway");
    // It held until a day before the call.
    assert!(matches!(figure(&row("old", None)), Figure::Unpriced));
    assert!(matches!(figure(&row("old", Some(5))), Figure::Unpriced));
    let right = row("m", Some(6 * Cost::SCALE));
    assert!(matches!(figure(&right), Figure::Unchanged));
}

#[test]
fn what_decided_besides_the_row_decides_again() {
    let with = |terms: PriceTerms| {
        let mut row = row("m", Some(5));
        row.record.usage.as_mut().unwrap().web_searches = 1;
        price(&mut row).terms = Some(Box::new(terms));
        row
    };
    let flex = PriceTerms { service_tier: Some("flex".into()), ..PriceTerms::default() };
    let kept = check(&with(flex.clone()), "3.2", "list");
    assert_eq!(kept.terms, Some(Box::new(flex)));
    let high = PriceTerms { search_size: Some("high".into()), ..PriceTerms::default() };
    check(&with(high), "6.3", "list");
    let usage = Usage { input: 500_000, ..Usage::default() };
    check(&with(PriceTerms { billed: Some(usage), ..PriceTerms::default() }), "1", "list");
}

#[test]
fn a_row_is_found_by_any_name_it_is_known_by() {
    let mut deployment = row("deployment", None);
    assert!(matches!(figure(&deployment), Figure::Unpriced));
    price(&mut deployment).terms =
        Some(Box::new(PriceTerms { model: Some("m".into()), ..PriceTerms::default() }));
    check(&deployment, "6", "list");
    // As rows from before the terms tell it.
    let mut older = row("deployment", Some(5));
    older.record.price_id = Some("openai/m@2026-01-01".into());
    let price = check(&older, "6", "list");
    assert_eq!(price.terms.unwrap().model.as_deref(), Some("m"));
}

#[test]
fn what_our_prices_do_not_decide_on_is_left_alone() {
    let left = |change: fn(&mut StoredLog)| {
        let mut row = row("m", Some(5));
        change(&mut row);
        match figure(&row) {
            Figure::Left(reason) => reason,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(left(|row| row.record.custom_cost = true), Reason::CustomCost);
    assert_eq!(left(|row| price(row).by = "provider".into()), Reason::ProviderCost);
    let reported = |row: &mut StoredLog| {
        row.record.trail = None;
        row.record.price_id = Some("openrouter/reported".into());
    };
    assert_eq!(left(reported), Reason::ProviderCost);
    assert_eq!(left(|row| row.record.cached = true), Reason::Free);
    assert_eq!(left(|row| row.record.price_id = None), Reason::Free);
    assert_eq!(left(|row| row.record.usage = None), Reason::WithoutUsage);
    // A row from before trails that the table priced is priced anew.
    let mut old = row("m", Some(5));
    old.record.trail = None;
    check(&old, "6", "list");
}
