//! A change is in force when it is answered, and never in the middle of a call.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::{Client, Request};
use weir_e2e::upstream::Answer;

use crate::rig::{Rig, chat_body, chat_stream};

/// What every client must send to make a gateway.
pub(super) fn settings() -> Value {
    json!({
        "cache_invalidate_on_update": false, "cache_ttl": 0, "collect_logs": true,
        "rate_limiting_interval": 0, "rate_limiting_limit": 0
    })
}

pub(super) fn gateway(id: &str) -> Value {
    let mut body = settings();
    body["id"] = json!(id);
    body
}

fn chat_at(gateway: &str) -> Request {
    let path = format!("/v1/acc1/{gateway}/openai/chat/completions");
    Request::post(&path).header("authorization", "Bearer sk-client").json(&chat_body())
}

#[tokio::test]
async fn the_next_call_meets_the_change() -> Result<()> {
    let rig = Rig::start().await?;
    assert_eq!(rig.weir.send(&chat_at("fresh")).await?.status, 400);
    rig.weir.result("POST", "/gateways", Some(&gateway("fresh"))).await?;
    assert_eq!(rig.weir.send(&chat_at("fresh")).await?.status, 200);
    for round in 0..20 {
        let closed = round % 2 == 0;
        let mut body = settings();
        body["authentication"] = json!(closed);
        rig.weir.result("PUT", "/gateways/fresh", Some(&body)).await?;
        let status = rig.weir.send(&chat_at("fresh")).await?.status;
        assert_eq!(status, if closed { 401 } else { 200 }, "round {round}");
    }
    rig.weir.result("DELETE", "/gateways/fresh", None).await?;
    assert_eq!(rig.weir.send(&chat_at("fresh")).await?.status, 400);
    Ok(())
}

#[tokio::test]
async fn a_call_ends_by_the_rules_that_it_began_with() -> Result<()> {
    let rig = Rig::start().await?;
    let events = ["{\"n\":0}", "{\"n\":1}", "{\"n\":2}", "[DONE]"];
    let answer = Answer::sse(&events).chunk_delay(Duration::from_millis(150));
    rig.upstream.script("openai", [answer]);
    let mut client = Client::open(rig.weir.address()).await?;
    client.send(chat_stream().to_bytes()).await?;
    client.read_until("\"n\":0").await?;
    rig.weir.result("DELETE", "/gateways/gw1", None).await?;
    let rest = client.response("POST").await?;
    assert!(rest.complete && rest.text().ends_with("data: [DONE]\n\n"), "{}", rest.text());
    Ok(())
}

#[tokio::test]
async fn changes_survive_a_kill() -> Result<()> {
    let mut rig = Rig::start().await?;
    let made = rig.weir.result("POST", "/gateways", Some(&gateway("kept"))).await?;
    rig.weir.kill().await?;
    rig.weir.restart().await?;
    assert_eq!(rig.weir.result("GET", "/gateways/kept", None).await?, made);
    Ok(())
}

#[tokio::test]
async fn a_token_for_one_gateway_opens_no_other() -> Result<()> {
    let rig = Rig::start().await?;
    rig.weir.result("POST", "/gateways", Some(&gateway("other"))).await?;
    let mut closed = settings();
    closed["authentication"] = json!(true);
    rig.weir.result("PUT", "/gateways/other", Some(&closed)).await?;
    let body = json!({"name": "narrow", "permissions": ["AI Gateway Run"], "gateways": ["gw1"]});
    let request = Request::post("/client/v4/accounts/acc1/tokens")
        .header("authorization", "Bearer tok-admin")
        .json(&body);
    let made = rig.weir.send(&request).await?;
    assert_eq!(made.status, 200, "{}", made.text());
    let value = made.json()?["result"]["value"].as_str().unwrap_or_default().to_owned();
    for (gateway, status) in [("gw1", 200), ("other", 401)] {
        let call = chat_at(gateway).header("cf-aig-authorization", format!("Bearer {value}"));
        assert_eq!(rig.weir.send(&call).await?.status, status, "{gateway}");
    }
    Ok(())
}
