//! Calls that are not compared: nobody is asked for a vector.

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::Request;

use super::{calls_of, settings, start_at};
use crate::traffic::rig::{ask, asking, expect, start, streamed};

fn saying(content: &Value) -> Request {
    let message = json!({"role": "user", "content": content});
    Request::call("openai/chat/completions", &json!({"model": "m", "messages": [message]}))
}

#[tokio::test]
async fn only_plain_questions_are_compared() -> Result<()> {
    let rig = start_at(&settings(), &[0.0]).await?;
    let picture = json!({"type": "image_url", "image_url": {"url": "https://a.example/b.png"}});
    let tool = json!({"model": "m",
        "messages": [{"role": "tool", "tool_call_id": "1", "content": "21"}]});
    for (what, request) in [
        ("a picture", saying(&json!([{"type": "text", "text": "a"}, picture]))),
        ("a tool's result", Request::call("openai/chat/completions", &tool)),
        ("nothing", saying(&json!(""))),
        ("a book", saying(&json!("long ".repeat(10_000)))),
        ("a vector", Request::call("openai/embeddings", &json!({"model": "m", "input": "a"}))),
        ("a key of the caller's", ask("a").header("cf-aig-cache-key", "k")),
        ("no cache", ask("a").header("cf-aig-skip-cache", "true")),
        ("no cache at all", ask("a").header("cf-aig-cache-ttl", "0")),
    ] {
        expect(&rig, &[(what, &request, "MISS")]).await?;
    }
    assert_eq!(calls_of(&rig, "mistral").len(), 0);
    Ok(())
}

#[tokio::test]
async fn nothing_is_compared_unless_the_gateway_wants_it() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 300})).await?;
    expect(&rig, &[("first", &ask("a"), "MISS"), ("another", &ask("b"), "MISS")]).await?;
    assert_eq!(calls_of(&rig, "mistral").len(), 0);
    Ok(())
}

#[tokio::test]
async fn streams_take_part_where_they_are_kept() -> Result<()> {
    let stream = |question: &str| {
        let mut body = asking(question);
        body["stream"] = json!(true);
        body["stream_options"] = json!({"include_usage": true});
        Request::call("openai/chat/completions", &body)
    };
    for (kept, status, vectors) in [(true, "HIT", 3), (false, "MISS", 1)] {
        let mut settings = settings();
        settings["cache_streams"] = json!(kept);
        let rig = start_at(&settings, &[0.0]).await?;
        rig.upstream.script("openai", [streamed("pong")]);
        let first = rig.weir.send(&stream("a")).await?;
        let second = rig.weir.send(&stream("b")).await?;
        assert_eq!(second.header("cf-aig-cache-status"), Some(status));
        assert_eq!(second.header("content-type"), Some("text/event-stream"));
        assert_eq!(second.body, first.body);
        expect(&rig, &[("an answer in one piece is another", &ask("c"), "MISS")]).await?;
        assert_eq!(calls_of(&rig, "mistral").len(), vectors);
    }
    Ok(())
}
