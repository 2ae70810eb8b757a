//! Traffic control at the API host.

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::Request;
use weir_e2e::upstream::Answer;

use super::rig::{asking, cache_status, called, code, completion, expect, rows, start_with};
use crate::rig::Rig;
use crate::unified::rig::rest;

async fn world(settings: &Value) -> Result<Rig> {
    start_with(settings, |config| {
        config
            .set(&["providers", "openai", "platform_key"], json!("sk-platform"))
            .set(&["providers", "workers-ai", "platform_key"], json!("sk-platform"))
            .gateway("default", settings)
    })
    .await
    .inspect(|rig| rig.upstream.script("openai", [Answer::json(200, &completion("pong"))]))
}

fn chat(question: &str) -> Request {
    let mut body = asking(question);
    body["model"] = json!("openai/gpt-4o-mini");
    rest("v1/chat/completions", &body).header("cf-aig-gateway-id", "gw1")
}

fn run(question: &str) -> Request {
    let mut input = asking(question);
    input.as_object_mut().map(|input| input.remove("model"));
    rest("run", &json!({"model": "openai/gpt-4o-mini", "input": input}))
        .header("cf-aig-gateway-id", "gw1")
}

#[tokio::test]
async fn what_is_kept_is_given_again_at_every_path() -> Result<()> {
    let rig = world(&json!({})).await?;
    store_credits(&rig).await?;
    for (what, ask) in [("chat", chat as fn(&str) -> Request), ("run", run)] {
        let kept = ask(what).header("cf-aig-cache-ttl", "60");
        let first = rig.weir.send(&kept).await?;
        let again = rig.weir.send(&kept).await?;
        assert_eq!((first.status, cache_status(&first)), (200, "MISS"), "{}", first.text());
        assert_eq!((again.status, cache_status(&again)), (200, "HIT"), "{what}");
        assert_eq!(first.json()?, again.json()?, "{what}");
        let id = again.header("cf-aig-request-id");
        assert!(id.is_some() && id != first.header("cf-aig-request-id"), "{what}");
        let ids = (again.header("cf-aig-log-id"), again.header("cf-aig-event-id"));
        assert_eq!((ids, again.header("cf-aig-step")), ((id, id), Some("0")), "{what}");
        let skipped = kept.header("cf-aig-skip-cache", "True");
        expect(&rig, &[("skipped", &skipped, "MISS")]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn tries_are_followed() -> Result<()> {
    let rig = world(&json!({})).await?;
    store_credits(&rig).await?;
    for (what, ask) in [("chat", chat as fn(&str) -> Request), ("run", run)] {
        let good = Answer::json(200, &completion("pong"));
        rig.upstream.script("openai", [Answer::new(500), good]);
        let tried = ask(what).header("cf-aig-max-attempts", "9").header("cf-aig-retry-delay", "1");
        assert_eq!(rig.weir.send(&tried).await?.status, 200, "{what}");
    }
    assert_eq!(called(&rig).len(), 4);
    Ok(())
}

/// A refusal has what clients of either host look for.
#[tokio::test]
async fn a_full_gateway_refuses_in_both_envelopes() -> Result<()> {
    let settings = json!({"rate_limiting_limit": 1, "rate_limiting_interval": 60});
    let rig = world(&settings).await?;
    store_credits(&rig).await?;
    assert_eq!(rig.weir.send(&chat("a")).await?.status, 200);
    for ask in [chat, run] {
        let refused = rig.weir.send(&ask("b")).await?;
        assert_eq!(code(&refused), (429, Some(2003)), "{}", refused.text());
        let error = json!([{"code": 2003, "message": "Rate limited"}]);
        let expected = json!({"success": false, "result": null, "messages": [], "error": error,
            "errors": error, "name": "AiGatewayError", "httpCode": 429, "internalCode": 2003,
            "message": "Rate limited", "description": "Rate limited"});
        assert_eq!(refused.json()?, expected);
        assert_eq!((cache_status(&refused), refused.header("retry-after")), ("MISS", None));
        assert_eq!(refused.header("cf-aig-log-id"), refused.header("cf-aig-request-id"));
        assert_eq!(refused.header("cf-aig-step"), Some("0"));
    }
    Ok(())
}

/// A model of Workers AI goes through a gateway only when one is named.
#[tokio::test]
async fn what_goes_past_the_gateways_takes_nothing_of_them() -> Result<()> {
    let settings = json!({"cache_ttl": 60, "rate_limiting_limit": 1, "rate_limiting_interval": 60});
    let rig = world(&settings).await?;
    let direct = rest("run/@cf/meta/llama-3.1-8b-instruct", &json!({"prompt": "hi"}));
    for _ in 0..3 {
        let answer = rig.weir.send(&direct).await?;
        assert_eq!((answer.status, cache_status(&answer)), (200, "MISS"), "{}", answer.text());
    }
    let named = direct.clone().header("cf-aig-gateway-id", "gw1");
    expect(&rig, &[("named", &named, "MISS"), ("kept", &named, "HIT")]).await?;
    rows(&rig, 2).await?;
    Ok(())
}

async fn store_credits(rig: &Rig) -> Result<()> {
    rig.weir.result("POST", "/billing/topup", Some(&json!({"amount": 1000}))).await?;
    Ok(())
}
