use serde_json::{Value, json};

use super::client::{MESSAGES, Simulator, join};

const COUNT: &str = "/v1/messages/count_tokens";

fn hello(extra: &Value) -> Value {
    let mut body = json!({"model": "claude-x", "max_tokens": 100, "system": "Be kind.",
        "messages": [{"role": "user", "content": "Hello"}]});
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    body
}

/// Asks plainly and as a stream, checks that both agree, returns the plain answer and the chunks.
async fn both(mut body: Value) -> (Value, Vec<Value>) {
    let simulator = Simulator::start().await;
    let plain = simulator.post(MESSAGES, &body).await.json();
    body["stream"] = json!(true);
    let stream = simulator.post(MESSAGES, &body).await;
    for (name, data) in stream.events() {
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["type"], name);
    }
    let chunks = stream.chunks();
    let mut kinds: Vec<&str> = chunks.iter().map(|chunk| chunk["type"].as_str().unwrap()).collect();
    kinds.dedup();
    let expected = [
        "message_start",
        "content_block_start",
        "ping",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ];
    assert_eq!(kinds, expected);
    let start = &chunks[0]["message"];
    assert_eq!(start["id"].as_str().map(|id| id.starts_with("msg_")), Some(true));
    assert_eq!(start["usage"]["input_tokens"], plain["usage"]["input_tokens"]);
    let delta = &chunks[chunks.len() - 2];
    assert_eq!(delta["delta"]["stop_reason"], plain["stop_reason"]);
    assert_eq!(delta["usage"]["output_tokens"], plain["usage"]["output_tokens"]);
    (plain, chunks)
}

#[tokio::test]
async fn a_text_comes_with_the_full_chain() {
    let (plain, chunks) = both(hello(&json!({}))).await;
    let text = plain["content"][0]["text"].as_str().unwrap();
    assert!(text.ends_with("You said: Hello"));
    assert_eq!(plain["stop_reason"], "end_turn");
    assert_eq!(join(&chunks, "/delta/text"), text);
}

#[tokio::test]
async fn tools_are_called_and_their_results_read() {
    let tools = json!([{"name": "get_weather", "input_schema": {
        "type": "object", "properties": {"city": {"type": "string"}}}}]);
    let choice = json!({"type": "any"});
    let (plain, chunks) = both(hello(&json!({"tools": tools, "tool_choice": choice}))).await;
    assert_eq!(plain["stop_reason"], "tool_use");
    assert_eq!(plain["content"][0]["input"], json!({"city": "Paris"}));
    assert_eq!(chunks[1]["content_block"]["name"], "get_weather");
    assert_eq!(chunks[1]["content_block"]["input"], json!({}));
    assert_eq!(join(&chunks, "/delta/partial_json"), r#"{"city":"Paris"}"#);

    let result = json!([{"type": "tool_result", "tool_use_id": "toolu_1",
        "content": [{"type": "text", "text": "rain"}]}]);
    let messages = json!([{"role": "user", "content": result}]);
    let (plain, _) = both(hello(&json!({"tools": tools, "messages": messages}))).await;
    let text = plain["content"][0]["text"].as_str().unwrap();
    assert!(text.ends_with("The tool said: rain"));
}

#[tokio::test]
async fn the_limit_is_required_and_kept() {
    let (plain, _) = both(hello(&json!({"max_tokens": 2}))).await;
    assert_eq!(plain["stop_reason"], "max_tokens");
    assert_eq!(plain["usage"]["output_tokens"], 2);

    let simulator = Simulator::start().await;
    let refused = simulator.post(MESSAGES, &hello(&json!({"max_tokens": null}))).await;
    assert_eq!(refused.status, 400);
    let body = refused.json();
    assert_eq!(
        (&body["type"], &body["error"]["type"]),
        (&json!("error"), &json!("invalid_request_error"))
    );
    assert_eq!(body["request_id"], refused.header("request-id"));
}

#[tokio::test]
async fn counting_agrees_with_answering() {
    let simulator = Simulator::start().await;
    let extra = json!({"tools": [{"name": "t", "input_schema": {"type": "object"}}]});
    let counted = simulator.post(COUNT, &hello(&extra)).await.json();
    let answered = simulator.post(MESSAGES, &hello(&extra)).await.json();
    assert_eq!(counted["input_tokens"], answered["usage"]["input_tokens"]);
}

#[tokio::test]
async fn cached_tokens_are_counted_apart() {
    let model = json!({"model": "claude-x;in=1000;out=500;cached=200;cache-write=50"});
    let (plain, chunks) = both(hello(&model)).await;
    let usage = &plain["usage"];
    assert_eq!(usage["input_tokens"], 750);
    assert_eq!(usage["cache_read_input_tokens"], 200);
    assert_eq!(usage["cache_creation_input_tokens"], 50);
    assert_eq!(usage["output_tokens"], 500);
    assert_eq!(chunks[0]["message"]["usage"]["cache_read_input_tokens"], 200);
}
