//! Gateways made, changed and deleted.

use serde_json::{Value, json};
use weir_core::Permission;
use weir_core::ledger::{Claim, Measure, Standing};
use weir_core::spend::SpendRule;

use super::fake_logs::{FakeLogs, full_row};
use super::{GATEWAYS, LOGS, TestApi, gateway};
use crate::Options;

/// What every client must send.
fn least(id: &str) -> Value {
    json!({
        "id": id, "cache_invalidate_on_update": true, "cache_ttl": 300, "collect_logs": true,
        "rate_limiting_interval": null, "rate_limiting_limit": 0
    })
}

/// Every setting, away from its default.
fn full() -> Value {
    let more = json!({
        "rate_limiting_technique": "sliding", "authentication": true, "byok_only": true,
        "zdr": true, "log_management": 10_000, "log_management_strategy": "STOP_INSERTING",
        "log_classification": true, "logpush": true, "logpush_public_key": "x".repeat(16),
        "retry_max_attempts": 5, "retry_delay": 60_000, "retry_backoff": "exponential",
        "dlp": {"enabled": true, "policies": [{
            "id": "p", "action": "BLOCK", "check": ["REQUEST"], "enabled": true, "profiles": ["a"]
        }]},
        "guardrails": {"prompt": {"P1": "BLOCK"}, "response": {"S13": "FLAG"}},
        "otel": [{"url": "https://otel.example/v1", "headers": {"x-key": "hunter2"},
                  "authorization": "hunter2", "content_type": "protobuf"}],
        "spend_limits": {"enabled": true, "rules": [{
            "id": "0a1b2c3d", "enabled": false, "limit": 12.5, "limitType": "cost",
            "window": 3600, "technique": "fixed", "provider": {"mode": "partition"},
            "model": {"mode": "filter", "values": ["gpt-4o"]},
            "metadata": {"team": {"mode": "partition"}}
        }]},
        "stripe": {"authorization": "hunter2", "usage_events": [{"payload": "{}"}]},
        "workers_ai_billing_mode": "unified", "inject_stream_usage": false,
        "unsupported_parameters": "strict", "model_aliases": {"claude-*": "openai/gpt-5-mini"},
        "cache_streams": true, "cache_stream_pace": "recorded", "cache_coalesce": true,
        "cache_semantic": {"provider": "openai", "model": "embed", "threshold": 0.9},
        "rate_limits": [
            {"id": "users", "by": "metadata.user", "unit": "tokens", "limit": 100_000,
             "interval": 60, "technique": "sliding"},
            {"id": "at-once", "by": "token", "unit": "concurrent", "limit": 3, "technique": "fixed"}
        ],
        "rate_limit_headers": true, "request_timeout": 1, "idle_timeout": 2, "total_timeout": 3,
        "spend_mode": "strict", "spend_ceiling": 2.5, "spend_missing": "block",
        "zdr_strict": true, "ip_allow": ["10.0.0.0/8", "2001:db8::1"]
    });
    let mut body = least("full");
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn a_new_gateway_is_in_force_and_on_record_when_the_answer_comes() {
    let test = TestApi::new();
    let made = test.post(GATEWAYS, &least("new-one")).await.ok();
    assert_eq!(made["result"]["id"], "new-one");
    assert_eq!(made["result"]["cache_ttl"], 300);
    assert_eq!(made["result"]["authentication"], false);
    assert_eq!(made["messages"], json!([]));
    let snapshot = test.api().configuration.snapshot();
    let present = snapshot.gateway("acc1", "new-one").unwrap();
    assert_eq!(present.settings.cache_ttl, Some(300));
    assert_eq!(present.settings.rate_limiting_interval, None);
    assert_eq!(test.get(&format!("{GATEWAYS}/new-one")).await.ok()["result"], made["result"]);
}

#[tokio::test]
async fn what_is_read_can_be_written_back_and_only_the_time_moves() {
    let test = TestApi::new();
    test.post(GATEWAYS, &full()).await.ok();
    let uri = format!("{GATEWAYS}/full");
    let read = test.get(&uri).await.ok()["result"].clone();
    let written = test.put(&uri, &read).await.ok();
    assert_eq!(written["messages"], json!([]));
    let mut before = read.as_object().unwrap().clone();
    let mut after = test.get(&uri).await.ok()["result"].as_object().unwrap().clone();
    assert_ne!(before.remove("modified_at"), after.remove("modified_at"));
    assert_eq!(before, after);
    for (name, value) in full().as_object().unwrap() {
        if !["otel", "stripe"].contains(&name.as_str()) {
            assert_eq!(&after[name], value, "{name}");
        }
    }
    // The masks that were written back stand for what was there.
    let snapshot = test.api().configuration.snapshot();
    let settings = &snapshot.gateway("acc1", "full").unwrap().settings;
    assert_eq!(settings.otel.as_ref().unwrap()[0]["headers"]["x-key"], "hunter2");
    assert_eq!(settings.stripe.as_ref().unwrap()["authorization"], "hunter2");
}

#[tokio::test]
async fn settings_left_out_stay_and_null_clears() {
    let test = TestApi::new();
    test.post(GATEWAYS, &full()).await.ok();
    let uri = format!("{GATEWAYS}/full");
    let mut body = least("full");
    body["guardrails"] = Value::Null;
    let result = test.put(&uri, &body).await.ok()["result"].clone();
    assert_eq!(result["guardrails"], Value::Null);
    assert_eq!(result["retry_max_attempts"], 5);
    assert_eq!(result["dlp"], full()["dlp"]);
}

#[tokio::test]
async fn every_bound_is_kept() {
    let test = TestApi::new();
    let cases = [
        ("id", json!("UPPER")),
        ("id", json!("")),
        ("id", json!("-a")),
        ("id", json!("a--b")),
        ("id", json!("x".repeat(65))),
        ("id", json!(7)),
        ("cache_ttl", json!(-1)),
        ("cache_ttl", json!("1")),
        ("cache_ttl", json!(1.5)),
        ("collect_logs", Value::Null),
        ("cache_invalidate_on_update", json!("true")),
        ("rate_limiting_interval", json!(-1)),
        ("rate_limiting_limit", json!(-1)),
        ("rate_limiting_technique", json!("leaky")),
        ("authentication", json!(1)),
        ("log_management", json!(9_999)),
        ("log_management", json!(10_000_001)),
        ("log_management_strategy", json!("DROP")),
        ("logpush_public_key", json!("x".repeat(15))),
        ("logpush_public_key", json!("x".repeat(1025))),
        ("retry_max_attempts", json!(0)),
        ("retry_max_attempts", json!(6)),
        ("retry_delay", json!(-1)),
        ("retry_delay", json!(60_001)),
        ("retry_backoff", json!("random")),
        ("workers_ai_billing_mode", Value::Null),
        ("store_id", json!("nowhere")),
        ("otel", json!({})),
        ("spend_limits", json!({"rules": 1})),
    ];
    for (name, value) in cases {
        let mut body = full();
        body[name] = value.clone();
        let error = test.post(GATEWAYS, &body).await.error(400, 7001);
        assert_eq!(error["path"][0], "body");
        assert_eq!(error["path"][1], name, "{name}: {value}");
    }
    let nested = [
        ("dlp", json!({"enabled": true, "action": "BLOCK"})),
        ("guardrails", json!({"prompt": {"S1": "WARN"}, "response": {}})),
        ("otel", json!([{"url": "x", "headers": {}}])),
        ("stripe", json!({"authorization": "********", "usage_events": []})),
        ("spend_limits", json!({"rules": vec![full()["spend_limits"]["rules"][0].clone(); 21]})),
        ("spend_limits", json!({"rules": [{"limit": -1, "limitType": "cost", "window": 1}]})),
        ("spend_limits", json!({"rules": [{"limit": 1, "window": 1}]})),
        (
            "spend_limits",
            json!({"rules": [
                {"id": "a", "limit": 1, "limitType": "cost", "window": 1},
                {"id": "a", "limit": 2, "limitType": "cost", "window": 1}
            ]}),
        ),
        ("spend_mode", json!("loose")),
        ("spend_ceiling", json!(0)),
        ("spend_missing", json!("ignore")),
        ("ip_allow", json!(["10.0.0.0/40"])),
        ("ip_allow", json!("10.0.0.0/8")),
        ("zdr_strict", json!("yes")),
        ("spend_limits", json!({"rules": [{"limit": 1, "limitType": "tokens", "window": 1}]})),
    ];
    for (name, value) in nested {
        let mut body = full();
        body[name] = value;
        assert_eq!(test.post(GATEWAYS, &body).await.error(400, 7001)["path"][1], name);
    }
    for name in [
        "cache_invalidate_on_update",
        "cache_ttl",
        "collect_logs",
        "rate_limiting_interval",
        "rate_limiting_limit",
    ] {
        let mut body = least("x");
        body.as_object_mut().unwrap().remove(name);
        let error = test.post(GATEWAYS, &body).await.error(400, 7001);
        assert_eq!(error["path"], json!(["body", name]));
        assert_eq!(error["message"], format!("{name} is required"));
    }
    assert_eq!(test.get(GATEWAYS).await.ok()["result_info"]["total_count"], 2);
}

#[tokio::test]
async fn a_rule_reads_back_complete() {
    let test = TestApi::new();
    let mut body = least("rules");
    body["spend_limits"] = json!({"rules": [{"limit": 1, "limitType": "cost", "window": 60}]});
    let made = test.post(GATEWAYS, &body).await.ok();
    let limits = &made["result"]["spend_limits"];
    assert_eq!(limits["enabled"], false);
    let rule = &limits["rules"][0];
    assert_eq!((&rule["enabled"], &rule["technique"]), (&json!(true), &json!("sliding")));
    assert_eq!(rule["id"].as_str().unwrap().len(), 8);
    body["spend_limits"] = json!({});
    let changed = test.put(&format!("{GATEWAYS}/rules"), &body).await.ok();
    assert_eq!(changed["result"]["spend_limits"], json!({"enabled": false, "rules": []}));
}

#[tokio::test]
async fn dlp_is_an_object_or_missing() {
    let test = TestApi::new();
    test.post(GATEWAYS, &full()).await.ok();
    let mut body = least("full");
    body["dlp"] = Value::Null;
    let cleared = test.put(&format!("{GATEWAYS}/full"), &body).await.ok();
    assert_eq!(cleared["result"].get("dlp"), None);
}

#[tokio::test]
async fn a_whole_number_may_be_written_with_a_point() {
    let test = TestApi::new();
    let mut body = least("point");
    body["cache_ttl"] = json!(60.0);
    body["spend_limits"] = json!({"rules": [{"limit": 1.0, "limitType": "cost", "window": 60.0}]});
    let made = test.post(GATEWAYS, &body).await.ok();
    assert_eq!(made["result"]["cache_ttl"], json!(60));
    assert_eq!(made["result"]["spend_limits"]["rules"][0]["window"], json!(60));
    for not_whole in [json!(60.5), json!(1e300), json!(-1.0), json!(9_007_199_254_740_994.0)] {
        body["cache_ttl"] = not_whole;
        let error = test.put(&format!("{GATEWAYS}/point"), &body).await.error(400, 7001);
        assert_eq!(error["path"], json!(["body", "cache_ttl"]));
    }
}

#[tokio::test]
async fn an_unknown_key_inside_a_setting_is_refused_with_its_name() {
    let test = TestApi::new();
    let mut body = least("semantic");
    body["cache_semantic"] =
        json!({"provider": "openai", "model": "m", "threshold": 0.9, "other": 1});
    let error = test.post(GATEWAYS, &body).await.error(400, 7001);
    assert_eq!(error["path"], json!(["body", "cache_semantic"]));
}

#[tokio::test]
async fn a_taken_id_is_refused_and_an_unknown_setting_is_noted() {
    let test = TestApi::new();
    let error = test.post(GATEWAYS, &least("shop")).await.error(400, 7001);
    assert_eq!(error["message"], "gateway shop already exists");
    let mut body = least("noted");
    body["cache_tll"] = json!(1);
    let made = test.post(GATEWAYS, &body).await.ok();
    let message = made["messages"][0]["message"].as_str().unwrap();
    assert_eq!(message, "cache_tll is unknown and was ignored; cache_ttl is known");
}

#[tokio::test]
async fn a_deleted_gateway_is_answered_and_gone_with_its_logs() {
    let test = TestApi::with_logs(FakeLogs::of(vec![full_row(1)]));
    let gone = test.delete(&format!("{GATEWAYS}/shop")).await.ok();
    assert_eq!(gone["result"]["id"], "shop");
    test.get(&format!("{GATEWAYS}/shop")).await.error(404, 7002);
    test.delete(&format!("{GATEWAYS}/shop")).await.error(404, 7002);
    test.post(GATEWAYS, &least("shop")).await.ok();
    assert_eq!(test.get(LOGS).await.ok()["result"], json!([]));
}

#[tokio::test]
async fn an_account_may_be_limited_to_so_many_gateways() {
    let options = Options { max_gateways: Some(2), ..Options::default() };
    let shop = gateway("acc1", "shop", 1);
    let test = TestApi::with_options(vec![shop], FakeLogs::default(), options);
    test.post(GATEWAYS, &least("second")).await.ok();
    test.post(GATEWAYS, &least("third")).await.error(400, 7001);
}

#[tokio::test]
async fn the_address_of_a_gateway_is_where_the_request_came_to() {
    let uri = format!("{GATEWAYS}/shop/url/openai");
    let answer = TestApi::new().get_as(Permission::Read, &uri).await.ok();
    assert_eq!(answer["result"], "http://localhost/v1/acc1/shop/openai");
    let options =
        Options { public_url: Some("https://weir.example/".into()), ..Options::default() };
    let test =
        TestApi::with_options(vec![gateway("acc1", "shop", 1)], FakeLogs::default(), options);
    let answer = test.get(&uri.replace("openai", "custom-mine")).await.ok();
    assert_eq!(answer["result"], "https://weir.example/v1/acc1/shop/custom-mine");
}

#[tokio::test]
async fn a_token_that_may_only_read_changes_nothing() {
    let test = TestApi::new();
    let headers = [("authorization", "Bearer tok-ai-gateway-read")];
    let answer = test.send(http::Method::DELETE, &format!("{GATEWAYS}/shop"), &headers).await;
    answer.error(403, 10000);
    test.get(&format!("{GATEWAYS}/shop")).await.ok();
}

#[tokio::test]
async fn null_gives_settings_that_are_never_null_their_default_back() {
    let test = TestApi::new();
    test.post(GATEWAYS, &full()).await.ok();
    let mut body = least("full");
    for name in weir_core::GatewaySettings::NULL_IS_DEFAULT {
        body[name] = Value::Null;
    }
    let result = test.put(&format!("{GATEWAYS}/full"), &body).await.ok()["result"].clone();
    assert_eq!(result["rate_limits"], json!([]));
    assert_eq!(result["cache_stream_pace"], "full");
    for flag in ["cache_streams", "cache_coalesce", "rate_limit_headers"] {
        assert_eq!(result[flag], false, "{flag}");
    }
    body["id"] = json!("new-one");
    test.post(GATEWAYS, &body).await.ok();
}

#[tokio::test]
async fn a_fault_of_a_rate_limit_names_its_place() {
    let test = TestApi::new();
    let limit = |changes: Value| {
        let mut limit =
            json!({"id": "a", "by": "model", "unit": "requests", "limit": 5, "interval": 60});
        limit.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        limit
    };
    let concurrent = json!({"id": "a", "by": "model", "unit": "concurrent", "limit": 5});
    let with = |extra: (&str, Value)| {
        let mut limit = concurrent.clone();
        limit[extra.0] = extra.1;
        limit
    };
    let cases = [
        (limit(json!({"id": "a b"})), "id"),
        (limit(json!({"id": ""})), "id"),
        (limit(json!({"id": "gateway"})), "id"),
        (limit(json!({"by": "user"})), "by"),
        (limit(json!({"by": "metadata."})), "by"),
        (limit(json!({"unit": "calls"})), "unit"),
        (limit(json!({"limit": 0})), "limit"),
        (limit(json!({"interval": null})), "interval"),
        (limit(json!({"interval": 0})), "interval"),
        (limit(json!({"technique": "leaky"})), "technique"),
        (with(("interval", json!(60))), "interval"),
        (with(("technique", json!("sliding"))), "technique"),
    ];
    for (limit, field) in cases {
        let mut body = least("limits");
        body["rate_limits"] = json!([limit]);
        let error = test.post(GATEWAYS, &body).await.error(400, 7001);
        assert_eq!(error["path"], json!(["body", "rate_limits", "0", field]), "{limit}");
    }
    let mut body = least("limits");
    body["rate_limits"] = json!([limit(json!({})), concurrent]);
    let error = test.post(GATEWAYS, &body).await.error(400, 7001);
    assert_eq!(error["path"], json!(["body", "rate_limits", "1", "id"]));
    let mut body = least("limits");
    body["cache_semantic"] = json!({"provider": "openai", "model": "m", "threshold": 0});
    let error = test.post(GATEWAYS, &body).await.error(400, 7001);
    assert_eq!(error["path"], json!(["body", "cache_semantic", "threshold"]));
}

#[tokio::test]
async fn rules_sent_again_without_ids_keep_what_was_spent_of_them() {
    let test = TestApi::new();
    let mut body = least("g");
    body["spend_limits"] = json!({"enabled": true, "rules": [
        {"limit": 1, "limit_type": "cost", "window": 60},
        {"limit": 2, "limitType": "cost", "window": 60, "model": {"mode": "split"}}
    ]});
    let made = test.post(GATEWAYS, &body).await.ok()["result"]["spend_limits"].clone();
    assert_eq!(made["rules"][0]["limit_type"], "cost");
    assert_eq!(made["rules"][0].get("limitType"), None);
    let again = test.put(&format!("{GATEWAYS}/g"), &body).await.ok()["result"].clone();
    assert_eq!(again["spend_limits"], made);
    let read = test.get(&format!("{GATEWAYS}/g")).await.ok()["result"].clone();
    let written = test.put(&format!("{GATEWAYS}/g"), &read).await.ok();
    assert_eq!((&written["result"]["spend_limits"], &written["messages"]), (&made, &json!([])));
}

#[tokio::test]
async fn what_is_spent_of_a_rule_is_told() {
    let test = TestApi::new();
    let mut body = least("g");
    body["spend_limits"] = json!({"enabled": true, "rules": [
        {"id": "all", "limit": 1, "limitType": "cost", "window": 60, "technique": "fixed"},
        {"id": "each", "limit": 2, "limitType": "cost", "window": 60,
         "model": {"mode": "partition"}, "metadata": {"team": {"mode": "partition"}}},
        {"id": "off", "enabled": false, "limit": 2, "limitType": "cost", "window": 60}
    ]});
    test.post(GATEWAYS, &body).await.ok();
    let gateway = test.api().configuration.snapshot().gateway("acc1", "g").unwrap().clone();
    let rules = SpendRule::enabled(gateway.settings.spend_limits.as_ref());
    for (rule, values, spent) in
        [(&rules[0], vec![], 1_000_000_000_000), (&rules[1], vec!["gpt", "eng"], 500_000_000_000)]
    {
        let claim = Claim {
            key: rule.key(&gateway, &values),
            span: rule.span(),
            measure: Measure::Sum,
            limit: rule.most(),
            amount: 0,
        };
        test.ledger().set(&claim, Standing { spent, ..Standing::default() });
    }
    let uri = format!("{GATEWAYS}/g/spend-limits/usage");
    let rows = test.get(&uri).await.ok()["result"].clone();
    assert_eq!(rows.as_array().unwrap().len(), 2);
    assert_eq!((&rows[0]["spent"], &rows[0]["exhausted"]), (&json!(1.0), &json!(true)));
    assert_eq!(rows[1]["missing"], json!(["model", "metadata.team"]));
    assert_eq!(rows[1]["spent"], Value::Null);
    let rows = test.get(&format!("{uri}?model=gpt&metadata.team=eng")).await.ok()["result"].clone();
    assert_eq!((&rows[1]["spent"], &rows[1]["missing"]), (&json!(0.5), &json!([])));
    assert_eq!(rows[1]["values"], json!({"model": "gpt", "metadata.team": "eng"}));
    assert_eq!(
        test.get(&format!("{GATEWAYS}/shop/spend-limits/usage")).await.ok()["result"],
        json!([])
    );
}
