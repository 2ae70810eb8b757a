//! Streams through a route.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::upstream::{Answer, Ending};

use super::rig::{answered, call_with, chat, deploy, end, model, start, world};
use crate::rig::Rig;
use crate::traffic::rig::{called, streamed};

fn streaming() -> Value {
    let mut body = chat("r");
    body["stream"] = json!(true);
    body["stream_options"] = json!({"include_usage": true});
    body
}

async fn two() -> Result<Rig> {
    let rig = world(&json!({})).await?;
    let elements = [
        start("a"),
        model("a", "openai/m", "end", Some("b")),
        model("b", "groq/m", "end", None),
        end(),
    ];
    deploy(&rig.weir, "r", &elements).await?;
    Ok(rig)
}

#[tokio::test]
async fn a_stream_passes_as_it_comes_also_through_a_fallback() -> Result<()> {
    let rig = two().await?;
    let slow = || streamed("pong").chunk_delay(Duration::from_millis(120));
    rig.upstream.script("openai", [slow(), Answer::new(503)]);
    rig.upstream.script("groq", [slow()]);
    for who in ["openai/m", "groq/m"] {
        let answer = rig.weir.send(&call_with(&streaming())).await?;
        assert_eq!((answer.status, answered(&answer)), (200, who.to_owned()));
        assert_eq!(answer.header("content-type"), Some("text/event-stream"));
        assert!(answer.complete && answer.text().ends_with("data: [DONE]\n\n"));
        assert!(answer.text().contains("pong"));
        let last = rig.upstream.calls().last().and_then(|call| call.last_sent);
        assert!(Some(answer.pieces[0].at) < last, "{who}: the stream was held back");
    }
    Ok(())
}

#[tokio::test]
async fn a_stream_that_began_is_the_answer() -> Result<()> {
    let rig = two().await?;
    let event = r#"{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"po"}}]}"#;
    let cut = Answer::sse(&[event]).without_end().end_delay(Duration::from_millis(30));
    rig.upstream.script("openai", [cut.ending(Ending::Reset)]);
    let answer = rig.weir.send(&call_with(&streaming())).await?;
    assert_eq!((answer.status, answered(&answer)), (200, "openai/m".to_owned()));
    assert_eq!(called(&rig), ["openai"]);
    Ok(())
}

/// What is said by a model whose answer another one replaces never reaches the client.
#[tokio::test]
async fn a_replaced_stream_is_not_heard() -> Result<()> {
    let rig = world(&json!({})).await?;
    let elements =
        [start("a"), model("a", "openai/m", "b", None), model("b", "groq/m", "end", None), end()];
    deploy(&rig.weir, "r", &elements).await?;
    rig.upstream.script("openai", [streamed("draft")]);
    rig.upstream.script("groq", [streamed("final")]);
    let answer = rig.weir.send(&call_with(&streaming())).await?;
    assert_eq!((answer.status, answered(&answer)), (200, "groq/m".to_owned()));
    assert!(answer.text().contains("final") && !answer.text().contains("draft"));
    Ok(())
}
