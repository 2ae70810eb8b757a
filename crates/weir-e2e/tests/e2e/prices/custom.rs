//! The caller's own price, in all forms and by every way in.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use weir_e2e::http::Request;

use super::rig::{answer, asking, chat, newest, start, sum};
use crate::rig::Rig;
use crate::unified::rig::{compat, rest, store};

async fn row_of(rig: &Rig, count: usize, request: &Request) -> Result<Value> {
    rig.upstream.script("openai", [answer()]);
    let response = rig.weir.send(request).await?;
    assert_eq!(response.status, 200, "{}", response.text());
    newest(rig, count).await
}

/// Of 1000 tokens in, 400 of them cached, and 500 out.
#[tokio::test]
async fn every_form_counts() -> Result<()> {
    let rig = start().await?;
    for (place, (header, cost)) in [
        (r#"{"total_cost": 0.25}"#, 0.25),
        (r#"{"per_token_in": 1e-3, "per_token_out": 2E-3}"#, 2.0),
        (r#"{"per_token_in": 0.001}"#, 1.0),
        (r#"{"per_token_out": 0.002, "per_token_in": null}"#, 1.0),
        (r#"{"per_token_in": 0.001, "per_cache_read_token": 0.0001}"#, 0.64),
        (r#"{"per_token_in": 0.001, "per_cache_write_token": 7}"#, 1.0),
        (r#"{"per_token_in": 0.000000000000000000001}"#, 0.0),
        // What is a total is no matter of tokens.
        (r#"{"total_cost": 0, "per_token_in": 5}"#, 0.0),
    ]
    .into_iter()
    .enumerate()
    {
        let request = chat("nobody-knows").header("cf-aig-custom-cost", header);
        let row = row_of(&rig, place + 1, &request).await?;
        let told = row["cost"].as_f64().with_context(|| format!("{header}: {row:#}"))?;
        assert!((told - cost).abs() < 1e-12, "{header}: {told}");
        assert_eq!((&row["custom_cost"], &row["cost_by"]), (&json!(true), &json!("request")));
        assert!((sum(&row) - cost).abs() < 1e-12, "{header}: {row:#}");
    }
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_read_is_passed_over_and_told() -> Result<()> {
    let rig = start().await?;
    for (place, header) in
        ["oops", r#"{"per_token_in": -1}"#, "{}", "[1]", r#"{"total_cost": "1"}"#]
            .iter()
            .enumerate()
    {
        let request = chat("listed").header("cf-aig-custom-cost", header);
        let row = row_of(&rig, place + 1, &request).await?;
        assert_eq!((&row["custom_cost"], &row["cost"]), (&json!(false), &json!(2.0)), "{header}");
        let id = row["id"].as_str().context("id")?;
        let path = format!("/gateways/gw1/logs/{id}/explain");
        let told = rig.weir.result("GET", &path, None).await?["summary"].to_string();
        assert!(told.contains("Cf-aig-custom-cost is passed over"), "{told}");
    }
    Ok(())
}

#[tokio::test]
async fn every_way_in_takes_it() -> Result<()> {
    let rig = start().await?;
    store(&rig.weir, "openai", "default", "sk-stored").await?;
    let price = json!({"per_token_in": 0.000_002, "per_token_out": 0.000_004});
    let step = |headers: Value| {
        let step = json!([{"provider": "openai", "endpoint": "chat/completions",
            "headers": headers, "query": asking("listed")}]);
        Request::post("/v1/acc1/gw1").header("cf-aig-authorization", "Bearer tok-run").json(&step)
    };
    let text = price.to_string();
    for (place, request) in [
        chat("listed").header("cf-aig-custom-cost", &text),
        compat("chat/completions", &asking("openai/listed")).header("cf-aig-custom-cost", &text),
        step(json!({"authorization": "Bearer k", "cf-aig-custom-cost": price})),
        step(json!({"authorization": "Bearer k", "cf-aig-custom-cost": text})),
        step(json!({"authorization": "Bearer k"})).header("cf-aig-custom-cost", &text),
        // A step's bad one does not hide the request's good one.
        step(json!({"authorization": "Bearer k", "cf-aig-custom-cost": "oops"}))
            .header("cf-aig-custom-cost", &text),
        rest("v1/chat/completions", &asking("openai/listed"))
            .header("cf-aig-gateway-id", "gw1")
            .header("cf-aig-custom-cost", &text),
    ]
    .iter()
    .enumerate()
    {
        let row = row_of(&rig, place + 1, request).await?;
        assert_eq!((&row["custom_cost"], &row["cost"]), (&json!(true), &json!(0.004)), "{place}");
    }
    Ok(())
}

#[tokio::test]
async fn an_answer_out_of_the_cache_costs_nothing() -> Result<()> {
    let rig = start().await?;
    rig.upstream.script("openai", [answer()]);
    let request = chat("m")
        .header("cf-aig-cache-ttl", "60")
        .header("cf-aig-custom-cost", r#"{"total_cost": 3}"#);
    for (count, cost) in [(1, 3.0), (2, 0.0)] {
        rig.weir.send(&request).await?;
        assert_eq!(newest(&rig, count).await?["cost"], json!(cost));
    }
    Ok(())
}
