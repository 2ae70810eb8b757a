//! Streams that are left before they told their usage.

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::{Client, Request};
use weir_e2e::upstream::{Answer, Ending};

use super::rig::{limits, settled, start};
use crate::rig::Rig;
use crate::traffic::rig::{ask, asking, streamed};
use crate::traffic::routes::rig::{call_with, chat, deploy, element, end, model, start as begin};
use crate::unified::rig::store;

/// Forty words, and then nothing.
fn endless() -> Answer {
    let words = "word ".repeat(40);
    let event = json!({"id": "c", "object": "chat.completion.chunk", "created": 1,
        "model": "gpt-4o-mini",
        "choices": [{"index": 0, "delta": {"content": words}, "finish_reason": null}]});
    Answer::sse(&[&event.to_string()]).without_end().ending(Ending::Stall)
}

/// Reads the beginning of an answer and leaves; gives the row.
async fn leave(rig: &Rig, request: &Request) -> Result<Value> {
    let before = rig.weir.rows("gw1").await?.len();
    let mut client = Client::open(rig.weir.address()).await?;
    client.send(request.to_bytes()).await?;
    client.read_until("word").await?;
    drop(client);
    Ok(rig.weir.wait_for_rows(before + 1).await?.remove(before))
}

fn streaming() -> Request {
    let mut body = asking("x");
    body["stream"] = json!(true);
    Request::call("openai/chat/completions", &body)
}

#[tokio::test]
async fn whoever_leaves_pays_for_what_came() -> Result<()> {
    let rig = start(&limits(&[json!({"id": "r1", "limit": 0.05})])).await?;
    rig.upstream.script("openai", [endless()]);
    let row = leave(&rig, &streaming()).await?;
    // 200 letters are about 50 tokens, at 0.2 cents each.
    assert_eq!(row["tokens_out"], 50, "{row:#}");
    assert!(row["cost"].as_f64().is_some_and(|cost| cost >= 0.1), "{row:#}");
    let id = row["id"].as_str().unwrap_or_default();
    let told = rig.weir.result("GET", &format!("/gateways/gw1/logs/{id}/explain"), None).await?;
    assert_eq!(told["attempts"][0]["estimated"], true, "{told:#}");
    assert_eq!(settled(&rig, &ask("y")).await?.status, 429);
    Ok(())
}

#[tokio::test]
async fn a_told_usage_is_no_estimate() -> Result<()> {
    let rig = start(&limits(&[json!({"id": "r1", "limit": 0.05})])).await?;
    rig.upstream.script("openai", [streamed("pong")]);
    let answer = settled(&rig, &streaming()).await?;
    assert_eq!(answer.status, 200);
    let row = rig.weir.only_row().await?;
    assert_eq!((&row["tokens_in"], &row["tokens_out"]), (&json!(10), &json!(5)), "{row:#}");
    let id = row["id"].as_str().unwrap_or_default();
    let told = rig.weir.result("GET", &format!("/gateways/gw1/logs/{id}/explain"), None).await?;
    assert_eq!(told["attempts"][0]["estimated"], false, "{told:#}");
    Ok(())
}

#[tokio::test]
async fn leaving_does_not_get_around_a_routes_budget() -> Result<()> {
    let rig = start(&json!({})).await?;
    for slug in ["openai", "groq"] {
        store(&rig.weir, slug, "default", "sk-stored").await?;
    }
    let cost = json!({"limitType": "cost", "key": "metadata.user", "limit": 0.05, "window": 3600});
    let elements = [
        begin("r"),
        element("r", "rate", &cost, &[("success", "a"), ("fallback", "b")]),
        model("a", "openai/gpt-4o-mini", "end", None),
        model("b", "groq/small", "end", None),
        end(),
    ];
    deploy(&rig.weir, "r", &elements).await?;
    rig.upstream.script("openai", [endless()]);
    let mut body = chat("r");
    body["stream"] = json!(true);
    leave(&rig, &call_with(&body)).await?;
    let answer = settled(&rig, &call_with(&chat("r"))).await?;
    assert_eq!(answer.header("cf-aig-provider"), Some("groq"), "{}", answer.text());
    Ok(())
}
