//! Gateways as listed and as read.

use serde_json::{Value, json};

use super::fake_logs::FakeLogs;
use super::{GATEWAYS, TestApi, gateway};

fn ids(answer: &Value) -> Vec<&str> {
    let rows = answer["result"].as_array().unwrap();
    rows.iter().map(|row| row["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_gateway_is_shown_with_every_setting() {
    let test = TestApi::new();
    let mut answer = test.get(&format!("{GATEWAYS}/shop")).await.ok();
    let internal_id = answer["result"].as_object_mut().unwrap().remove("internal_id");
    assert_eq!(internal_id.unwrap().as_str().unwrap().len(), 36);
    let mut expected = json!({
        "id": "shop",
        "account_id": "acc1",
        "account_tag": "acc1",
        "is_default": false,
        "created_at": "1970-01-01T00:00:00.002Z",
        "modified_at": "1970-01-01T00:00:00.002Z",
        "authentication": true,
        "collect_logs": true,
        "cache_ttl": 0,
        "cache_invalidate_on_update": false,
        "rate_limiting_interval": 0,
        "rate_limiting_limit": 0,
        "rate_limiting_technique": "fixed",
        "byok_only": false,
        "zdr": false,
        "log_management": null,
        "log_management_strategy": null,
        "log_classification": false,
        "logpush": false,
        "logpush_public_key": null,
        "retry_max_attempts": null,
        "retry_delay": null,
        "retry_backoff": null,
        "store_id": null,
        "workers_ai_billing_mode": "postpaid", "inject_stream_usage": true,
        "unsupported_parameters": "lenient", "model_aliases": {},
        "cache_streams": false,
        "cache_stream_pace": "full",
        "cache_coalesce": false,
        "cache_semantic": null,
        "rate_limits": [],
        "rate_limit_headers": false,
        "request_timeout": null,
        "idle_timeout": null,
        "total_timeout": null,
        "guardrails": null,
        "otel": null,
        "spend_limits": null,
        "stripe": null,
    });
    let more = json!({
        "spend_mode": "compatible", "spend_ceiling": null, "spend_missing": "skip",
        "zdr_strict": false, "ip_allow": [], "trust_provider_cost": true
    });
    expected.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    assert_eq!(answer["result"], expected);
    assert!(answer.get("result_info").is_none());

    let default = test.get(&format!("{GATEWAYS}/default")).await.ok();
    assert_eq!(default["result"]["is_default"], true);
}

#[tokio::test]
async fn credentials_inside_settings_stay_inside() {
    let mut shop = gateway("acc1", "shop", 1);
    shop.settings.otel = Some(json!([{
        "url": "https://otel.example", "headers": {"x-key": "hunter2"}, "authorization": "hunter2"
    }]));
    shop.settings.stripe = Some(json!({ "authorization": "hunter2", "usage_events": [] }));
    let test = TestApi::with(vec![shop], FakeLogs::default());
    for uri in [GATEWAYS, &format!("{GATEWAYS}/shop")] {
        let answer = test.get(uri).await;
        let text = String::from_utf8(answer.body.clone()).unwrap();
        assert!(!text.contains("hunter2") && text.contains("https://otel.example"), "{text}");
    }
}

#[tokio::test]
async fn the_list_is_newest_first_then_by_id() {
    let gateways = [("b", 5), ("a", 5), ("old", 1), ("new", 9)];
    let gateways = gateways.map(|(id, at)| gateway("acc1", id, at));
    let test = TestApi::with(gateways.into(), FakeLogs::default());
    let answer = test.get(GATEWAYS).await.ok();
    assert_eq!(ids(&answer), ["new", "a", "b", "old"]);
    let info = json!({"page": 1, "per_page": 20, "count": 4, "total_count": 4, "total_pages": 1});
    assert_eq!(answer["result_info"], info);

    let answer = test.get(&format!("{GATEWAYS}?page=2&per_page=3")).await.ok();
    assert_eq!(ids(&answer), ["old"]);
    let info = json!({"page": 2, "per_page": 3, "count": 1, "total_count": 4, "total_pages": 2});
    assert_eq!(answer["result_info"], info);
}

#[tokio::test]
async fn a_page_past_the_end_is_empty_so_that_clients_stop() {
    let test = TestApi::new();
    for page in ["2", "18446744073709551615"] {
        let answer = test.get(&format!("{GATEWAYS}?page={page}")).await.ok();
        assert_eq!(answer["result"], json!([]));
        assert_eq!(answer["result_info"]["total_count"], 2);
    }
}

#[tokio::test]
async fn search_is_a_part_of_the_id() {
    let test = TestApi::new();
    assert_eq!(ids(&test.get(&format!("{GATEWAYS}?search=ho")).await.ok()), ["shop"]);
    assert_eq!(ids(&test.get(&format!("{GATEWAYS}?search=zzz")).await.ok()), [""; 0]);
    assert_eq!(ids(&test.get(&format!("{GATEWAYS}?search=")).await.ok()), ["shop", "default"]);
}

#[tokio::test]
async fn bad_bounds_name_the_parameter() {
    let test = TestApi::new();
    test.get(&format!("{GATEWAYS}?per_page=100")).await.ok();
    for (query, name) in [("per_page=101", "per_page"), ("page=0", "page"), ("page=x", "page")] {
        let error = test.get(&format!("{GATEWAYS}?{query}")).await.error(400, 7001);
        assert_eq!(error["path"], json!(["query", name]));
    }
}

#[tokio::test]
async fn a_gateway_that_is_not_there_is_not_found() {
    let test = TestApi::new();
    for id in ["nope", "other", "SHOP", "sh%6Fp%00"] {
        test.get(&format!("{GATEWAYS}/{id}")).await.error(404, 7002);
    }
    test.get(&format!("{GATEWAYS}/sh%6Fp")).await.ok();
}
