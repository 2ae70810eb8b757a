use serde_json::json;
use weir_core::config::{Configuration, Resource};
use weir_core::provider::PriceOverride;

use super::*;

/// An account `own` with a price of its own for `openai/m`, and one `bare` without any.
fn snapshot() -> Snapshot {
    let mut configuration = Configuration::default();
    let at = Timestamp::from_millis(0);
    for (model, from, input) in [("m", None, "3"), ("m", Some("2026-01-01"), "4")] {
        let mut row = json!({
            "provider": "openai", "model": model, "aliases": ["mm"],
            "per_million_tokens": {"input": input, "output": "0"}
        });
        if let Some(from) = from {
            row["valid_from"] = from.into();
        }
        let price = PriceOverride {
            id: format!("openai/{model}@{from:?}").into(),
            account_id: "own".into(),
            gateway_id: None,
            provider: "openai".to_owned(),
            row,
            created_at: at,
            modified_at: at,
        };
        configuration.put(&price.into_object());
    }
    Snapshot::new(configuration)
}

fn table() -> PriceTable {
    PriceTable::parse(
        r#"{"schema":"aig-prices/1","as_of":"2026-11-20","models":[
            {"provider":"openai","model":"m","per_million_tokens":{"input":"1","output":"1"}},
            {"provider":"openrouter","model":"m","per_million_tokens":{"input":"1","output":"1"}}]}"#,
    )
    .unwrap()
}

fn usage(input: u64) -> Usage {
    Usage { input, total: input, ..Usage::default() }
}

struct Case<'a> {
    custom: Option<&'a str>,
    prepaid: bool,
    account: &'a str,
    provider: &'a str,
    model: &'a str,
    at: &'a str,
    answer: Answer,
}

impl Default for Case<'_> {
    fn default() -> Self {
        Self {
            custom: None,
            prepaid: false,
            account: "bare",
            provider: "openai",
            model: "m",
            at: "2026-11-21T00:00:00Z",
            answer: Answer { usage: Some(usage(1_000_000)), ..Answer::default() },
        }
    }
}

/// Checks cost and price.
#[track_caller]
fn check(case: &Case<'_>, cost: Option<&str>, id: Option<&str>) {
    let money = money(case, true);
    assert_eq!(money.cost.map(|cost| cost.to_string()).as_deref(), cost);
    assert_eq!(money.price_id.as_deref(), id);
}

fn money(case: &Case<'_>, reached: bool) -> Money {
    let custom = case.custom.map(|header| CustomCost::parse(header).unwrap());
    price(&Sale {
        custom: custom.as_ref(),
        prepaid: case.prepaid,
        reached,
        snapshot: &snapshot(),
        account: case.account,
        provider: case.provider,
        models: [Some(case.model), None],
        at: Timestamp::parse(case.at).unwrap(),
        usage: case.answer.usage.as_ref(),
        read: Some(&case.answer),
        table: &table(),
    })
}

fn reporting(usage: Option<Usage>) -> Answer {
    Answer { usage, reported_cost: Some(Cost::from_pico(7)), ..Answer::default() }
}

#[test]
fn the_table_comes_last() {
    check(&Case::default(), Some("1"), Some("openai/m@2026-11-20"));
    let unknown = Case { model: "x", ..Case::default() };
    check(&unknown, None, None);
}

#[test]
fn the_account_comes_before_the_table_and_before_what_is_reported() {
    let own = || Case { account: "own", ..Case::default() };
    let id = Some("openai/m@1970-01-01T00:00:00.000Z");
    check(&own(), Some("4"), id);
    check(&Case { model: "MM-latest", ..own() }, Some("4"), id);
    check(&Case { at: "2025-11-21T00:00:00Z", ..own() }, Some("3"), id);
    check(&Case { answer: reporting(Some(usage(1_000_000))), ..own() }, Some("4"), id);
}

#[test]
fn the_providers_own_figure_comes_before_the_table() {
    let reported = || Case { provider: "openrouter", ..Case::default() };
    let (cost, id) = (Some("0.000000000007"), Some("openrouter/reported"));
    check(&Case { answer: reporting(Some(usage(10))), ..reported() }, cost, id);
    check(&Case { answer: reporting(Some(usage(10))), model: "x", ..reported() }, cost, id);
    check(&Case { answer: reporting(None), ..reported() }, cost, id);
}

#[test]
fn the_callers_own_price_comes_first() {
    let custom = || Case { custom: Some(r#"{"total_cost":0.5}"#), ..Case::default() };
    check(&custom(), Some("0.5"), None);
    check(
        &Case { account: "own", answer: reporting(Some(usage(1))), ..custom() },
        Some("0.5"),
        None,
    );
}

#[test]
fn nobody_names_the_price_of_what_credits_pay() {
    let free = Case { custom: Some(r#"{"total_cost":0}"#), prepaid: true, ..Case::default() };
    check(&free, Some("1"), Some("openai/m@2026-11-20"));
}

#[test]
fn what_is_billed_is_charged() {
    let answer = Answer {
        usage: Some(usage(1_000_000)),
        billed: Some(usage(2_000_000)),
        ..Answer::default()
    };
    check(&Case { answer, ..Case::default() }, Some("2"), Some("openai/m@2026-11-20"));
}

#[test]
fn the_trail_says_by_whose_word_and_what_for() {
    let own = || Case { account: "own", ..Case::default() };
    let custom = || Case { custom: Some(r#"{"total_cost":0.5}"#), ..Case::default() };
    let answer = reporting(Some(usage(10)));
    let reported = Case { provider: "openrouter", answer, ..Case::default() };
    for (case, reached, by, lines) in [
        (Case::default(), true, "list", &["1000000 input 1"][..]),
        (own(), true, "account", &["1000000 input 4"]),
        (custom(), true, "request", &["1 requests 0.5"]),
        (custom(), false, "request", &[]),
        (reported, true, "provider", &[]),
        (Case { model: "x", ..Case::default() }, true, "none", &[]),
        (Case::default(), false, "none", &[]),
    ] {
        let money = money(&case, reached);
        let trail = money.trail();
        let shown = |line: &PriceLine| format!("{} {} {}", line.quantity, line.unit, line.cost);
        let shown: Vec<String> = trail.lines.iter().map(shown).collect();
        assert_eq!((&*trail.by, shown), (by, lines.iter().map(|&line| line.into()).collect()));
        assert_eq!(trail.id, money.price_id);
    }
}
