//! A route at every door, in every dialect.

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::Request;
use weir_e2e::upstream::Answer;

use super::rig::{answered, chat, deploy, end, model, start, world};
use crate::rig::Rig;
use crate::traffic::universal::rig::request;
use crate::unified::rig::{is_done, rest, store};

/// A route to OpenAI that falls back to Anthropic.
async fn ready() -> Result<Rig> {
    let rig = world(&json!({})).await?;
    store(&rig.weir, "anthropic", "default", "sk-anthropic").await?;
    let elements = [
        start("a"),
        model("a", "openai/m", "end", Some("b")),
        model("b", "anthropic/claude-m", "end", None),
        end(),
    ];
    deploy(&rig.weir, "r", &elements).await?;
    Ok(rig)
}

/// Path, body, and where the answer's text stands.
fn dialects() -> [(&'static str, Value, &'static str); 3] {
    let mut messages = chat("r");
    messages["max_tokens"] = json!(10);
    [
        ("chat/completions", chat("r"), "/choices/0/message/content"),
        ("responses", json!({"model": "dynamic/r", "input": "hi"}), "/output/0/content/0/text"),
        ("messages", messages, "/content/0/text"),
    ]
}

fn doors(path: &str, body: &Value) -> [(&'static str, Request); 3] {
    let step = json!({"provider": "compat", "endpoint": path, "headers": {}, "query": body});
    [
        (
            "compat",
            Request::post(&format!("/v1/acc1/gw1/compat/{path}"))
                .header("cf-aig-authorization", "Bearer tok-run")
                .json(body),
        ),
        ("rest", rest(&format!("v1/{path}"), body).header("cf-aig-gateway-id", "gw1")),
        ("universal", request(&[step])),
    ]
}

#[tokio::test]
async fn every_dialect_at_every_door_has_its_answer_from_either_model() -> Result<()> {
    let rig = ready().await?;
    for (path, body, place) in dialects() {
        for (door, request) in doors(path, &body) {
            for (status, who) in [(200, "openai/m"), (503, "anthropic/claude-m")] {
                rig.upstream.script("openai", [Answer::new(status)]);
                let answer = rig.weir.send(&request).await?;
                let what = format!("{path} at {door} by {who}: {}", answer.text());
                assert_eq!((answer.status, answered(&answer)), (200, who.to_owned()), "{what}");
                let said = answer.json()?;
                assert_eq!(said.pointer(place), Some(&json!("pong")), "{what}");
                let calls = rig.upstream.calls();
                let call = calls.last().map(|call| (call.provider.as_str(), call.json()));
                let model = call.as_ref().map(|(_, body)| body["model"].clone());
                assert_eq!(model, who.split('/').nth(1).map(Value::from), "{what}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn streams_keep_the_dialect_of_the_door() -> Result<()> {
    let rig = ready().await?;
    let mut body = chat("r");
    body["stream"] = json!(true);
    for (door, request) in doors("chat/completions", &body) {
        for status in [200, 503] {
            rig.upstream.script("openai", [Answer::new(status)]);
            let answer = rig.weir.send(&request).await?;
            assert_eq!(answer.status, 200, "{door}: {}", answer.text());
            assert!(is_done(&answer) && answer.text().contains("pong"), "{door} after {status}");
        }
    }
    Ok(())
}

/// All but the model stays as the client wrote it.
#[tokio::test]
async fn the_other_parameters_stay() -> Result<()> {
    let rig = ready().await?;
    let mut body = chat("r");
    body["seed"] = json!(7);
    body["x_own"] = json!({"kept": [1, 2]});
    let [(_, request), ..] = doors("chat/completions", &body);
    assert_eq!(rig.weir.send(&request).await?.status, 200);
    let sent = rig.upstream.calls()[0].json();
    body["model"] = json!("m");
    assert_eq!(sent, body);
    Ok(())
}
