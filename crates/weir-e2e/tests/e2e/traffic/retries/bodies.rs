//! Another try sends the same bytes again.

use anyhow::Result;
use serde_json::json;
use weir_e2e::http::{Client, Request};
use weir_e2e::upstream::Answer;

use crate::traffic::rig::start;

/// Bytes that repeat nowhere near.
fn bytes(count: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..count).map(|_| next()).collect()
}

#[tokio::test]
async fn large_bodies_are_sent_again_byte_for_byte() -> Result<()> {
    let rig = start(&json!({"retry_max_attempts": 3, "retry_delay": 1})).await?;
    for size in [0, 1, 64 * 1024, 64 * 1024 + 1, 6 * 1024 * 1024] {
        rig.upstream.script("openai", [Answer::new(500), Answer::new(503), Answer::new(200)]);
        let body = bytes(size);
        let before = rig.upstream.calls().len();
        let request = Request::post("/v1/acc1/gw1/openai/files").with_keys();
        let request = request.header("content-type", "application/octet-stream");
        let answer = rig.weir.send(&request.body(body.clone())).await?;
        assert_eq!(answer.status, 200, "{size}");
        let calls = rig.upstream.calls();
        assert_eq!(calls.len() - before, 3, "{size}");
        for call in &calls[before..] {
            assert!(call.body_complete && call.body == body, "{size}: {}", call.body.len());
        }
    }
    Ok(())
}

#[tokio::test]
async fn bodies_of_no_declared_length_are_sent_again_too() -> Result<()> {
    let rig = start(&json!({"retry_max_attempts": 2, "retry_delay": 1})).await?;
    rig.upstream.script("openai", [Answer::new(500), Answer::new(200)]);
    let chunks: Vec<Vec<u8>> = (1..=5).map(|number| bytes(number * 30_000)).collect();
    let head = Request::post("/v1/acc1/gw1/openai/files").with_keys();
    let mut client = Client::open(rig.weir.address()).await?;
    client.send(head.header("transfer-encoding", "chunked").head()).await?;
    for chunk in &chunks {
        client.send_chunk(chunk).await?;
    }
    client.send_chunk("").await?;
    let answer = client.response("POST").await?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let calls = rig.upstream.calls();
    assert_eq!(calls.len(), 2);
    for call in calls {
        assert_eq!(call.body, chunks.concat());
    }
    Ok(())
}

/// Where one try is all there is, an upload is passed on as it comes.
#[tokio::test]
async fn a_single_try_does_not_wait_for_the_whole_upload() -> Result<()> {
    let rig = start(&json!({"retry_max_attempts": 1})).await?;
    let head = Request::post("/v1/acc1/gw1/openai/files").with_keys();
    let mut client = Client::open(rig.weir.address()).await?;
    client.send(head.header("transfer-encoding", "chunked").head()).await?;
    client.send_chunk("first").await?;
    rig.upstream.wait_for(|calls| calls.iter().any(|call| call.body == b"first")).await?;
    client.send_chunk("second").await?;
    client.send_chunk("").await?;
    assert_eq!(client.response("POST").await?.status, 200);
    assert_eq!(rig.upstream.calls()[0].body, b"firstsecond");
    Ok(())
}

#[tokio::test]
async fn translated_requests_are_tried_again_too() -> Result<()> {
    let rig = start(&json!({"retry_max_attempts": 2, "retry_delay": 1})).await?;
    rig.upstream.script("anthropic", [Answer::new(529), Answer::new(200)]);
    let body = json!({"model": "anthropic/m", "messages": [{"role": "user", "content": "hi"}]});
    let answer = rig.weir.send(&Request::call("compat/chat/completions", &body)).await?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()?["choices"][0]["message"]["content"], "pong");
    let calls = rig.upstream.calls();
    assert_eq!((calls.len(), &calls[0].body), (2, &calls[1].body));
    Ok(())
}
