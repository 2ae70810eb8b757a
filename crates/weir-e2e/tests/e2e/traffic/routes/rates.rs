//! Counts and budgets inside a route.

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::Request;
use weir_e2e::upstream::Answer;

use super::rig::{call, deploy, element, end, model, patient_model, redeploy, start, told, world};
use crate::rig::Rig;
use crate::traffic::rig::{advance, code, completion, rows};

/// Openai while the rate has room, then groq.
fn gated(kind: &str, properties: &Value, fallback: bool) -> Vec<Value> {
    let mut ways = vec![("success", "a")];
    ways.extend(fallback.then_some(("fallback", "b")));
    let mut elements = vec![
        start("r"),
        element("r", kind, properties, &ways),
        model("a", "openai/gpt-4o-mini", "end", None),
        end(),
    ];
    if fallback {
        elements.push(model("b", "groq/small", "end", None));
    }
    elements
}

fn of(user: &str) -> Request {
    call("r").header("cf-aig-metadata", json!({"user": user}).to_string())
}

async fn assert_told(rig: &Rig, request: &Request, expected: &[&str]) -> Result<()> {
    for expected in expected {
        let (status, name) = told(rig, request).await?;
        let provider = name.split('/').next().unwrap_or_default();
        assert_eq!((status, provider), (200, *expected));
    }
    Ok(())
}

#[tokio::test]
async fn each_value_of_the_key_counts_alone_in_both_spellings() -> Result<()> {
    let count = |window: &str| json!({"limitType": "count", "key": "metadata.user", "limit": 2, window: 60});
    for (kind, properties) in [("rate", count("window")), ("rate_limit", count("interval"))] {
        let rig = world(&json!({})).await?;
        deploy(&rig.weir, "r", &gated(kind, &properties, true)).await?;
        assert_told(&rig, &of("u1"), &["openai", "openai", "groq", "groq"]).await?;
        assert_told(&rig, &of("u2"), &["openai", "openai", "groq"]).await?;
        // Those without the key share one counter.
        assert_told(&rig, &call("r"), &["openai"]).await?;
        let other = call("r").header("cf-aig-metadata", r#"{"team":"t"}"#);
        assert_told(&rig, &other, &["openai", "groq"]).await?;
        advance(&rig, 60)?;
        assert_told(&rig, &of("u1"), &["openai"]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_sliding_rate_looks_back() -> Result<()> {
    let rig = world(&json!({})).await?;
    let properties = json!({"limitType": "count", "key": "metadata.user", "limit": 1,
        "window": 60, "technique": "sliding"});
    deploy(&rig.weir, "r", &gated("rate", &properties, true)).await?;
    advance(&rig, 50)?;
    assert_told(&rig, &of("u"), &["openai"]).await?;
    advance(&rig, 50)?;
    assert_told(&rig, &of("u"), &["groq"]).await?;
    advance(&rig, 12)?;
    assert_told(&rig, &of("u"), &["openai"]).await
}

#[tokio::test]
async fn without_a_fallback_the_route_ends() -> Result<()> {
    let rig = world(&json!({})).await?;
    let properties =
        json!({"limitType": "count", "key": "metadata.user", "limit": 1, "window": 60});
    deploy(&rig.weir, "r", &gated("rate", &properties, false)).await?;
    assert_told(&rig, &of("u"), &["openai"]).await?;
    let refused = rig.weir.send(&of("u")).await?;
    assert_eq!(code(&refused), (429, Some(2003)), "{}", refused.text());
    let id = refused.header("cf-aig-log-id").unwrap_or_default();
    let row = rig.weir.wait_for_row("gw1", id).await?;
    assert_eq!((&row["status_code"], &row["success"]), (&json!(429), &json!(false)), "{row:#}");
    Ok(())
}

#[tokio::test]
async fn a_budget_is_used_up_by_what_was_spent() -> Result<()> {
    let rig = world(&json!({})).await?;
    let properties =
        json!({"limitType": "cost", "key": "metadata.user", "limit": 0.03, "window": 3600});
    deploy(&rig.weir, "r", &gated("rate", &properties, true)).await?;
    // 10 in, 5 out: two cents a call.
    rig.upstream.script("openai", [Answer::json(200, &completion("pong"))]);
    for (number, provider) in ["openai", "openai", "groq", "groq"].into_iter().enumerate() {
        assert_told(&rig, &of("u1"), &[provider]).await?;
        rig.weir.wait_for_rows(number + 1).await?;
    }
    assert_told(&rig, &of("u2"), &["openai"]).await?;
    advance(&rig, 3600)?;
    assert_told(&rig, &of("u1"), &["openai"]).await
}

#[tokio::test]
async fn a_new_version_keeps_the_counts_of_elements_that_stay() -> Result<()> {
    let rig = world(&json!({})).await?;
    let properties = |limit: u64| json!({"limitType": "count", "key": "metadata.user", "limit": limit, "window": 3600});
    let route = deploy(&rig.weir, "r", &gated("rate", &properties(2), true)).await?;
    assert_told(&rig, &of("u"), &["openai", "openai", "groq"]).await?;
    redeploy(&rig.weir, &route, &gated("rate", &properties(3), true)).await?;
    assert_told(&rig, &of("u"), &["openai", "groq"]).await
}

/// A model that had to be tried again costs what any other costs.
#[tokio::test]
async fn a_budget_counts_what_a_later_try_cost() -> Result<()> {
    let rig = world(&json!({})).await?;
    let cost = json!({"limitType": "cost", "key": "metadata.user", "limit": 0.015, "window": 60});
    let elements = [
        start("r"),
        element("r", "rate", &cost, &[("success", "a"), ("fallback", "b")]),
        patient_model("a", "openai/gpt-4o-mini", "end", None, (60_000, 1)),
        model("b", "groq/small", "end", None),
        end(),
    ];
    deploy(&rig.weir, "r", &elements).await?;
    rig.upstream.script("openai", [Answer::new(500), Answer::json(200, &completion("pong"))]);
    assert_told(&rig, &of("u1"), &["openai"]).await?;
    rows(&rig, 2).await?;
    assert_told(&rig, &of("u1"), &["groq"]).await
}
