//! Streams are shared while they come, whether or not they are kept.

use super::*;

use weir_e2e::upstream::{Answer, Ending};

use crate::traffic::rig::{assert_row, cache_status, rows, streamed};

#[tokio::test]
async fn a_follower_hears_the_stream_while_it_comes() -> Result<()> {
    let rig = sharing().await?;
    rig.upstream.script("openai", [streamed("pong").after(SLOW).chunk_delay(SLOW / 2)]);
    let answers = all_at_once(&rig, &ask_stream("a"), 5).await?;
    let calls = rig.upstream.calls();
    assert_eq!(calls.len(), 1);
    let last = calls[0].last_sent.unwrap_or(calls[0].arrived);
    for answer in &answers {
        assert!(answer.complete && answer.body == answers[0].body, "{}", answer.text());
        assert_eq!(answer.header("content-type"), Some("text/event-stream"));
        assert!(answer.pieces[0].at < last, "its first part came before the provider's last");
    }
    let joined = answers.iter().filter(|answer| cache_status(answer) == "HIT").count();
    assert_eq!(joined, 4);
    for row in rows(&rig, 5).await? {
        assert_row(&row, &json!({"success": true, "stream": true}));
    }
    let later = rig.weir.send(&ask_stream("a")).await?;
    assert_eq!((cache_status(&later), called(&rig).len()), ("MISS", 2), "it was not kept");
    Ok(())
}

#[tokio::test]
async fn who_comes_late_gets_what_was_said_and_goes_on() -> Result<()> {
    let rig = sharing().await?;
    rig.upstream.script("openai", [streamed("pong").chunk_delay(SLOW)]);
    let request = ask_stream("a");
    let mut first = begin(&rig, &request).await?;
    first.read_until("pong").await?;
    let late = rig.weir.send(&request).await?;
    assert!(late.complete && late.text().contains("pong"), "{}", late.text());
    assert!(late.text().trim_end().ends_with("data: [DONE]"));
    assert_eq!((cache_status(&late), called(&rig).len()), ("HIT", 1));
    Ok(())
}

#[tokio::test]
async fn a_stream_that_breaks_off_breaks_off_for_all() -> Result<()> {
    for ending in [Ending::Close, Ending::Reset] {
        let rig = sharing().await?;
        let event = r#"{"choices":[{"delta":{"content":"po"}}]}"#;
        let cut = Answer::sse(&[event]).without_end().after(SLOW).end_delay(SLOW / 4);
        rig.upstream.script("openai", [cut.ending(ending)]);
        let answers = all_at_once(&rig, &ask_stream("a"), 4).await?;
        for answer in &answers {
            assert!(!answer.complete && answer.text().contains("po"), "{}", answer.text());
        }
        assert_eq!(called(&rig).len(), 1);
        for row in rows(&rig, 4).await? {
            assert_row(&row, &json!({"success": false, "status_code": 200}));
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_error_inside_a_stream_is_in_every_row() -> Result<()> {
    let rig = sharing().await?;
    let failing = Answer::sse(&[r#"{"error":{"message":"overloaded"}}"#, "[DONE]"]).after(SLOW);
    rig.upstream.script("openai", [failing]);
    all_at_once(&rig, &ask_stream("a"), 3).await?;
    assert_eq!(called(&rig).len(), 1);
    for row in rows(&rig, 3).await? {
        assert_row(&row, &json!({"success": false, "status_code": 200}));
    }
    Ok(())
}

/// More than is kept for those who come later, and than a socket takes: readers wait for each other.
#[tokio::test]
async fn a_large_answer_comes_whole_to_all() -> Result<()> {
    const SIZE: u64 = 40 * 1024 * 1024;
    let rig = sharing().await?;
    rig.upstream.script("openai", [Answer::filled(SIZE).after(SLOW)]);
    for answer in all_at_once(&rig, &ask("a"), 3).await? {
        assert!(answer.complete && answer.body.len() as u64 == SIZE, "{}", answer.body.len());
    }
    assert_eq!(called(&rig).len(), 1);
    Ok(())
}
