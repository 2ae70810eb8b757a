use std::io::Read;
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::client::{Answer, CHAT, End, MESSAGES, RESPONSES, SOON, Simulator, post};

fn request(script: &str, stream: bool) -> Value {
    let model = format!("m;{script}");
    json!({"model": model, "stream": stream, "max_tokens": 100, "input": "Hello there",
        "messages": [{"role": "user", "content": "Hello there"}]})
}

/// The same without what belongs to other dialects, which Anthropic refuses.
fn messages(script: &str, stream: bool) -> Value {
    let mut body = request(script, stream);
    body.as_object_mut().unwrap().remove("input");
    body
}

async fn ask(script: &str, stream: bool) -> Answer {
    Simulator::start().await.post(CHAT, &request(script, stream)).await
}

#[tokio::test]
async fn a_status_comes_with_its_header() {
    let answer = ask("status=429;retry-after=2", false).await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (429, "2"));
    assert_eq!(answer.json()["error"]["code"], "rate_limit_exceeded");
    let simulator = Simulator::start().await;
    let answer = simulator.post(MESSAGES, &messages("status=529", true)).await;
    assert_eq!(answer.status.as_u16(), 529);
    assert_eq!(answer.json()["error"]["type"], "overloaded_error");
}

#[tokio::test]
async fn failures_are_counted_for_each_key() {
    let simulator = Simulator::start().await;
    let send = async |key: Option<&str>| {
        let mut one = post(CHAT, request("fail=2;status=503", false).to_string());
        if let Some(key) = key {
            one.headers_mut().insert("x-sim-key", key.parse().unwrap());
        }
        simulator.send(one).await.unwrap().status.as_u16()
    };
    for key in [None, Some("a"), Some("b")] {
        let statuses = [send(key).await, send(key).await, send(key).await];
        assert_eq!(statuses, [503, 503, 200], "{key:?}");
    }
    let default = simulator.post(CHAT, &request("fail=1", false)).await;
    assert_eq!(default.status.as_u16(), 500);
}

#[tokio::test]
async fn a_hang_never_answers() {
    let simulator = Simulator::start().await;
    let answer = simulator.send(post(CHAT, request("hang", false).to_string()));
    assert!(timeout(SOON, answer).await.is_err());
}

#[tokio::test]
async fn garbage_is_not_http() {
    let simulator = Simulator::start().await;
    let answer = simulator.send(post(CHAT, request("garbage", false).to_string())).await;
    assert!(answer.unwrap_err().is_parse());
    let answer = simulator.send_h2(post(CHAT, request("garbage", false).to_string())).await;
    assert!(answer.is_err());
}

#[tokio::test]
async fn pauses_are_kept() {
    let start = Instant::now();
    let plain = ask("first=80", false).await;
    assert_eq!(plain.status, 200);
    assert!(start.elapsed() >= Duration::from_millis(80));
    let start = Instant::now();
    let stream = ask("words=5;chunk=20", true).await;
    // Role, five words, finish, [DONE]: seven pauses between eight events.
    assert_eq!(stream.events().len(), 8);
    assert!(start.elapsed() >= Duration::from_millis(140));
}

#[tokio::test]
async fn a_stream_may_break_in_its_middle() {
    for (script, end) in
        [("cut-after=3", End::Broken), ("end-after=3", End::Clean), ("hang-after=3", End::Silent)]
    {
        let answer = ask(script, true).await;
        assert_eq!((answer.events().len(), &answer.end), (3, &end), "{script}");
    }
    let cut = ask("cut-after=2;chunk=10", true).await;
    assert_eq!((cut.events().len(), &cut.end), (2, &End::Broken));
    let none = ask("cut-after=0", true).await;
    assert_eq!((none.status.as_u16(), none.body.len(), &none.end), (200, 0, &End::Broken));
}

#[tokio::test]
async fn a_cut_resets_only_its_http2_stream() {
    let simulator = Simulator::start().await;
    let request = post(CHAT, request("cut-after=3", true).to_string());
    let answer = simulator.send_h2(request).await.unwrap();
    assert_eq!((answer.events().len(), &answer.end), (3, &End::Broken));
}

#[tokio::test]
async fn a_malformed_event_does_not_end_the_stream() {
    let answer = ask("malformed-after=3", true).await;
    let events = answer.events();
    assert!(serde_json::from_str::<Value>(events[3].1).is_err());
    assert_eq!(events.last().unwrap().1, "[DONE]");
    assert_eq!(answer.chunks().len(), events.len() - 2);
}

#[tokio::test]
async fn an_error_event_is_the_last() {
    let simulator = Simulator::start().await;
    for (path, pointer, expected) in [
        (CHAT, "/error/type", json!("server_error")),
        (RESPONSES, "/sequence_number", json!(3)),
        (MESSAGES, "/error/type", json!("overloaded_error")),
    ] {
        let body = if path == MESSAGES { messages } else { request };
        let answer = simulator.post(path, &body("error-after=3", true)).await;
        assert_eq!((answer.events().len(), &answer.end), (4, &End::Clean));
        assert_eq!(answer.chunks()[3].pointer(pointer).unwrap(), &expected);
    }
}

#[tokio::test]
async fn a_plain_answer_breaks_in_its_half() {
    let whole = ask("words=9", false).await.body.len();
    for (script, end) in [
        ("words=9;cut-after=1", End::Broken),
        ("words=9;end-after=1", End::Clean),
        ("words=9;malformed-after=1", End::Clean),
        ("words=9;hang-after=1", End::Silent),
    ] {
        let answer = ask(script, false).await;
        assert_eq!((answer.body.len(), &answer.end), (whole / 2, &end), "{script}");
    }
    assert_eq!(ask("words=9;error-after=1", false).await.body.len(), whole);
}

#[tokio::test]
async fn content_may_be_big() {
    for stream in [false, true] {
        let answer = ask("bytes=1000000", stream).await;
        assert!(answer.body.len() > 1_000_000 && answer.body.len() < 1_200_000);
        assert_eq!(answer.end, End::Clean);
    }
}

#[tokio::test]
async fn reported_usage_is_exact() {
    let usage =
        ask("in=1000;out=500;cached=200;reasoning=100", false).await.json()["usage"].clone();
    assert_eq!((&usage["prompt_tokens"], &usage["total_tokens"]), (&json!(1000), &json!(1500)));
    assert_eq!(usage["prompt_tokens_details"]["cached_tokens"], 200);
    assert_eq!(usage["completion_tokens_details"]["reasoning_tokens"], 100);
}

#[tokio::test]
async fn gzip_is_used_when_accepted() {
    let simulator = Simulator::start().await;
    let plain = ask("words=20", true).await;
    for stream in [false, true] {
        let body = request("gzip;words=20", stream).to_string();
        let refused = simulator.send(post(CHAT, body.clone())).await.unwrap();
        assert_eq!(refused.header("content-encoding"), "");
        let mut accepting = post(CHAT, body);
        accepting.headers_mut().insert("accept-encoding", "br, gzip;q=0.5".parse().unwrap());
        let answer = simulator.send(accepting).await.unwrap();
        assert_eq!(answer.header("content-encoding"), "gzip");
        let mut text = String::new();
        GzDecoder::new(answer.body.as_slice()).read_to_string(&mut text).unwrap();
        assert_eq!(text.as_bytes(), refused.body);
        if stream {
            assert_eq!(text.matches("data: ").count(), plain.events().len());
        }
    }
}

#[tokio::test]
async fn shutdown_does_not_wait_for_a_hang() {
    let simulator = Simulator::start().await;
    let address = simulator.address;
    let hanging = simulator.send(post(CHAT, request("hang", false).to_string()));
    assert!(timeout(Duration::from_millis(50), hanging).await.is_err());
    drop(simulator);
    tokio::time::sleep(SOON * 2).await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
