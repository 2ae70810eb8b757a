//! Once something has reached the client there is no other try.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use weir_e2e::upstream::{Answer, Ending};

use crate::rig::{chat, chat_stream};
use crate::traffic::rig::{called, rows, start};

#[tokio::test]
async fn what_breaks_off_is_not_tried_again() -> Result<()> {
    let short = || Duration::from_millis(30);
    let event = r#"{"choices":[{"delta":{"content":"po"}}]}"#;
    let stream = Answer::sse(&[event]).without_end().end_delay(short()).ending(Ending::Reset);
    let whole = Answer::chunked("application/json", ["{\"id\"".into()]);
    let whole = whole.without_end().end_delay(short()).ending(Ending::Close);
    for (request, answer) in [(chat_stream(), stream), (chat(), whole)] {
        let rig = start(&json!({})).await?;
        rig.upstream.script("openai", [answer, Answer::new(200)]);
        let request = request.header("cf-aig-max-attempts", "3");
        let answer = rig.weir.send(&request.header("cf-aig-retry-delay", "1")).await?;
        assert_eq!((answer.status, answer.complete), (200, false));
        assert_eq!(called(&rig).len(), 1);
        rows(&rig, 1).await?;
    }
    Ok(())
}

/// A stream whose head came and whose first event does not has given the client nothing yet.
#[tokio::test]
async fn a_stream_that_stays_silent_is_tried_again() -> Result<()> {
    let rig = start(&json!({})).await?;
    let mute = Answer::sse(&["late"]).first_delay(Duration::from_secs(5));
    rig.upstream.script("openai", [mute, Answer::new(200)]);
    let request = chat_stream().header("cf-aig-request-timeout", "200");
    let request = request.header("cf-aig-max-attempts", "2").header("cf-aig-retry-delay", "1");
    let answer = rig.weir.send(&request).await?;
    assert_eq!((answer.status, called(&rig).len()), (200, 2), "{}", answer.text());
    assert!(answer.text().ends_with("data: [DONE]\n\n") && !answer.text().contains("late"));
    Ok(())
}

#[tokio::test]
async fn a_retried_stream_arrives_piece_by_piece() -> Result<()> {
    let rig = start(&json!({})).await?;
    let slow = Answer::sse(&["1", "2", "[DONE]"]).chunk_delay(Duration::from_millis(150));
    rig.upstream.script("openai", [Answer::new(503), slow]);
    let request = chat_stream().header("cf-aig-max-attempts", "2");
    let answer = rig.weir.send(&request.header("cf-aig-retry-delay", "1")).await?;
    assert_eq!(answer.text(), "data: 1\n\ndata: 2\n\ndata: [DONE]\n\n");
    let last = rig.upstream.calls()[1].last_sent;
    assert!(Some(answer.pieces[0].at) < last, "the stream was held back");
    Ok(())
}
