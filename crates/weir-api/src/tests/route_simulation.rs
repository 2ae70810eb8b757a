//! The way that a call would go through a route.

use http::Method;
use serde_json::{Value, json};
use weir_core::log::{Payload, PayloadReason};
use weir_core::route::gate_key;
use weir_core::{LogRecord, Permission};

use super::TestApi;
use super::fake_logs::{FakeLogs, full_row, log_id};

const ROUTES: &str = "/client/v4/accounts/acc1/ai-gateway/gateways/shop/routes";

fn to(id: &str) -> Value {
    json!({ "elementId": id })
}

fn model(id: &str, provider: &str, model: &str, outputs: &Value) -> Value {
    json!({"id": id, "type": "model", "outputs": outputs, "properties":
        {"provider": provider, "model": model, "timeout": 1000, "retries": 0}})
}

/// Free calls go to a limit of two a minute, others to a share; then two models in turn.
fn elements() -> Value {
    json!([
        {"id": "s", "type": "start", "outputs": {"next": to("c")}},
        {"id": "c", "type": "conditional", "properties": {"conditions": {"metadata.team": "ai"}},
         "outputs": {"true": to("r"), "false": to("p")}},
        {"id": "r", "type": "rate", "outputs": {"success": to("m"), "fallback": to("e")},
         "properties": {"limitType": "count", "key": "metadata.user", "limit": 2, "window": 60}},
        {"id": "p", "type": "percentage", "outputs": {"25%": to("m"), "else": to("m2")}},
        model("m", "openai", "gpt-4o-mini", &json!({"success": to("e"), "fallback": to("m2")})),
        model("m2", "openai", "no-such-model", &json!({"success": to("e")})),
        {"id": "e", "type": "end"}
    ])
}

/// A test API with a route, and the route's own address and id.
async fn with_route(test: &TestApi) -> (String, String) {
    let body = json!({"name": "support", "elements": elements()});
    let id = test.post(ROUTES, &body).await.ok()["result"]["id"].as_str().unwrap().to_owned();
    (format!("{ROUTES}/{id}/simulate"), id)
}

async fn simulate(test: &TestApi, uri: &str, body: Value) -> Value {
    test.post(uri, &body).await.ok()["result"].clone()
}

fn way(simulation: &Value) -> Vec<&str> {
    let path = simulation["path"].as_array().unwrap();
    path.iter().map(|visit| visit["element"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_way_its_reasons_and_its_cost_are_told() {
    let test = TestApi::new();
    let (uri, id) = with_route(&test).await;
    let body = json!({"model": "dynamic/support", "max_tokens": 100,
                      "messages": [{"role": "user", "content": "Hello there"}]});
    let request = json!({"metadata": {"team": "ai", "user": "u1"}, "body": body});
    let told = simulate(&test, &uri, json!({ "request": request })).await;
    assert_eq!(told["route_id"], id);
    assert_eq!(way(&told), ["s", "c", "r", "m", "e"]);
    assert_eq!(told["path"][1]["because"], json!(["metadata.team = \"ai\": $eq \"ai\" holds"]));
    assert_eq!(
        told["path"][2]["because"],
        json!(["metadata.user = \"u1\": 0 of 2 calls used within 60 s"])
    );
    assert_eq!(told["ending"], "answered");
    let target = json!({"element": "m", "provider": "openai", "model": "gpt-4o-mini"});
    assert_eq!(told["model"], target);
    assert_eq!(
        (&told["tokens"]["source"], &told["tokens"]["output"]),
        (&json!("estimate"), &json!(100))
    );
    // 15 and 60 cents for a million tokens.
    let input = told["tokens"]["input"].as_f64().unwrap();
    assert!((1.0..30.0).contains(&input), "{input}");
    let cost = told["models"][0]["cost"]["usd"].as_f64().unwrap();
    assert!((cost - (input * 0.15 + 100.0 * 0.6) / 1e6).abs() < 1e-12, "{cost}");
    assert_eq!(told["rates"][0]["used"], 0.0);
}

#[tokio::test]
async fn what_is_told_to_fail_is_followed_by_the_next() {
    let test = TestApi::new();
    let (uri, _) = with_route(&test).await;
    let body = json!({"messages": [{"role": "user", "content": "Hi"}]});
    let request = json!({"metadata": {"team": "ai"}, "body": body});
    let told = simulate(&test, &uri, json!({"request": request, "fail": ["m"]})).await;
    assert_eq!(way(&told), ["s", "c", "r", "m", "m2", "e"]);
    assert_eq!(told["models"][0]["answered"], false);
    assert_eq!(told["model"]["element"], "m2");
    // An unknown price is never 0.
    let cost = &told["models"][1]["cost"];
    assert_eq!((&cost["usd"], &cost["price_id"]), (&Value::Null, &Value::Null));
    assert_eq!(cost["reason"], "no price is known for openai/no-such-model");
    // Nobody knows how long the answer would be.
    assert_eq!(told["tokens"]["output"], Value::Null);

    let all = json!({"request": request, "fail": ["m", "m2"]});
    let told = simulate(&test, &uri, all).await;
    assert_eq!((&told["ending"], &told["model"]), (&json!("model_failed"), &Value::Null));
    let told = simulate(&test, &uri, json!({"request": request, "fail": ["r"]})).await;
    assert_eq!((way(&told).len(), &told["ending"]), (4, &json!("rate_limited")));
    assert_eq!(told["path"][2]["because"], json!(["told to fail"]));
}

#[tokio::test]
async fn limits_stand_where_the_data_plane_left_them() {
    let test = TestApi::new();
    let (uri, id) = with_route(&test).await;
    test.counters().set(gate_key("acc1", &id, "r", "heavy"), 2);
    for (user, passed, used) in [("heavy", false, 2.0), ("light", true, 0.0)] {
        let request = json!({"metadata": {"team": "ai", "user": user}});
        let told = simulate(&test, &uri, json!({ "request": request })).await;
        let rate = &told["rates"][0];
        assert_eq!((&rate["passed"], &rate["used"]), (&json!(passed), &json!(used)));
        assert_eq!(rate["value"], format!("{user:?}"));
        assert_eq!(told["ending"], if passed { "answered" } else { "rate_limited" });
    }
}

#[tokio::test]
async fn shares_tell_their_chances_and_a_seed_repeats_the_draw() {
    let test = TestApi::new();
    let (uri, _) = with_route(&test).await;
    let first = simulate(&test, &uri, json!({"request": {}})).await;
    let again = json!({"request": {}, "seed": first["seed"]});
    assert_eq!(simulate(&test, &uri, again).await, first);
    let chances = &first["chances"][0];
    assert_eq!((&chances["element"], &chances["sticky"]), (&json!("p"), &Value::Null));
    let ways: Vec<_> = chances["ways"]
        .as_array()
        .unwrap()
        .iter()
        .map(|way| (way["output"].as_str().unwrap(), way["percent"].as_f64().unwrap()))
        .collect();
    assert_eq!(ways, [("25%", 25.0), ("else", 75.0)]);
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..40 {
        let told = simulate(&test, &uri, json!({"request": {}, "seed": seed})).await;
        seen.insert(told["models"][0]["element"].as_str().unwrap().to_owned());
        let taken = &told["chances"][0]["ways"];
        let output = if taken[0]["taken"] == true { "25%" } else { "else" };
        assert_eq!(told["path"][2]["output"], output);
    }
    assert_eq!(seen.len(), 2, "{seen:?}");
    // There is no body to estimate.
    assert_eq!(first["tokens"]["source"], "none");
    assert_eq!(first["models"][0]["cost"]["reason"], "the number of tokens is unknown");
}

#[tokio::test]
async fn a_logged_call_is_tried_with_what_the_log_keeps() {
    let kept = LogRecord {
        payload: Payload::Stored { request: b"{\"n\":1}".to_vec(), response: Vec::new() },
        ..full_row(1)
    };
    let bare = LogRecord { payload: Payload::Omitted(PayloadReason::OptedOut), ..full_row(2) };
    let test = TestApi::with_logs(FakeLogs::of(vec![kept, bare]));
    let (uri, _) = with_route(&test).await;
    let told = simulate(&test, &uri, json!({"log_id": log_id(1).to_string()})).await;
    // The row's metadata has the team.
    assert_eq!(way(&told), ["s", "c", "r", "m", "e"]);
    assert_eq!(told["tokens"]["source"], "log");
    assert_eq!((&told["tokens"]["input"], &told["tokens"]["output"]), (&json!(10), &json!(5)));
    assert!(told["models"][0]["cost"]["usd"].as_f64().unwrap() > 0.0);
    assert_eq!(told["notes"].as_array().unwrap().len(), 1);
    let told = simulate(&test, &uri, json!({"log_id": log_id(2).to_string()})).await;
    assert!(told["notes"][1].as_str().unwrap().contains("keeps no body"), "{}", told["notes"]);
    test.post(&uri, &json!({"log_id": "none"})).await.error(404, 7002);
}

#[tokio::test]
async fn another_version_is_tried_without_deploying_it() {
    let test = TestApi::new();
    let (uri, _) = with_route(&test).await;
    let mut changed = elements();
    changed[0]["outputs"]["next"] = to("m2");
    changed[5]["properties"]["weir"] = json!({
        "shadow": {"provider": "openai", "model": "gpt-4o-mini"},
        "balance": {"strategy": "weights", "targets": [{"provider": "groq", "model": "x"}]}
    });
    let versions = uri.replace("/simulate", "/versions");
    let made = test.post(&versions, &json!({"elements": changed})).await.ok();
    assert_eq!(made["messages"], json!([]));
    assert_eq!(made["result"]["elements"], changed);
    let version = made["result"]["version_id"].clone();
    let body = json!({"request": {}, "version_id": version});
    let told = simulate(&test, &uri, body).await;
    assert_eq!((way(&told), &told["version_id"]), (vec!["s", "m2", "e"], &version));
    let roles: Vec<_> =
        told["models"][0]["others"].as_array().unwrap().iter().map(|o| &o["role"]).collect();
    assert_eq!(roles, ["balance", "shadow"]);
    let body = json!({"request": {}, "version_id": "none"});
    test.post(&uri, &body).await.error(404, 7002);
}

#[tokio::test]
async fn what_cannot_be_tried_is_refused() {
    let test = TestApi::new();
    let (uri, _) = with_route(&test).await;
    let cases = [
        (json!({}), json!(["body", "request"])),
        (json!({"request": {}, "log_id": "x"}), json!(["body", "request"])),
        (json!({"request": {}, "fail": ["m", "c"]}), json!(["body", "fail", "1"])),
        (json!({"request": {}, "fail": ["x"]}), json!(["body", "fail", "0"])),
        (json!({"request": {}, "seed": -1}), json!(["body", "seed"])),
        (json!({"request": {"headers": {"a": 1}}}), json!(["body", "request", "headers", "a"])),
    ];
    for (body, path) in cases {
        let error = test.post(&uri, &body).await.error(400, 7001);
        assert_eq!(error["path"], path, "{body}");
    }
    let request = json!({"request": {}});
    test.call_as(Permission::Read, Method::POST, &uri, &request).await.ok();
    test.call_as(Permission::Run, Method::POST, &uri, &request).await.error(403, 10000);
    let elsewhere = uri.replace("/shop/", "/default/");
    test.post(&elsewhere, &request).await.error(404, 7005);
}

#[tokio::test]
async fn headers_are_found_in_any_case_and_credentials_are_not_shown() {
    let test = TestApi::new();
    let mut route = elements();
    route[1]["properties"]["conditions"] =
        json!({"headers.x-team": "a", "headers.Authorization": {"$exists": true}});
    let body = json!({"name": "headers", "elements": route});
    let id = test.post(ROUTES, &body).await.ok()["result"]["id"].as_str().unwrap().to_owned();
    let headers = json!({"X-Team": "a", "authorization": "Bearer sk-1"});
    let body = json!({"request": {"headers": headers}});
    let told = simulate(&test, &format!("{ROUTES}/{id}/simulate"), body).await;
    assert_eq!(told["path"][1]["output"], "true");
    assert!(!told.to_string().contains("sk-1"), "{told}");
}
