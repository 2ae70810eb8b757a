use serde_json::json;

use super::*;
use crate::http::{Client, Request, exchange};

async fn post(upstream: &Upstream, path: &str) -> crate::http::Response {
    let request = Request::post(path).json(&json!({"model": "m"}));
    exchange(upstream.address(), &request).await.unwrap()
}

#[tokio::test]
async fn scripts_play_in_order_and_the_last_repeats() {
    let upstream = Upstream::start().await.unwrap();
    upstream.script("openai", [Answer::new(500), Answer::json(200, &json!({"n": 2}))]);
    let statuses = [post(&upstream, "/openai/v1/x").await, post(&upstream, "/openai/v1/x").await];
    assert_eq!(statuses.map(|response| response.status), [500, 200]);
    assert_eq!(post(&upstream, "/openai/v1/x").await.json().unwrap(), json!({"n": 2}));
    let other = post(&upstream, "/anthropic/v1/messages?a=//b").await.json().unwrap();
    assert_eq!(other["content"][0]["text"], "pong");
    let done = |calls: &[Call]| calls.iter().all(|call| call.body_complete && call.answered);
    let calls = upstream.wait_for(done).await.unwrap();
    assert_eq!(calls.len(), 4);
    assert_eq!((&*calls[3].provider, &*calls[3].target), ("anthropic", "/v1/messages?a=//b"));
}

#[tokio::test]
async fn pieces_arrive_apart_and_are_timed() {
    let upstream = Upstream::start().await.unwrap();
    let pause = Duration::from_millis(60);
    upstream.script("openai", [Answer::sse(&["a", "b", "[DONE]"]).chunk_delay(pause)]);
    let response = post(&upstream, "/openai/v1/chat").await;
    assert_eq!(response.text(), "data: a\n\ndata: b\n\ndata: [DONE]\n\n");
    assert_eq!(response.pieces.len(), 3);
    assert!(response.pieces[0].at < upstream.calls()[0].last_sent.unwrap());
}

#[tokio::test]
async fn broken_answers_are_seen_as_broken() {
    let upstream = Upstream::start().await.unwrap();
    upstream.script("a", [Answer::sse(&["x"]).without_end().ending(Ending::Close)]);
    upstream.script("b", [Answer::refused()]);
    let cut = post(&upstream, "/a/x").await;
    assert!(!cut.complete && cut.text() == "data: x\n\n");
    let refused = exchange(upstream.address(), &Request::get("/b/x")).await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn a_caller_that_leaves_is_noticed() {
    let upstream = Upstream::start().await.unwrap();
    upstream.script("openai", [Answer::sse(&["x"]).without_end().ending(Ending::Stall)]);
    let mut client = Client::open(upstream.address()).await.unwrap();
    client.send(Request::post("/openai/x").to_bytes()).await.unwrap();
    client.read_until("data: x").await.unwrap();
    assert!(upstream.calls()[0].left.is_none());
    drop(client);
    upstream.wait_for(|calls| calls[0].left.is_some()).await.unwrap();
}

#[tokio::test]
async fn a_script_of_a_vector_is_understood_whole_or_refused() {
    let script = json!({"status": 201, "sse": ["a", "[DONE]"], "first_delay_ms": 5});
    let answer = answer_from_json(&script).unwrap();
    assert_eq!((answer.status, answer.first_delay), (201, Duration::from_millis(5)));
    let error = answer_from_json(&json!({"statsu": 200})).unwrap_err();
    assert!(error.to_string().contains("statsu"));
}
