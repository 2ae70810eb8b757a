//! Answers that are not what they say.

use std::time::Duration;

use anyhow::Result;
use weir_e2e::upstream::Answer;

use crate::rig::{Rig, chat_stream};

#[tokio::test]
async fn what_is_not_http_is_a_bad_gateway() -> Result<()> {
    let answers: [&'static [u8]; 6] = [
        b"this is not http\r\n\r\n",
        b"\x00\x01\x02\x03",
        b"HTTP/1.1 200 OK\r\nbroken header\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx-cut-off",
    ];
    let rig = Rig::start().await?;
    for raw in answers {
        rig.upstream.script("openai", [Answer::raw(raw)]);
        let response = rig.chat().await?;
        let shown = String::from_utf8_lossy(raw);
        assert_eq!((response.status, response.code()), (502, Some(2005)), "{shown:?}");
    }
    let rows = rig.weir.wait_for_rows(answers.len()).await?;
    assert!(rows.iter().all(|row| row["success"] == false && row["status_code"] == 502));
    rig.assert_alive().await
}

#[tokio::test]
async fn a_body_shorter_than_announced_is_not_passed_off_as_whole() -> Result<()> {
    let answers: [&'static [u8]; 3] = [
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{\"a\":",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"a\":\r\nzz\r\n",
    ];
    for raw in answers {
        let rig = Rig::start().await?;
        let answer = Answer::raw(raw).end_delay(Duration::from_millis(50));
        rig.upstream.script("openai", [answer]);
        // A chunk size that is none is seen together with the head, and may take it along.
        if let Ok(response) = rig.chat().await {
            assert!(!response.complete, "{:?}", response.text());
        }
        let row = rig.weir.only_row().await?;
        assert_eq!((&row["success"], &row["status_code"]), (&false.into(), &200.into()), "{row:#}");
    }
    Ok(())
}

#[tokio::test]
async fn an_old_answer_that_ends_with_its_connection_is_whole() -> Result<()> {
    let rig = Rig::start().await?;
    let raw = "HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n{\"choices\":[]}";
    rig.upstream.script("openai", [Answer::raw(raw)]);
    let response = rig.chat().await?;
    assert_eq!((response.status, response.complete), (200, true));
    assert_eq!(response.text(), "{\"choices\":[]}");
    assert_eq!(rig.weir.only_row().await?["success"], true);
    Ok(())
}

#[tokio::test]
async fn interim_answers_are_not_the_answer() -> Result<()> {
    let rig = Rig::start().await?;
    let raw = "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n\
        HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
    rig.upstream.script("openai", [Answer::raw(raw)]);
    let response = rig.chat().await?;
    assert_eq!((response.status, response.text().as_str()), (200, "{}"));
    Ok(())
}

#[tokio::test]
async fn bodies_that_lie_about_themselves_pass_and_are_logged() -> Result<()> {
    let rig = Rig::start().await?;
    let not_gzip = || Answer::bytes(200, "application/json", "not gzip");
    rig.upstream.script(
        "openai",
        [
            not_gzip().header("content-encoding", "gzip"),
            Answer::bytes(200, "application/json", "{\"usage\":{\"prompt_tokens\":-1}}"),
            Answer::bytes(200, "application/json", "<html>oops</html>"),
            Answer::sse(&["{broken", "{\"usage\":\"none\"}", "[DONE]"]),
        ],
    );
    for _ in 0..3 {
        assert_eq!(rig.chat().await?.status, 200);
    }
    let response = rig.weir.send(&chat_stream()).await?;
    assert!(response.complete && response.text().starts_with("data: {broken\n\n"));
    assert_eq!(rig.weir.wait_for_rows(4).await?.len(), 4);
    rig.assert_alive().await
}
