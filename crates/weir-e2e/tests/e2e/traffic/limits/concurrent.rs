//! Limits of what happens at the same time.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use weir_e2e::http::{Client, Request};
use weir_e2e::upstream::{Answer, Ending};

use crate::rig::{Rig, chat, chat_stream};
use crate::traffic::rig::{completion, start, streamed};

fn one() -> Value {
    json!({"rate_limits": [{"id": "one", "by": "gateway", "unit": "concurrent", "limit": 1}]})
}

fn good() -> Answer {
    Answer::json(200, &completion("pong"))
}

/// Waits until the place is free.
async fn is_free_soon(rig: &Rig, what: &str) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(3);
    loop {
        let status = rig.weir.send(&chat()).await?.status;
        if status != 429 {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "{what}: the place is never given back");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Sends a request that takes the place, and leaves it under way.
async fn occupy(rig: &Rig, request: &Request) -> Result<Client> {
    let before = rig.upstream.calls().len();
    let mut client = Client::open(rig.weir.address()).await?;
    client.send(request.to_bytes()).await?;
    rig.upstream.wait_for(|calls| calls.len() > before).await?;
    Ok(client)
}

#[tokio::test]
async fn a_place_is_taken_until_the_client_leaves() -> Result<()> {
    let rig = start(&one()).await?;
    let begun = Answer::sse(&["{\"a\":1}"]).without_end().ending(Ending::Stall);
    for (what, answer) in [("before the head", Answer::silence()), ("amid the stream", begun)] {
        rig.upstream.script("openai", [answer, good()]);
        let client = occupy(&rig, &chat_stream()).await?;
        let refused = rig.weir.send(&chat()).await?;
        assert_eq!((refused.status, refused.code()), (429, Some(2003)), "{what}");
        drop(client);
        is_free_soon(&rig, what).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_place_is_free_when_the_stream_has_ended() -> Result<()> {
    let rig = start(&one()).await?;
    let slow = streamed("pong").chunk_delay(Duration::from_millis(100));
    rig.upstream.script("openai", [slow, good()]);
    let mut client = occupy(&rig, &chat_stream()).await?;
    assert_eq!(rig.weir.send(&chat()).await?.status, 429);
    assert!(client.response("POST").await?.complete);
    is_free_soon(&rig, "at its end").await
}

#[tokio::test]
async fn a_place_is_free_after_every_kind_of_failure() -> Result<()> {
    let rig = start(&one()).await?;
    let cut = Answer::sse(&["{}"]).without_end().end_delay(Duration::from_millis(30));
    for (what, answer) in [
        ("an error", Answer::new(500)),
        ("a reset", Answer::refused()),
        ("a timeout", Answer::silence()),
        ("a stream that breaks off", cut.ending(Ending::Close)),
        ("garbage", Answer::raw("garbage\r\n\r\n")),
    ] {
        rig.upstream.script("openai", [answer, good()]);
        let request = chat_stream().header("cf-aig-request-timeout", "150");
        let answer = rig.weir.send(&request).await?;
        assert_ne!(answer.status, 429, "{what}");
        is_free_soon(&rig, what).await?;
    }
    for bad in [
        Request::call("openai/chat/completions", &json!(null)).header("cf-aig-byok-alias", "none"),
        Request::call("compat/chat/completions", &json!({"model": "nobody/m"})),
    ] {
        let refused = rig.weir.send(&bad).await?;
        assert!(refused.status != 429, "{}", refused.text());
        is_free_soon(&rig, "a refusal").await?;
    }
    Ok(())
}

/// Refused by one limit, a call must not keep the place that it had from another.
#[tokio::test]
async fn a_place_is_free_when_another_limit_refuses() -> Result<()> {
    let rules = json!([
        {"id": "one", "by": "gateway", "unit": "concurrent", "limit": 1},
        {"id": "user", "by": "metadata.user", "unit": "requests", "limit": 1, "interval": 3600},
    ]);
    let rig = start(&json!({"rate_limits": rules})).await?;
    let of_user = chat().header("cf-aig-metadata", r#"{"user":"u"}"#);
    assert_eq!(rig.weir.send(&of_user).await?.status, 200);
    for _ in 0..3 {
        assert_eq!(rig.weir.send(&of_user).await?.status, 429);
    }
    is_free_soon(&rig, "refused by another limit").await
}
