//! When a client leaves, the provider is not kept busy for nobody.

use std::time::{Duration, Instant};

use anyhow::Result;
use weir_e2e::http::Client;
use weir_e2e::upstream::{Answer, Ending};

use crate::rig::{Rig, chat_body, chat_stream};

/// The provider notices within a second, counted from `left`.
async fn assert_noticed(rig: &Rig, left: Instant) -> Result<()> {
    let calls = rig.upstream.wait_for(|calls| calls.iter().any(|call| call.left.is_some())).await?;
    let noticed = calls[0].left.map(|at| at.duration_since(left)).unwrap_or_default();
    assert!(noticed < Duration::from_secs(1), "the provider noticed after {noticed:?}");
    Ok(())
}

#[tokio::test]
async fn leaving_amid_a_stream_closes_the_call() -> Result<()> {
    let rig = Rig::start().await?;
    let stream = Answer::sse(&["{\"a\":1}"]).without_end().ending(Ending::Stall);
    rig.upstream.script("openai", [stream]);
    let mut client = Client::open(rig.weir.address()).await?;
    client.send(chat_stream().to_bytes()).await?;
    client.read_until("data: ").await?;
    let left = Instant::now();
    drop(client);
    assert_noticed(&rig, left).await?;
    let row = rig.weir.only_row().await?;
    assert_eq!(row["finish_reason"], "client_disconnect", "{row:#}");
    assert_eq!(row["status_code"], 200);
    Ok(())
}

#[tokio::test]
async fn leaving_before_the_first_byte_closes_the_call() -> Result<()> {
    let rig = Rig::start().await?;
    rig.upstream.script("openai", [Answer::silence()]);
    let mut client = Client::open(rig.weir.address()).await?;
    client.send(chat_stream().to_bytes()).await?;
    rig.upstream.wait_for(|calls| calls.iter().any(|call| call.body_complete)).await?;
    let left = Instant::now();
    drop(client);
    assert_noticed(&rig, left).await?;
    let row = rig.weir.only_row().await?;
    assert_eq!(
        (&row["finish_reason"], &row["success"]),
        (&"client_disconnect".into(), &false.into())
    );
    Ok(())
}

#[tokio::test]
async fn leaving_amid_an_upload_ends_the_call() -> Result<()> {
    let rig = Rig::start().await?;
    let request = weir_e2e::http::Request::post("/v1/acc1/gw1/openai/files").with_keys();
    let mut client = Client::open(rig.weir.address()).await?;
    client.send(request.header("transfer-encoding", "chunked").head()).await?;
    client.send_chunk("first").await?;
    rig.upstream.wait_for(|calls| calls.iter().any(|call| call.body == b"first")).await?;
    let left = Instant::now();
    drop(client);
    assert_noticed(&rig, left).await?;
    assert!(!rig.upstream.calls()[0].body_complete, "half an upload looks whole");
    Ok(())
}

#[tokio::test]
async fn leaving_amid_a_translation_closes_the_call_once() -> Result<()> {
    let whole = Answer::chunked("application/json", ["{".into()]).without_end();
    let events =
        Answer::sse(&[r#"{"type":"message_start","message":{"id":"m","role":"assistant"}}"#]);
    for (stream, answer) in [(false, whole), (true, events.without_end())] {
        let rig = Rig::start().await?;
        rig.upstream.script("anthropic", [answer.ending(Ending::Stall)]);
        let mut body = chat_body();
        body["model"] = "anthropic/m".into();
        body["stream"] = stream.into();
        let request = weir_e2e::http::Request::call("compat/chat/completions", &body);
        let mut client = Client::open(rig.weir.address()).await?;
        client.send(request.to_bytes()).await?;
        rig.upstream.wait_for(|calls| calls.iter().any(|call| call.body_complete)).await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let left = Instant::now();
        drop(client);
        assert_noticed(&rig, left).await?;
        let row = rig.weir.only_row().await?;
        assert_eq!(row["finish_reason"], "client_disconnect", "{stream}: {row:#}");
    }
    Ok(())
}
