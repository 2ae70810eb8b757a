//! Prices: the table's and the account's own.

use serde_json::{Value, json};
use weir_llm::pricing::PriceTable;

use super::TestApi;

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
