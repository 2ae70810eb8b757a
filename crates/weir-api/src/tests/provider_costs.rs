//! Prices of custom providers.

use serde_json::{Value, json};

use super::TestApi;
use super::custom_providers::{PROVIDERS, least, made};

const COSTS: &str = "/client/v4/accounts/acc1/ai-gateway/custom-providers/costs";

/// Makes a provider; gives its id.
async fn provider(test: &TestApi, slug: &str) -> String {
    let uri = made(test, &least(slug)).await;
    uri.rsplit_once('/').unwrap().1.to_owned()
}

fn models(answer: &Value) -> Vec<&str> {
    let rows = answer["result"].as_array().unwrap();
    let mut models: Vec<&str> = rows.iter().map(|row| row["model"].as_str().unwrap()).collect();
    models.sort_unstable();
    models
}

#[tokio::test]
async fn a_price_reads_back_and_its_detail_is_text() {
    let test = TestApi::new();
    let provider = provider(&test, "mine").await;
    let body = json!({
        "account_provider_id": provider, "model": "m", "cost_in": 0.000001, "cost_out": 2e-6,
        "token_pricing": {"input_cached_tokens": 1e-7}
    });
    let made = test.post(COSTS, &body).await.ok();
    assert_eq!(made["messages"], json!([]));
    let made = &made["result"];
    assert_eq!(made["token_pricing"], r#"{"input_cached_tokens":1e-7}"#);
    assert_eq!((&made["cost_in"], &made["cost_out"]), (&json!(0.000001), &json!(0.000002)));
    assert_eq!((&made["enable"], &made["cost_type"]), (&json!(true), &json!("tokens")));
    assert_eq!((&made["model_rule"], &made["changed_by"]), (&json!("equals"), &json!("manual")));
    let uri = format!("{COSTS}/{}", made["id"].as_str().unwrap());
    let read = test.get(&uri).await.ok()["result"].clone();
    assert_eq!(read, *made);
    // Written back as it was read, text and all.
    let written = test.patch(&uri, &read).await.ok();
    assert_eq!(written["messages"], json!([]));
    assert_eq!(written["result"]["token_pricing"], read["token_pricing"]);
    let changed = json!({
        "model_rule": "starts-with", "cost_in": null, "token_pricing": null, "enable": false
    });
    let changed = test.patch(&uri, &changed).await.ok()["result"].clone();
    assert!(changed.get("cost_in").is_none() && changed["token_pricing"].is_null());
    assert_eq!((&changed["cost_out"], &changed["enable"]), (&json!(0.000002), &json!(false)));
    assert!(changed["weight"].as_u64() < read["weight"].as_u64());
    test.delete(&uri).await.ok();
    test.get(&uri).await.error(404, 7002);
    test.patch(&uri, &json!({})).await.error(404, 7002);
    test.delete(&uri).await.error(404, 7002);
}

#[tokio::test]
async fn what_no_call_is_charged_by_is_said() {
    let test = TestApi::new();
    let provider = provider(&test, "mine").await;
    let pricing = json!({"input_image_count": 0.01, "input_tokenz": 1});
    let body = json!({"account_provider_id": provider, "model": "m", "token_pricing": pricing});
    let made = test.post(COSTS, &body).await.ok();
    let notes: Vec<&str> = made["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["message"].as_str().unwrap())
        .collect();
    assert_eq!(
        notes,
        [
            "token_pricing.input_tokenz is unknown and was ignored; input_tokens is known",
            "token_pricing.input_image_count is kept, but calls are not charged by it",
        ]
    );
    assert_eq!(made["result"]["token_pricing"], r#"{"input_image_count":0.01}"#);
}

#[tokio::test]
async fn every_bound_is_kept() {
    let test = TestApi::new();
    let provider = provider(&test, "mine").await;
    let cases = [
        ("account_provider_id", json!("nowhere")),
        ("account_provider_id", json!("")),
        ("account_provider_id", Value::Null),
        ("model", json!("")),
        ("model", json!("x".repeat(257))),
        ("model", json!(1)),
        ("model_rule", json!("regex")),
        ("cost_type", json!("images")),
        ("cost_in", json!(-0.1)),
        ("cost_in", json!("0.1")),
        ("cost_out", json!(1000.5)),
        ("token_pricing", json!([])),
        ("token_pricing", json!({"input_tokens": -1})),
        ("enable", json!("yes")),
    ];
    for (name, value) in cases {
        let mut body = json!({"account_provider_id": provider, "model": "m"});
        body[name] = value.clone();
        let error = test.post(COSTS, &body).await.error(400, 7001);
        assert_eq!(error["path"][1], name, "{value}");
    }
    for name in ["account_provider_id", "model"] {
        let mut body = json!({"account_provider_id": provider, "model": "m"});
        body.as_object_mut().unwrap().remove(name);
        test.post(COSTS, &body).await.error(400, 7001);
    }
    let any = json!({"account_provider_id": provider, "model": "", "model_rule": "contains"});
    let made = test.post(COSTS, &any).await.ok();
    let uri = format!("{COSTS}/{}", made["result"]["id"].as_str().unwrap());
    for text in ["{", "[]", r#"{"input_tokens":"x"}"#, r#"{"input_tokenz":1}"#] {
        test.patch(&uri, &json!({"token_pricing": text})).await.error(400, 7001);
    }
    test.patch(&uri, &json!({"model_rule": "equals"})).await.error(400, 7001);
    assert_eq!(test.get(COSTS).await.ok()["result_info"]["total_count"], 1);
}

#[tokio::test]
async fn the_list_is_filtered_and_goes_with_the_provider() {
    let test = TestApi::new();
    let (one, two) = (provider(&test, "one").await, provider(&test, "two").await);
    for (provider, model, rule, enable) in [
        (&one, "Gpt-a", "equals", true),
        (&one, "gpt", "contains", false),
        (&two, "c", "equals", true),
    ] {
        let body = json!({
            "account_provider_id": provider, "model": model, "model_rule": rule, "enable": enable
        });
        test.post(COSTS, &body).await.ok();
    }
    for (query, expected) in [
        (String::new(), vec!["Gpt-a", "c", "gpt"]),
        ("enable=false".to_owned(), vec!["gpt"]),
        (format!("account_provider_id={two}"), vec!["c"]),
        ("account_provider_id=nowhere".to_owned(), vec![]),
        ("model_rule=contains".to_owned(), vec!["gpt"]),
        ("cost_type=tokens&search=GPT".to_owned(), vec!["Gpt-a", "gpt"]),
        ("cost_type=images".to_owned(), vec![]),
        ("page=2".to_owned(), vec![]),
    ] {
        let answer = test.get(&format!("{COSTS}?{query}")).await.ok();
        assert_eq!(models(&answer), expected, "{query}");
    }
    test.get(&format!("{COSTS}?model_rule=regex")).await.error(400, 7001);
    test.delete(&format!("{PROVIDERS}/{one}")).await.ok();
    assert_eq!(models(&test.get(COSTS).await.ok()), ["c"]);
}
