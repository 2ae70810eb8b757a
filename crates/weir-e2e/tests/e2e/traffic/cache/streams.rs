//! Streams are kept only where the gateway wants that, and only whole ones.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::{Client, Request};
use weir_e2e::upstream::{Answer, Ending};

use crate::traffic::rig::{
    asking, assert_row, cache_status, called, expect, rows, start, streamed,
};

fn ask_stream(question: &str) -> Request {
    let mut body = asking(question);
    body["stream"] = json!(true);
    body["stream_options"] = json!({"include_usage": true});
    Request::call("openai/chat/completions", &body)
}

fn kept(pace: &str) -> Value {
    json!({"cache_ttl": 3600, "cache_streams": true, "cache_stream_pace": pace})
}

#[tokio::test]
async fn a_stream_is_replayed_event_by_event() -> Result<()> {
    let rig = start(&kept("full")).await?;
    rig.upstream.script("openai", [streamed("pong")]);
    let first = rig.weir.send(&ask_stream("a")).await?;
    let hit = rig.weir.send(&ask_stream("a")).await?;
    assert_eq!((cache_status(&first), cache_status(&hit)), ("MISS", "HIT"));
    assert_eq!(hit.header("content-type"), Some("text/event-stream"));
    assert!(hit.complete && hit.body == first.body, "{}", hit.text());
    assert_eq!(called(&rig).len(), 1);
    rows(&rig, 2).await?;
    let id = hit.header("cf-aig-log-id").unwrap_or_default();
    let row = rig.weir.wait_for_row("gw1", id).await?;
    assert_row(&row, &json!({"cached": true, "cost": 0.0, "tokens_in": 0, "stream": true}));
    Ok(())
}

#[tokio::test]
async fn a_stream_can_keep_its_pace() -> Result<()> {
    let pause = Duration::from_millis(150);
    for (pace, least) in [("recorded", pause * 2), ("full", Duration::ZERO)] {
        let rig = start(&kept(pace)).await?;
        rig.upstream.script("openai", [streamed("pong").chunk_delay(pause)]);
        let first = rig.weir.send(&ask_stream("a")).await?;
        let hit = rig.weir.send(&ask_stream("a")).await?;
        assert_eq!((cache_status(&hit), &hit.body), ("HIT", &first.body));
        assert!(hit.elapsed() >= least, "{pace}: {:?}", hit.elapsed());
    }
    Ok(())
}

#[tokio::test]
async fn whole_answers_and_streams_are_different_requests() -> Result<()> {
    let rig = start(&kept("full")).await?;
    let plain = Request::call("openai/chat/completions", &asking("a"));
    for status in ["MISS", "HIT"] {
        for (request, kind) in
            [(&plain, "application/json"), (&ask_stream("a"), "text/event-stream")]
        {
            let answer = rig.weir.send(request).await?;
            assert_eq!(cache_status(&answer), status);
            assert_eq!(answer.header("content-type"), Some(kind));
        }
    }
    Ok(())
}

#[tokio::test]
async fn half_a_stream_is_not_kept() -> Result<()> {
    let event = r#"{"choices":[{"delta":{"content":"po"}}]}"#;
    let cut = || Answer::sse(&[event]).without_end().end_delay(Duration::from_millis(30));
    for (what, answer) in [
        ("closed", cut().ending(Ending::Close)),
        ("reset", cut().ending(Ending::Reset)),
        ("ended without its last event", Answer::sse(&[event])),
        ("an error in it", Answer::sse(&[r#"{"error":{"message":"overloaded"}}"#, "[DONE]"])),
    ] {
        let rig = start(&kept("full")).await?;
        rig.upstream.script("openai", [answer, streamed("whole")]);
        rig.weir.send(&ask_stream("a")).await?;
        let again = rig.weir.send(&ask_stream("a")).await?;
        assert_eq!(cache_status(&again), "MISS", "{what}");
        assert!(again.text().contains("whole"), "{what}");
    }
    Ok(())
}

#[tokio::test]
async fn what_a_client_did_not_hear_out_is_not_kept() -> Result<()> {
    let rig = start(&kept("full")).await?;
    let slow = streamed("first").chunk_delay(Duration::from_millis(200));
    rig.upstream.script("openai", [slow, streamed("second")]);
    let mut client = Client::open(rig.weir.address()).await?;
    client.send(ask_stream("a").to_bytes()).await?;
    client.read_until("first").await?;
    drop(client);
    rows(&rig, 1).await?;
    let again = rig.weir.send(&ask_stream("a")).await?;
    assert_eq!(cache_status(&again), "MISS");
    assert!(again.text().contains("second"));
    Ok(())
}

/// Gemini's path says that a stream is wanted; a key of the caller's does not.
#[tokio::test]
async fn a_stream_asked_for_by_path_is_no_whole_answer() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    let request = |verb: &str| {
        let path = format!("google-ai-studio/v1beta/models/gemini-2.5-flash:{verb}");
        Request::call(&path, &json!({"contents": []})).header("cf-aig-cache-key", "k")
    };
    let (whole, stream) = (request("generateContent"), request("streamGenerateContent?alt=sse"));
    let steps = [("whole", &whole, "MISS"), ("again", &whole, "HIT"), ("stream", &stream, "MISS")];
    expect(&rig, &steps).await
}
