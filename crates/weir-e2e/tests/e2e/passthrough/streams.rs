//! Streams pass as they come, in both directions.

use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use weir_e2e::http::{Client, Request};
use weir_e2e::upstream::Answer;

use crate::rig::{Rig, chat_stream};

#[tokio::test]
async fn events_arrive_as_they_are_sent() -> Result<()> {
    let rig = Rig::start().await?;
    let events = ["{\"n\":0}", "{\"n\":1}", "{\"n\":2}", "{\"n\":3}", "[DONE]"];
    let pause = Duration::from_millis(120);
    rig.upstream.script("openai", [Answer::sse(&events).chunk_delay(pause)]);
    let response = rig.weir.send(&chat_stream()).await?;
    let expected: String = events.iter().map(|data| format!("data: {data}\n\n")).collect();
    assert_eq!(response.text(), expected);
    assert_eq!(response.header("content-type"), Some("text/event-stream"));
    assert!(response.complete);
    assert_eq!(response.pieces.len(), events.len(), "events were joined or cut");
    for pair in response.pieces.windows(2) {
        let gap = pair[1].at.duration_since(pair[0].at);
        assert!(gap > pause / 2, "events waited for each other: {gap:?}");
    }
    Ok(())
}

#[tokio::test]
async fn the_head_does_not_wait_for_the_body() -> Result<()> {
    let rig = Rig::start().await?;
    let answer = Answer::sse(&["x", "[DONE]"]).first_delay(Duration::from_millis(700));
    rig.upstream.script("openai", [answer]);
    let mut client = Client::open(rig.weir.address()).await?;
    client.send(chat_stream().to_bytes()).await?;
    let started = std::time::Instant::now();
    client.read_until("\r\n\r\n").await?;
    assert!(started.elapsed() < Duration::from_millis(500), "{:?}", started.elapsed());
    assert_eq!(client.response("POST").await?.text(), "data: x\n\ndata: [DONE]\n\n");
    Ok(())
}

#[tokio::test]
async fn lines_of_json_and_odd_cuts_pass_unchanged() -> Result<()> {
    let rig = Rig::start().await?;
    let text = "{\"a\":\"\u{20ac}\"}\n{\"b\":2}\n";
    let pieces: Vec<_> = text.as_bytes().chunks(1).map(Bytes::copy_from_slice).collect();
    rig.upstream.script("cohere", [Answer::chunked("application/x-ndjson", pieces)]);
    let request = Request::post("/v1/acc1/gw1/cohere/v1/chat").with_keys().body("{}");
    let response = rig.weir.send(&request).await?;
    assert_eq!(response.text(), text);
    assert_eq!(response.header("content-type"), Some("application/x-ndjson"));
    Ok(())
}

#[tokio::test]
async fn an_upload_is_sent_on_while_it_comes_in() -> Result<()> {
    let rig = Rig::start().await?;
    let request = Request::post("/v1/acc1/gw1/openai/files").with_keys();
    let mut client = Client::open(rig.weir.address()).await?;
    client.send(request.header("transfer-encoding", "chunked").head()).await?;
    client.send_chunk("first").await?;
    rig.upstream.wait_for(|calls| calls.iter().any(|call| call.body == b"first")).await?;
    client.send_chunk("second").await?;
    rig.upstream.wait_for(|calls| calls.iter().any(|call| call.body == b"firstsecond")).await?;
    assert!(!rig.upstream.calls()[0].body_complete);
    client.send_chunk("").await?;
    assert_eq!(client.response("POST").await?.status, 200);
    assert!(rig.upstream.calls()[0].body_complete);
    Ok(())
}

#[tokio::test]
async fn a_slow_reader_slows_the_provider_down() -> Result<()> {
    const SIZE: u64 = 400 * 1024 * 1024;
    let rig = Rig::start().await?;
    rig.chat().await?;
    let before = rig.weir.memory()?;
    rig.upstream.script("openai", [Answer::filled(SIZE)]);
    let mut client = Client::open(rig.weir.address()).await?;
    client.send(chat_stream().to_bytes()).await?;
    client.read_until("\r\n\r\n").await?;
    tokio::time::sleep(Duration::from_millis(700)).await;
    let growth = rig.weir.memory()?.saturating_sub(before);
    assert!(growth < 60 * 1024 * 1024, "unread bytes are held: {} MB", growth / 1024 / 1024);
    assert!(!rig.upstream.calls()[1].answered);
    Ok(())
}
