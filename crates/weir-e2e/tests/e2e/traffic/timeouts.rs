//! How long is waited for an answer (spec: data-plane 7.1).

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::Request;
use weir_e2e::upstream::{Answer, Ending};

use crate::rig::{chat, chat_body, chat_stream};
use crate::traffic::rig::{called, code, rows, start};

/// Far less than what is waited for without a limit, and far more than a slow machine needs.
const SOON: Duration = Duration::from_secs(8);

fn slow(milliseconds: u64) -> Answer {
    Answer::new(200).after(Duration::from_millis(milliseconds))
}

#[tokio::test]
async fn the_gateway_sets_a_time_and_a_header_another() -> Result<()> {
    let rig = start(&json!({"request_timeout": 150})).await?;
    rig.upstream.script("openai", [Answer::silence()]);
    let answer = rig.weir.send(&chat()).await?;
    assert_eq!(code(&answer), (504, Some(2902)), "{}", answer.text());
    assert!(answer.elapsed() >= Duration::from_millis(150) && answer.elapsed() < SOON);
    rig.upstream.script("openai", [slow(400)]);
    let longer = chat().header("cf-aig-request-timeout", "60000");
    assert_eq!(rig.weir.send(&longer).await?.status, 200);
    for bad in ["0", "soon", "-1"] {
        let request = chat().header("cf-aig-request-timeout", bad);
        assert_eq!(rig.weir.send(&request).await?.status, 504, "{bad} counts as absent");
    }
    let rows = rig.weir.wait_for_rows(5).await?;
    assert_eq!(rows[0]["error"]["code"], "timeout", "{:#}", rows[0]);
    Ok(())
}

#[tokio::test]
async fn each_try_has_the_whole_time() -> Result<()> {
    let rig =
        start(&json!({"request_timeout": 600, "retry_max_attempts": 3, "retry_delay": 1})).await?;
    rig.upstream.script("openai", [Answer::silence(), slow(300)]);
    let answer = rig.weir.send(&chat()).await?;
    assert_eq!((answer.status, called(&rig).len()), (200, 2));
    let rows = rows(&rig, 2).await?;
    assert_eq!((&rows[0]["status_code"], &rows[1]["status_code"]), (&json!(504), &json!(200)));
    Ok(())
}

#[tokio::test]
async fn the_last_of_several_tries_waits() -> Result<()> {
    let rig = start(&json!({})).await?;
    let request = |tries: &str| {
        chat()
            .header("cf-aig-request-timeout", "150")
            .header("cf-aig-max-attempts", tries)
            .header("cf-aig-retry-delay", "1")
    };
    rig.upstream.script("openai", [Answer::silence(), slow(500)]);
    assert_eq!(rig.weir.send(&request("2")).await?.status, 200);
    rig.upstream.script("openai", [slow(500)]);
    assert_eq!(rig.weir.send(&request("1")).await?.status, 504, "of one it does not");
    Ok(())
}

/// For a stream, a head alone is no answer yet.
#[tokio::test]
async fn a_stream_has_to_begin_in_time_and_may_then_take_its_time() -> Result<()> {
    let rig = start(&json!({"request_timeout": 250})).await?;
    let events = || Answer::sse(&["1", "2", "[DONE]"]);
    rig.upstream.script("openai", [events().first_delay(Duration::from_secs(20))]);
    let late = rig.weir.send(&chat_stream()).await?;
    assert_eq!(code(&late), (504, Some(2902)), "{}", late.text());
    rig.upstream.script("openai", [events().chunk_delay(Duration::from_millis(400))]);
    let begun = rig.weir.send(&chat_stream()).await?;
    assert_eq!(begun.text(), "data: 1\n\ndata: 2\n\ndata: [DONE]\n\n");
    Ok(())
}

#[tokio::test]
async fn silence_inside_an_answer_ends_it() -> Result<()> {
    let rig = start(&json!({"idle_timeout": 300})).await?;
    let event = r#"{"choices":[{"delta":{"content":"po"}}]}"#;
    let stalled = Answer::sse(&[event]).without_end().ending(Ending::Stall);
    rig.upstream.script("openai", [stalled]);
    let answer = rig.weir.send(&chat_stream()).await?;
    assert_eq!((answer.status, answer.complete), (200, false));
    assert!(answer.elapsed() < SOON, "{:?}", answer.elapsed());
    let row = rig.weir.only_row().await?;
    assert_eq!((&row["success"], &row["status_code"]), (&json!(false), &json!(200)), "{row:#}");
    let steady = Answer::sse(&["1", "2", "3", "4", "[DONE]"]);
    rig.upstream.script("openai", [steady.chunk_delay(Duration::from_millis(150))]);
    assert!(
        rig.weir.send(&chat_stream()).await?.complete,
        "more than 300 ms in all, but no silence"
    );
    Ok(())
}

#[tokio::test]
async fn a_whole_call_has_a_time_with_all_its_tries() -> Result<()> {
    let settings = json!({"total_timeout": 400, "retry_max_attempts": 5, "retry_delay": 150});
    let rig = start(&settings).await?;
    rig.upstream.script("openai", [Answer::new(503)]);
    let answer = rig.weir.send(&chat()).await?;
    assert!(matches!(answer.status, 503 | 504), "{}", answer.text());
    let tries = called(&rig).len();
    assert!((2..5).contains(&tries), "{tries} tries in 400 ms with 150 ms between");
    rig.upstream.script("openai", [Answer::silence()]);
    let silent = rig.weir.send(&chat()).await?;
    assert_eq!(code(&silent), (504, Some(2902)), "{}", silent.text());
    assert!(silent.elapsed() < SOON);
    Ok(())
}

#[tokio::test]
async fn a_whole_calls_time_ends_a_stream_as_well() -> Result<()> {
    let rig = start(&json!({"total_timeout": 400})).await?;
    let events: Vec<String> = (0..200).map(|number| format!("{{\"n\":{number}}}")).collect();
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    rig.upstream.script("openai", [Answer::sse(&events).chunk_delay(Duration::from_millis(100))]);
    let answer = rig.weir.send(&chat_stream()).await?;
    assert_eq!((answer.status, answer.complete), (200, false));
    assert!(answer.elapsed() < SOON, "{:?}", answer.elapsed());
    assert_eq!(rig.weir.only_row().await?["success"], false);
    Ok(())
}

#[tokio::test]
async fn at_the_universal_endpoint_the_next_step_answers() -> Result<()> {
    let rig = start(&json!({})).await?;
    rig.upstream.script("openai", [Answer::silence()]);
    let step = |provider: &str, config: Value| {
        json!({"provider": provider, "endpoint": "chat/completions", "config": config,
            "headers": {"authorization": "Bearer sk"}, "query": chat_body()})
    };
    let steps = json!([step("openai", json!({"requestTimeout": 150})), step("groq", json!({}))]);
    let request = Request::post("/v1/acc1/gw1")
        .header("cf-aig-authorization", "Bearer tok-run")
        .header("cf-aig-request-timeout", "60000")
        .json(&steps);
    let answer = rig.weir.send(&request).await?;
    assert_eq!((answer.status, answer.header("cf-aig-step")), (200, Some("1")));
    assert!(answer.elapsed() < SOON);
    Ok(())
}

/// An answer that is translated whole has no more time than any other, however often a bit comes.
#[tokio::test]
async fn an_answer_that_trickles_in_ends_with_the_call_s_time() -> Result<()> {
    let rig = start(&json!({"total_timeout": 500})).await?;
    let pieces = (0..200).map(|_| " ".into());
    let trickling =
        Answer::chunked("application/json", pieces).chunk_delay(Duration::from_millis(100));
    rig.upstream.script("anthropic", [trickling]);
    let mut body = chat_body();
    body["model"] = json!("anthropic/claude-sonnet-4-5");
    let answer = rig.weir.send(&Request::call("compat/chat/completions", &body)).await?;
    assert_eq!(code(&answer), (504, Some(2902)), "{}", answer.text());
    assert!(answer.elapsed() < SOON);
    Ok(())
}
