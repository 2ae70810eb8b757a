//! Bodies of every kind and size.

use anyhow::Result;
use bytes::Bytes;
use weir_e2e::http::Request;
use weir_e2e::upstream::Answer;

use crate::rig::Rig;

/// Every byte value, in an order that no text has.
fn binary(size: usize) -> Vec<u8> {
    (0..size).map(|index| u8::try_from((index * 167 + index / 256) % 256).unwrap_or(0)).collect()
}

#[tokio::test]
async fn multipart_bodies_pass_unchanged() -> Result<()> {
    let rig = Rig::start().await?;
    let mut body = b"--edge\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n\
        --edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\
        Content-Type: audio/wav\r\n\r\n"
        .to_vec();
    body.extend(binary(100_000));
    body.extend_from_slice(b"\r\n--edge--\r\n");
    let kind = "multipart/form-data; boundary=edge";
    let request = Request::post("/v1/acc1/gw1/openai/audio/transcriptions").with_keys();
    let request = request.header("content-type", kind).body(body.clone());
    assert_eq!(rig.weir.send(&request).await?.status, 200);
    let call = &rig.upstream.calls()[0];
    assert_eq!(call.header("content-type"), Some(kind));
    assert!(call.body == body, "{} bytes instead of {}", call.body.len(), body.len());
    Ok(())
}

#[tokio::test]
async fn audio_comes_back_unchanged() -> Result<()> {
    let rig = Rig::start().await?;
    let audio = binary(300_000);
    rig.upstream.script("elevenlabs", [Answer::bytes(200, "audio/mpeg", audio.clone())]);
    let request = Request::post("/v1/acc1/gw1/elevenlabs/v1/text-to-speech/v1").with_keys();
    let response = rig.weir.send(&request.body("{\"text\":\"hi\"}")).await?;
    assert_eq!(response.header("content-type"), Some("audio/mpeg"));
    assert!(response.complete && response.body == audio);
    let pieces: Vec<_> = audio.chunks(7000).map(Bytes::copy_from_slice).collect();
    rig.upstream.script("elevenlabs", [Answer::chunked("audio/mpeg", pieces)]);
    let request = Request::post("/v1/acc1/gw1/elevenlabs/v1/text-to-speech/v1/stream").with_keys();
    let response = rig.weir.send(&request.body("{\"text\":\"hi\"}")).await?;
    assert!(response.complete && response.body == audio);
    Ok(())
}

#[tokio::test]
async fn an_encoded_answer_is_not_decoded() -> Result<()> {
    let rig = Rig::start().await?;
    // The stored form of "pong", as gzip.
    let gzip = [
        &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..],
        &[0x2b, 0xc8, 0xcf, 0x4b, 0x07, 0, 0x4f, 0x41, 0x58, 0x21, 4, 0, 0, 0][..],
    ]
    .concat();
    let answer = Answer::bytes(200, "text/plain", gzip.clone()).header("content-encoding", "gzip");
    rig.upstream.script("openai", [answer]);
    let request = Request::get("/v1/acc1/gw1/openai/files/f").with_keys();
    let response = rig.weir.send(&request.header("accept-encoding", "gzip, br, zstd")).await?;
    assert_eq!(response.header("content-encoding"), Some("gzip"));
    assert_eq!(response.body, gzip);
    Ok(())
}

#[tokio::test]
async fn an_answer_keeps_its_length_and_an_empty_one_is_empty() -> Result<()> {
    let rig = Rig::start().await?;
    let answers = [Answer::bytes(200, "text/plain", "12345"), Answer::empty(200)];
    rig.upstream.script("openai", answers);
    let response = rig.chat().await?;
    assert_eq!(response.header("content-length"), Some("5"));
    let response = rig.chat().await?;
    assert_eq!((response.status, response.body.len(), response.complete), (200, 0, true));
    Ok(())
}

const MEGABYTE: u64 = 1024 * 1024;

/// Sends 20 MB each way, some times over.
async fn send_big(rig: &Rig, times: usize, collect_payload: &str) -> Result<()> {
    const SIZE: usize = 20 * 1024 * 1024;
    let body = Bytes::from(binary(SIZE));
    rig.upstream.script("openai", [Answer::filled(SIZE as u64)]);
    let request = Request::post("/v1/acc1/gw1/openai/files").with_keys().body(body.clone());
    let request = request.header("content-type", "application/octet-stream");
    let request = request.header("cf-aig-collect-log-payload", collect_payload);
    for _ in 0..times {
        let response = rig.weir.send(&request).await?;
        assert!(response.complete && response.body.len() == SIZE, "{}", response.body.len());
        assert!(response.body.iter().all(|byte| *byte == b'x'));
        let calls = rig.upstream.calls();
        assert!(calls.last().is_some_and(|call| call.body == body), "the upload was changed");
    }
    Ok(())
}

#[tokio::test]
async fn big_bodies_pass_both_ways_without_being_held() -> Result<()> {
    let rig = Rig::start().await?;
    rig.chat().await?;
    let before = rig.weir.memory()?;
    send_big(&rig, 4, "false").await?;
    let growth = rig.weir.memory()?.saturating_sub(before);
    assert!(growth < 60 * MEGABYTE, "memory grew by {} MB", growth / MEGABYTE);
    Ok(())
}

/// The log looks at the first 10 MB of each body before it gives one up, so memory may grow at
/// first; it must not go on.
#[tokio::test]
async fn big_bodies_that_are_logged_do_not_add_up() -> Result<()> {
    let rig = Rig::start().await?;
    send_big(&rig, 4, "true").await?;
    let before = rig.weir.memory()?;
    send_big(&rig, 6, "true").await?;
    let growth = rig.weir.memory()?.saturating_sub(before);
    assert!(growth < 30 * MEGABYTE, "memory grew by {} MB", growth / MEGABYTE);
    let rows = rig.weir.wait_for_rows(10).await?;
    assert!(rows.iter().all(|row| row["payload_reason"] == "too_large"), "{rows:#?}");
    Ok(())
}
