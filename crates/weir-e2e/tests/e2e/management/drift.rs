//! Terraform's way: read, change one thing, write everything back, and find nothing else different.

use anyhow::Result;
use serde_json::{Value, json};

use super::effect::{gateway, settings};
use crate::rig::Rig;

/// What the Terraform provider sends back: the settable fields of what it read.
fn settable(read: &Value) -> Value {
    const COMPUTED: [&str; 8] = [
        "id",
        "account_id",
        "account_tag",
        "internal_id",
        "is_default",
        "created_at",
        "modified_at",
        "wholesale",
    ];
    let mut body = read.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.retain(|name, _| !COMPUTED.contains(&name.as_str()));
    }
    body
}

fn without_time(read: &Value) -> Value {
    let mut rest = read.clone();
    rest["modified_at"] = Value::Null;
    rest
}

#[tokio::test]
async fn read_modify_write_shows_no_drift() -> Result<()> {
    let rig = Rig::start().await?;
    rig.weir.result("POST", "/gateways", Some(&gateway("tf"))).await?;
    let changes = [
        ("authentication", json!(true)),
        ("cache_ttl", json!(3600)),
        ("cache_ttl", Value::Null),
        ("rate_limiting_technique", json!("sliding")),
        ("rate_limiting_limit", json!(100)),
        ("log_management", json!(100_000)),
        ("log_management_strategy", json!("STOP_INSERTING")),
        ("logpush", json!(true)),
        ("logpush_public_key", json!("0123456789abcdef")),
        ("retry_max_attempts", json!(3)),
        ("retry_delay", json!(0)),
        ("retry_backoff", json!("linear")),
        ("zdr", json!(true)),
        ("byok_only", json!(true)),
        ("workers_ai_billing_mode", json!("unified")),
        ("guardrails", json!({"prompt": {"S1": "BLOCK"}, "response": {}})),
        ("dlp", json!({"action": "FLAG", "enabled": true, "profiles": ["p"]})),
        (
            "otel",
            json!([{"url": "https://o.example/v1", "headers": {"a": "b"}, "authorization": "c"}]),
        ),
        ("stripe", json!({"authorization": "s", "usage_events": [{"payload": "p"}]})),
        (
            "spend_limits",
            json!({"enabled": true, "rules": [
            {"id": "00000001", "enabled": true, "limit": 1.5, "limitType": "cost", "window": 60,
             "technique": "fixed", "metadata": {"cf.user_id": {"mode": "partition"}}}]}),
        ),
        ("spend_limits", Value::Null),
    ];
    for (name, value) in changes {
        let read = rig.weir.result("GET", "/gateways/tf", None).await?;
        let mut body = settable(&read);
        body[name] = value.clone();
        let written = rig.weir.result("PUT", "/gateways/tf", Some(&body)).await?;
        let again = rig.weir.result("GET", "/gateways/tf", None).await?;
        assert_eq!(again, written, "{name}");
        let mut expected = without_time(&read);
        expected[name] = again[name].clone();
        assert_eq!(without_time(&again), expected, "{name} moved something else");
        if !["otel", "stripe"].contains(&name) {
            assert_eq!(again[name], value, "{name}");
        }
        // The plan after the apply: nothing to do.
        let unchanged = rig.weir.result("PUT", "/gateways/tf", Some(&settable(&again))).await?;
        assert_eq!(without_time(&unchanged), without_time(&again), "{name}");
    }
    let least = rig.weir.result("PUT", "/gateways/tf", Some(&settings())).await?;
    assert_eq!(least["retry_max_attempts"], 3);
    Ok(())
}
