//! Why a call went the way it went, asked for on real traffic.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use weir_e2e::upstream::Answer;

use super::rig::{ask, completion, rows, start};
use super::routes::rig::{call, deploy, element, end, model, start as entry, world};
use crate::rig::Rig;

async fn explain(rig: &Rig, id: &Value) -> Result<Value> {
    let id = id.as_str().context("id")?;
    rig.weir.result("GET", &format!("/gateways/gw1/logs/{id}/explain"), None).await
}

#[tokio::test]
async fn tries_waits_and_the_cache_are_explained() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600, "rate_limiting_limit": 9,
        "rate_limiting_interval": 60}))
    .await?;
    rig.upstream.script("openai", [Answer::new(503), Answer::json(200, &completion("pong"))]);
    let request = ask("why").header("cf-aig-max-attempts", "2").header("cf-aig-retry-delay", "20");
    assert_eq!(rig.weir.send(&request).await?.status, 200);
    let rows = rows(&rig, 2).await?;
    let told = explain(&rig, &rows[1]["id"]).await?;
    let text = told.to_string();
    let attempts = told["attempts"].as_array().context("attempts")?;
    assert_eq!(attempts.len(), 2, "{told:#}");
    assert_eq!(attempts[0]["status_code"], 503, "{told:#}");
    for part in ["not_stored", "gateway", "retry", "request"] {
        assert!(text.contains(part), "{part} is missing in {told:#}");
    }
    assert!(!text.contains("sk-client"), "{text}");
    assert!(told["summary"].as_array().is_some_and(|lines| lines.len() >= 2), "{told:#}");
    let hit = rig.weir.send(&ask("why").header("weir-explain", "1")).await?;
    let header = hit.header("weir-explain").context("weir-explain")?;
    let header: Value = serde_json::from_str(header)?;
    assert_eq!(header["cache"]["outcome"], "hit", "{header:#}");
    assert_eq!(header["cache"]["from"], rows[1]["id"], "{header:#}");
    Ok(())
}

#[tokio::test]
async fn the_way_through_a_route_is_explained_and_foretold() -> Result<()> {
    let rig = world(&json!({})).await?;
    let asks = json!({"conditions": {"metadata.plan": {"$eq": "free"}}});
    let elements = [
        entry("c"),
        element("c", "conditional", &asks, &[("true", "cheap"), ("false", "good")]),
        model("cheap", "groq/small", "end", Some("good")),
        model("good", "openai/m", "end", None),
        end(),
    ];
    let route = deploy(&rig.weir, "r", &elements).await?;
    rig.upstream.script("groq", [Answer::new(500)]);
    let request = call("r").header("cf-aig-metadata", r#"{"plan":"free"}"#);
    assert_eq!(rig.weir.send(&request).await?.status, 200);
    let rows = rows(&rig, 2).await?;
    let told = explain(&rig, &rows[1]["id"]).await?.to_string();
    for part in ["metadata.plan", "free", "cheap", "good"] {
        assert!(told.contains(part), "{part} is missing in {told}");
    }
    let calls = rig.upstream.calls().len();
    let path = format!("/gateways/gw1/routes/{route}/simulate");
    let body = json!({"request": {"metadata": {"plan": "paid"}, "body": super::rig::asking("x")}});
    let told = rig.weir.result("POST", &path, Some(&body)).await?;
    assert_eq!(told["model"]["provider"], "openai", "{told:#}");
    let of_row = json!({"log_id": rows[1]["id"]});
    let told = rig.weir.result("POST", &path, Some(&of_row)).await?;
    assert_eq!(told["model"]["provider"], "groq", "{told:#}");
    assert_eq!(rig.upstream.calls().len(), calls, "nobody is asked");
    Ok(())
}
