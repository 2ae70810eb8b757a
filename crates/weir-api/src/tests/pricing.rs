//! Prices: the table's and the account's own.

use serde_json::{Value, json};
use weir_core::analytics::{AnalyticsFilter, AnalyticsRow, Dimension, DimensionValue, RollupSums};
use weir_core::{Cost, Timestamp};
use weir_llm::pricing::PriceTable;

use super::TestApi;
use super::fake_logs::FakeLogs;

const PRICING: &str = "/client/v4/accounts/acc1/ai-gateway/pricing";

async fn rows(test: &TestApi, query: &str) -> Vec<Value> {
    let answer = test.get(&format!("{PRICING}?{query}")).await.ok();
    answer["result"].as_array().unwrap().clone()
}

#[tokio::test]
async fn the_table_is_listed_page_by_page() {
    let test = TestApi::new();
    let answer = test.get(&format!("{PRICING}?per_page=1000&page=2")).await.ok();
    let total = PriceTable::builtin().rows().count();
    assert_eq!(answer["result_info"]["total_count"], json!(total));
    assert_eq!(answer["result"].as_array().unwrap().len(), total - 1000);
    let mini = rows(&test, "provider=openai&model=gpt-4o-mini").await;
    assert_eq!(mini[0]["per_million_tokens"]["input"], "0.15");
    assert_eq!(mini[0]["source"], "table");
    assert!(mini.iter().all(|row| row["provider"] == "openai"));
    assert!(!rows(&test, "search=OPUS-5-5").await.is_empty());
    assert!(rows(&test, "source=account").await.is_empty());
}

#[tokio::test]
async fn rows_of_the_account_stand_for_those_of_the_table() {
    let test = TestApi::new();
    let body = json!({"models": [
        {"provider": "openai", "model": "gpt-4o-mini", "per_million_tokens": {"input": "0.1", "output": 0.5}},
        {"provider": "xai", "model": "grok-9", "valid_from": "2026-01-01",
         "per_million_tokens": {"input": "1", "cache_write": {"default": "2"}},
         "tiers": [{"above_input_tokens": 1000, "per_million_tokens": {"input": "2"}}],
         "per_unit": {"per_search": {"low": "0.01"}}},
    ]});
    let set = test.put(PRICING, &body).await.ok();
    assert_eq!(set["result"].as_array().unwrap().len(), 2);
    let mini = rows(&test, "provider=openai&model=gpt-4o-mini").await;
    assert_eq!(mini[0]["source"], "account");
    assert_eq!(mini[0]["per_million_tokens"], json!({"input": "0.1", "output": 0.5}));
    assert!(mini.iter().skip(1).all(|row| row["model"] != "gpt-4o-mini"));
    // Written under the slug, whatever the provider was called.
    assert_eq!(rows(&test, "source=account&provider=xai").await[0]["provider"], "grok");
    // What was read can be written back, and set again.
    let again = test.put(PRICING, &json!({"models": mini[..1]})).await.ok();
    assert_eq!(again["messages"], json!([]));
    assert_ne!(again["result"][0]["modified_at"], mini[0]["modified_at"]);
    assert_eq!(rows(&test, "source=account").await.len(), 2);
    let gone = test.delete(&format!("{PRICING}?provider=openai")).await.ok();
    assert_eq!(gone["result"], json!({"deleted": 1}));
    let gone = test.delete(PRICING).await.ok();
    assert_eq!(gone["result"], json!({"deleted": 1}));
    assert!(rows(&test, "source=account").await.is_empty());
}

#[tokio::test]
async fn a_bad_row_is_told_by_place_and_field() {
    let test = TestApi::new();
    let row = |more: Value| {
        let mut row = json!({"provider": "p", "model": "m"});
        row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        row
    };
    let good = row(json!({"per_million_tokens": {"input": "1"}}));
    for (models, expected) in [
        (json!([good, row(json!({}))]), "price of p/m: there is no figure in it"),
        (json!([good, good]), "price of p/m: it is there twice"),
        (
            json!([row(json!({"per_million_tokens": {"inptu": "1"}}))]),
            "price of p/m: per_million_tokens.inptu is not a known meter",
        ),
        (
            json!([row(json!({"per_million_tokens": {"input": "-1"}}))]),
            "price of p/m: per_million_tokens.input is not a decimal figure of a sensible size",
        ),
    ] {
        let answer = test.put(PRICING, &json!({"models": models})).await;
        assert_eq!(answer.status, 400);
        let message = answer.json()["errors"][0]["message"].to_string();
        assert!(message.contains(expected), "{message}");
    }
    assert!(rows(&test, "source=account").await.is_empty());
}

const GATEWAYS: &str = "/client/v4/accounts/acc1/ai-gateway/gateways";

fn price(model: &str, input: &str) -> Value {
    json!({"provider": "openai", "model": model, "per_million_tokens": {"input": input}})
}

#[tokio::test]
async fn a_gateway_has_prices_of_its_own() {
    let test = TestApi::new();
    let of_shop = format!("{GATEWAYS}/shop/pricing");
    let made = test.put(PRICING, &json!({"models": [price("gpt-4o-mini", "1")]})).await.ok();
    assert_eq!(made["result"][0]["id"], "openai/gpt-4o-mini");
    let made = test.put(&of_shop, &json!({"models": [price("gpt-4o-mini", "2")]})).await.ok();
    assert_eq!(made["result"][0]["id"], "shop:openai/gpt-4o-mini");
    assert_eq!(made["result"][0]["gateway_id"], "shop");
    let shown = async |query: &str| -> Vec<(Value, Value)> {
        let rows = rows(&test, query).await;
        rows.iter()
            .map(|row| (row["source"].clone(), row["per_million_tokens"]["input"].clone()))
            .collect()
    };
    let pair = |source: &str, input: &str| (json!(source), json!(input));
    let mini = "provider=openai&model=gpt-4o-mini&search=openai/gpt-4o-mini";
    let both = [pair("gateway", "2"), pair("account", "1")];
    assert_eq!(shown(&format!("{mini}&gateway_id=shop")).await[..2], both);
    assert_eq!(shown(mini).await[..2], both);
    assert_eq!(shown(&format!("{mini}&source=gateway")).await, both[..1]);
    assert_eq!(shown(&format!("{mini}&source=account")).await, both[1..]);
    let listed = test.get(&format!("{of_shop}?source=gateway")).await.ok();
    assert_eq!(listed["result"].as_array().unwrap().len(), 1);
    // What was read can be written back where it was.
    let again = test.put(PRICING, &json!({"models": [listed["result"][0]]})).await.ok();
    assert_eq!(again["result"][0]["id"], "shop:openai/gpt-4o-mini");

    // Each deletes its own.
    let gone = test.delete(&format!("{PRICING}?gateway_id=shop&model=other")).await.ok();
    assert_eq!(gone["result"]["deleted"], 0);
    let gone = test.delete(PRICING).await.ok();
    assert_eq!(gone["result"]["deleted"], 1);
    assert_eq!(shown("source=gateway").await.len(), 1);
    test.put(&of_shop, &json!({"models": [price("other", "2")]})).await.ok();
    let gone = test.delete(&format!("{of_shop}?id=shop:openai/other")).await.ok();
    assert_eq!(gone["result"]["deleted"], 1);
    assert_eq!(shown("source=gateway").await, both[..1]);
    // They go away with it.
    test.delete(&format!("{GATEWAYS}/shop")).await.ok();
    assert_eq!(shown("source=gateway").await, []);
}

#[tokio::test]
async fn a_price_names_a_gateway_that_is_there_and_not_two() {
    let test = TestApi::new();
    let mut row = price("m", "1");
    row["gateway_id"] = json!("nowhere");
    let refused = test.put(PRICING, &json!({"models": [row]})).await;
    assert_eq!(refused.status, 400);
    let path = json!(["body", "models", "0", "gateway_id"]);
    assert_eq!(refused.json()["errors"][0]["path"], path);
    let refused = test.put(&format!("{GATEWAYS}/shop/pricing"), &json!({"models": [row]})).await;
    assert!(refused.json()["errors"][0]["message"].to_string().contains("is of gateway nowhere"));
    assert_eq!(test.get(&format!("{PRICING}?gateway_id=nowhere")).await.status, 400);
    assert_eq!(test.get(&format!("{GATEWAYS}/nowhere/pricing")).await.status, 404);
    assert!(rows(&test, "source=gateway").await.is_empty());
}

/// Calls of `shop`, as analytics tell them.
fn calls(values: &[&str], sums: RollupSums) -> AnalyticsRow {
    AnalyticsRow {
        bucket: None,
        values: values.iter().map(|&value| DimensionValue::Text(value.into())).collect(),
        sums,
        cached: RollupSums::default(),
        errors: 0,
    }
}

#[tokio::test]
async fn drift_is_shown_the_worst_first() {
    let test = TestApi::with_logs(FakeLogs::default());
    let compared = |model: &str, computed: i64, reported: i64| {
        let sums = RollupSums {
            requests: 9,
            compared: 3,
            computed_cost: Cost::from_pico(computed),
            reported_cost: Cost::from_pico(reported),
            ..RollupSums::default()
        };
        calls(&["openrouter", model], sums)
    };
    *test.logs().analytics.lock().unwrap() = vec![
        compared("close", 100, 99),
        compared("dear", 150, 100),
        compared("cheap", 0, 200),
        compared("free", 7, 0),
        calls(&["openai", "never compared"], RollupSums { requests: 5, ..RollupSums::default() }),
    ];
    let query = "from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z&gateway_id=shop";
    let shown = test.get(&format!("{PRICING}/drift?{query}")).await.ok();
    let rows = shown["result"].as_array().unwrap();
    let models: Vec<&str> = rows.iter().map(|row| row["model"].as_str().unwrap()).collect();
    assert_eq!(models, ["cheap", "dear", "free", "close"]);
    assert_eq!(
        rows[1],
        json!({
            "provider": "openrouter", "model": "dear", "calls": 3,
            "computed_cost": "0.00000000015", "reported_cost": "0.0000000001",
            "difference": "0.00000000005", "percent": 50.0
        })
    );
    assert_eq!(rows[0]["difference"], "-0.0000000002");
    assert_eq!((&rows[0]["percent"], &rows[2]["percent"]), (&json!(-100.0), &Value::Null));
    let asked = test.logs().questions.lock().unwrap().pop().unwrap();
    assert_eq!(asked.group_by, [Dimension::Provider, Dimension::Model]);
    assert_eq!(asked.from, Timestamp::parse("2026-11-01T00:00:00Z"));
    assert!(matches!(asked.filter, AnalyticsFilter::Is { dimension: Dimension::Gateway, .. }));
    let turned = "from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z";
    assert_eq!(test.get(&format!("{PRICING}/drift?{turned}")).await.status, 400);
}

#[tokio::test]
async fn models_without_a_price_are_shown_until_they_have_one() {
    let test = TestApi::with_logs(FakeLogs::default());
    let unpriced = |model: &str, gateway: &str, unpriced: u64| {
        let sums = RollupSums { requests: 9, tokens_in: 5, unpriced, ..RollupSums::default() };
        calls(&["openai", model, gateway], sums)
    };
    *test.logs().analytics.lock().unwrap() = vec![
        unpriced("new-model", "shop", 2),
        unpriced("new-model", "other", 3),
        unpriced("rare", "shop", 1),
        // There is a price: these calls told no usage.
        unpriced("gpt-4o-mini", "shop", 4),
        unpriced("", "shop", 4),
        unpriced("always-priced", "shop", 0),
    ];
    let shown = test.get(&format!("{PRICING}/unknown")).await.ok();
    assert_eq!(
        shown["result"],
        json!([
            {"provider": "openai", "model": "new-model", "calls": 5, "tokens_in": 10,
             "tokens_out": 0, "gateways": ["other", "shop"]},
            {"provider": "openai", "model": "rare", "calls": 1, "tokens_in": 5, "tokens_out": 0,
             "gateways": ["shop"]},
        ])
    );
    let of_shop = format!("{GATEWAYS}/shop/pricing");
    test.put(&of_shop, &json!({"models": [price("new-model", "1")]})).await.ok();
    let shown = test.get(&format!("{PRICING}/unknown")).await.ok();
    assert_eq!(shown["result"][0]["gateways"], json!(["other"]));
    assert_eq!(shown["result"][0]["calls"], 3);
}
