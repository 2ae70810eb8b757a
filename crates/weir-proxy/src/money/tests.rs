use serde_json::json;
use weir_core::Snapshot;
use weir_core::config::{Configuration, Resource};
use weir_core::provider::PriceOverride;
use weir_llm::pricing::PriceTable;

use super::*;

/// An account `own` with a price of its own for `openai/m`, and one `bare` without any.
fn snapshot() -> Snapshot {
    let mut configuration = Configuration::default();
    let at = Timestamp::from_millis(0);
    for (gateway, from, input) in
        [(None, None, "3"), (None, Some("2026-01-01"), "4"), (Some("shop"), None, "5")]
    {
        let model = "m";
        let mut row = json!({
            "provider": "openai", "model": model, "aliases": ["mm"],
            "per_million_tokens": {"input": input, "output": "0"}
        });
        if let Some(from) = from {
            row["valid_from"] = from.into();
        }
        let price = PriceOverride {
            id: format!("{gateway:?}:openai/{model}@{from:?}").into(),
            account_id: "own".into(),
            gateway_id: gateway.map(Into::into),
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
    invalid: bool,
    prepaid: bool,
    distrusts: bool,
    account: &'a str,
    gateway: &'a str,
    provider: &'a str,
    model: &'a str,
    at: &'a str,
    answer: Answer,
}

impl Default for Case<'_> {
    fn default() -> Self {
        Self {
            custom: None,
            invalid: false,
            prepaid: false,
            distrusts: false,
            account: "bare",
            gateway: "g",
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
    let (snapshot, table) = (snapshot(), table());
    let market =
        Market { snapshot: &snapshot, table: &table, account: case.account, gateway: case.gateway };
    price(&Sale {
        custom: custom.as_ref(),
        custom_invalid: case.invalid,
        prepaid: case.prepaid,
        reached,
        market,
        trusts_provider: !case.distrusts,
        provider: case.provider,
        models: [Some(case.model), None],
        at: Timestamp::parse(case.at).unwrap(),
        usage: case.answer.usage.as_ref(),
        read: Some(&case.answer),
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

#[test]
fn the_gateway_comes_before_the_account() {
    let shop = || Case { account: "own", gateway: "shop", ..Case::default() };
    let id = Some("openai/m@1970-01-01T00:00:00.000Z");
    check(&shop(), Some("5"), id);
    check(&Case { answer: reporting(Some(usage(1_000_000))), ..shop() }, Some("5"), id);
    assert_eq!(money(&shop(), true).trail().by, "gateway");
    let custom = Case { custom: Some(r#"{"total_cost":0.5}"#), ..shop() };
    check(&custom, Some("0.5"), None);
}

#[test]
fn a_gateway_need_not_trust_what_providers_tell() {
    let reported = |model| Case {
        provider: "openrouter",
        model,
        distrusts: true,
        answer: reporting(Some(usage(1_000_000))),
        ..Case::default()
    };
    check(&reported("m"), Some("1"), Some("openrouter/m@2026-11-20"));
    check(&reported("x"), None, None);
    assert!(money(&reported("x"), true).unpriced);
}

#[test]
fn both_figures_are_kept_whoever_counts() {
    let answer = || reporting(Some(usage(1_000_000)));
    let listed = Case { provider: "openrouter", answer: answer(), ..Case::default() };
    let custom = || Case { custom: Some(r#"{"total_cost":0.5}"#), ..Case::default() };
    let own = Case { account: "own", answer: answer(), ..Case::default() };
    for (case, computed, shown) in [
        (&listed, Some("1"), Some("1")),
        (&Case { answer: answer(), ..custom() }, Some("1"), Some("1")),
        // Where our own figure counts it is not said twice.
        (&own, Some("4"), None),
        // Nothing to compare with.
        (&custom(), None, None),
        (&Case { model: "x", answer: answer(), ..Case::default() }, None, None),
    ] {
        let money = money(case, true);
        assert_eq!(money.computed.map(|cost| cost.to_string()).as_deref(), computed);
        assert_eq!(money.trail().computed.map(|cost| cost.to_string()).as_deref(), shown);
    }
}

#[test]
fn what_decided_besides_the_row_is_kept() {
    let terms = |case: &Case<'_>| money(case, true).trail().terms.map(|terms| *terms);
    assert_eq!(terms(&Case::default()), None);
    let tier = |tier: &str| {
        let answer = Answer { service_tier: Some(tier.into()), ..Case::default().answer };
        terms(&Case { answer, ..Case::default() })
    };
    assert_eq!(tier("default"), None);
    assert_eq!(tier("flex").unwrap().service_tier.as_deref(), Some("flex"));
    let billed = Answer { billed: Some(usage(7)), ..Case::default().answer };
    let found = terms(&Case { answer: billed, ..Case::default() });
    assert_eq!(found.unwrap().billed, Some(usage(7)));
    let searched = Usage { web_searches: 1, ..usage(5) };
    let answer =
        Answer { usage: Some(searched), search_size: SearchSize::High, ..Answer::default() };
    let found = terms(&Case { answer, ..Case::default() });
    assert_eq!(found.unwrap().search_size.as_deref(), Some("high"));
}

#[test]
fn the_name_that_a_price_was_found_by_is_kept() {
    let (snapshot, table) = (snapshot(), table());
    let market = Market { snapshot: &snapshot, table: &table, account: "bare", gateway: "g" };
    let used = usage(5);
    let named = |models: [Option<&str>; 2]| {
        let sale = Sale {
            custom: None,
            custom_invalid: false,
            prepaid: false,
            reached: true,
            market,
            trusts_provider: true,
            provider: "openai",
            models,
            at: Timestamp::parse("2026-11-21T00:00:00Z").unwrap(),
            usage: Some(&used),
            read: None,
        };
        price(&sale).trail().terms.and_then(|terms| terms.model)
    };
    assert_eq!(named([Some("m"), Some("m-2026-01-01")]), None);
    assert_eq!(named([Some("deployment"), Some("m")]).as_deref(), Some("m"));
    assert_eq!(named([Some("deployment"), Some("unknown")]).as_deref(), Some("unknown"));
    assert_eq!(named([Some("unknown"), None]), None);
}

#[test]
fn a_price_that_does_not_count_is_told() {
    let told =
        |case: &Case<'_>| money(case, true).trail().ignored.map(std::borrow::Cow::into_owned);
    assert_eq!(told(&Case::default()), None);
    let invalid = Case { invalid: true, ..Case::default() };
    assert!(told(&invalid).unwrap().contains("must be a JSON object"));
    check(&invalid, Some("1"), Some("openai/m@2026-11-20"));
    assert!(!money(&invalid, true).custom);
    let prepaid = Case { custom: Some(r#"{"total_cost":0}"#), prepaid: true, ..Case::default() };
    assert!(told(&prepaid).unwrap().contains("credits"));
    // A step's good one hides the request's bad one.
    let custom = Case { custom: Some(r#"{"total_cost":0}"#), invalid: true, ..Case::default() };
    assert_eq!(told(&custom), None);
}
