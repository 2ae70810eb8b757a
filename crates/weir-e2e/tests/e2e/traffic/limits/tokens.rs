//! Limits of tokens: reserved before a call, settled by what it used.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::{Client, Request};
use weir_e2e::upstream::Answer;

use crate::rig::Rig;
use crate::traffic::rig::{advance, ask, asking, completion, rows, start};

fn limit(tokens: u64) -> Value {
    json!({"rate_limits": [{"id": "tokens", "by": "gateway", "unit": "tokens", "limit": tokens,
        "interval": 60}]})
}

fn used(tokens: u64) -> Answer {
    let mut body = completion("pong");
    body["usage"] =
        json!({"prompt_tokens": tokens, "completion_tokens": 0, "total_tokens": tokens});
    Answer::json(200, &body)
}

async fn status(rig: &Rig, request: &Request) -> Result<u16> {
    Ok(rig.weir.send(request).await?.status)
}

#[tokio::test]
async fn what_a_call_used_counts() -> Result<()> {
    let rig = start(&limit(10_000)).await?;
    rig.upstream.script("openai", [used(4_000), used(6_000), used(10)]);
    assert_eq!(status(&rig, &ask("a")).await?, 200);
    rows(&rig, 1).await?;
    assert_eq!(status(&rig, &ask("a")).await?, 200);
    rows(&rig, 2).await?;
    let refused = rig.weir.send(&ask("a")).await?;
    assert_eq!((refused.status, refused.code()), (429, Some(2003)), "{}", refused.text());
    advance(&rig, 60)?;
    assert_eq!(status(&rig, &ask("a")).await?, 200);
    Ok(())
}

#[tokio::test]
async fn a_stream_counts_at_its_end() -> Result<()> {
    let rig = start(&limit(2_000)).await?;
    let usage = json!({"choices": [], "usage": {"prompt_tokens": 1_900, "completion_tokens": 100}});
    let stream = Answer::sse(&[r#"{"choices":[]}"#, &usage.to_string(), "[DONE]"]);
    rig.upstream.script("openai", [stream]);
    let mut body = asking("a");
    body["stream"] = json!(true);
    body["stream_options"] = json!({"include_usage": true});
    let request = Request::call("openai/chat/completions", &body);
    assert_eq!(status(&rig, &request).await?, 200);
    rows(&rig, 1).await?;
    assert_eq!(status(&rig, &request).await?, 429, "all 2000 are used");
    Ok(())
}

#[tokio::test]
async fn what_failed_gives_its_reserve_back() -> Result<()> {
    let rig = start(&limit(1_000)).await?;
    rig.upstream.script("openai", [Answer::new(500)]);
    let mut body = asking("a");
    body["max_tokens"] = json!(800);
    let request = Request::call("openai/chat/completions", &body);
    for count in 1..=6 {
        assert_eq!(status(&rig, &request).await?, 500);
        rows(&rig, count).await?;
    }
    rig.upstream.script("openai", [used(10)]);
    assert_eq!(status(&rig, &request).await?, 200);
    Ok(())
}

/// Leaving a stream before it tells its usage does not make it free.
#[tokio::test]
async fn a_stream_that_was_left_counts_as_estimated() -> Result<()> {
    let rig = start(&limit(1_000)).await?;
    let event = r#"{"choices":[{"index":0,"delta":{"content":"much"}}]}"#;
    let endless = Answer::sse(&[event, event]).chunk_delay(Duration::from_secs(60));
    rig.upstream.script("openai", [endless]);
    let mut body = asking("a");
    body["max_tokens"] = json!(800);
    body["stream"] = json!(true);
    let request = Request::call("openai/chat/completions", &body);
    let mut client = Client::open(rig.weir.address()).await?;
    client.send(request.to_bytes()).await?;
    client.read_until("much").await?;
    drop(client);
    rows(&rig, 1).await?;
    assert_eq!(status(&rig, &request).await?, 429);
    Ok(())
}
