//! Whether a step streams is its own affair.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::upstream::Answer;

use super::rig::{request, step};
use crate::traffic::rig::{completion, start, streamed};

fn streaming(provider: &str) -> Value {
    let mut step = step(provider);
    step["query"]["stream"] = json!(true);
    step
}

#[tokio::test]
async fn a_stream_that_fails_is_followed_by_a_whole_answer_and_the_other_way_round() -> Result<()> {
    let rig = start(&json!({})).await?;
    rig.upstream.script("openai", [Answer::new(500)]);
    rig.upstream.script("groq", [Answer::json(200, &completion("pong"))]);
    let answer = rig.weir.send(&request(&[streaming("openai"), step("groq")])).await?;
    assert_eq!((answer.status, answer.json()?), (200, completion("pong")));
    rig.upstream.script("groq", [streamed("pong").chunk_delay(Duration::from_millis(150))]);
    let answer = rig.weir.send(&request(&[step("openai"), streaming("groq")])).await?;
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    assert!(answer.complete && answer.text().ends_with("data: [DONE]\n\n"));
    let last = rig.upstream.calls().last().and_then(|call| call.last_sent);
    assert!(Some(answer.pieces[0].at) < last, "the stream was held back");
    Ok(())
}

/// A stream that began is the answer, whatever becomes of it.
#[tokio::test]
async fn a_stream_that_breaks_off_is_not_followed_by_another_step() -> Result<()> {
    let rig = start(&json!({})).await?;
    let cut = Answer::sse(&["{\"choices\":[]}"]).without_end();
    let cut = cut.end_delay(Duration::from_millis(30)).ending(weir_e2e::upstream::Ending::Close);
    rig.upstream.script("openai", [cut]);
    let answer = rig.weir.send(&request(&[streaming("openai"), streaming("groq")])).await?;
    assert_eq!((answer.status, answer.complete), (200, false));
    assert_eq!(answer.header("cf-aig-step"), Some("0"));
    assert_eq!(rig.upstream.calls().len(), 1);
    Ok(())
}
