use serde_json::{Value, json};

use super::client::{MESSAGES, Simulator, join, post};

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
    let used = json!([{"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {}}]);
    let messages = json!([{"role": "user", "content": "Rain?"},
        {"role": "assistant", "content": used}, {"role": "user", "content": result}]);
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

#[tokio::test]
async fn thoughts_are_signed_and_several_tools_called() {
    let simulator = Simulator::start().await;
    let tools = json!([{"name": "get_time", "input_schema": {"type": "object"}},
        {"name": "get_day", "input_schema": {"type": "object"}}]);
    let mut body = hello(&json!({"tools": tools, "max_tokens": 3000,
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "messages": [{"role": "user", "content": "get_time, get_day"}]}));
    let plain = simulator.post(MESSAGES, &body).await.json();
    let kinds: Vec<&str> = plain["content"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["thinking", "tool_use", "tool_use"]);
    body["stream"] = json!(true);
    let chunks = simulator.post(MESSAGES, &body).await.chunks();
    assert_eq!(join(&chunks, "/delta/thinking"), plain["content"][0]["thinking"]);
    assert_eq!(join(&chunks, "/delta/signature"), plain["content"][0]["signature"]);
    let end = &chunks[chunks.len() - 2];
    assert_eq!(end["usage"]["output_tokens"], plain["usage"]["output_tokens"]);

    // Sent back whole it is good; with other thoughts or none it is not.
    let results: Vec<Value> = (1..3)
        .map(|nth| {
            let id = &plain["content"][nth]["id"];
            json!({"type": "tool_result", "tool_use_id": id, "content": "x"})
        })
        .collect();
    let mut again = |content: &Value| {
        body["stream"] = json!(false);
        body["messages"] = json!([{"role": "user", "content": "get_time, get_day"},
            {"role": "assistant", "content": content}, {"role": "user", "content": results}]);
        body.clone()
    };
    let good = simulator.post(MESSAGES, &again(&plain["content"])).await;
    assert_eq!(good.status, 200, "{good:?}");
    let mut forged = plain["content"].clone();
    forged[0]["thinking"] = json!("Something else.");
    refused(again(&forged), "Invalid `signature`").await;
    let without = json!([plain["content"][1], plain["content"][2]]);
    refused(again(&without), "Expected `thinking`").await;
    let one_alone = json!([plain["content"][0], plain["content"][1]]);
    refused(again(&one_alone), "unexpected `tool_use_id`").await;
}

/// Checks that a request is refused with these words.
async fn refused(body: Value, words: &str) {
    let answer = Simulator::start().await.post(MESSAGES, &body).await;
    assert_eq!(answer.status, 400, "{body}");
    let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains(words), "{message}");
}

#[tokio::test]
async fn what_the_real_one_refuses_is_refused() {
    let said = |role: &str| json!({"role": role, "content": "x"});
    let used = json!({"role": "assistant", "content": [
        {"type": "tool_use", "id": "t1", "name": "t", "input": {}}]});
    let open = json!({"type": "object", "properties": {}});
    for (extra, words) in [
        (json!({"n": 2}), "unknown field `n`"),
        (json!({"messages": [said("assistant")]}), "first message"),
        (json!({"messages": [said("tool")]}), "first message"),
        (json!({"messages": [said("user"), said("system")]}), "'user' or 'assistant'"),
        (json!({"messages": [said("user"), used, said("user")]}), "without `tool_result`"),
        (json!({"messages": [{"role": "user", "content": ""}]}), "non-empty"),
        (json!({"temperature": 1.5}), "temperature: range: 0..1"),
        (json!({"stop_sequences": [" "]}), "non-whitespace"),
        (json!({"tools": [{"name": "t"}]}), "input_schema: Field required"),
        (json!({"tool_choice": {"type": "auto"}}), "while providing tools"),
        (json!({"thinking": {"type": "enabled", "budget_tokens": 10}}), "at least 1024"),
        (json!({"thinking": {"type": "enabled", "budget_tokens": 2000}}), "must be greater"),
        (json!({"model": "claude-sonnet-4-5", "thinking": {"type": "adaptive"}}), "adaptive"),
        (json!({"model": "claude-sonnet-5-5", "temperature": 1}), "takes none of them"),
        (json!({"model": "claude-sonnet-5-5", "thinking": {"type": "disabled"}}), "always thinks"),
        (
            json!({"output_config": {"format": {"type": "json_schema", "schema": open}}}),
            "additionalProperties",
        ),
        (json!({"anthropic_version": "bedrock-2023-05-31"}), "Extra inputs"),
    ] {
        refused(hello(&extra), words).await;
    }
}

#[tokio::test]
async fn structured_answers_and_stops() {
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}},
        "additionalProperties": false});
    let format = json!({"format": {"type": "json_schema", "schema": schema}});
    let (plain, _) = both(hello(&json!({"output_config": format}))).await;
    assert_eq!(plain["content"][0]["text"], r#"{"n":1}"#);
    let (plain, chunks) = both(hello(&json!({"stop_sequences": ["You"]}))).await;
    assert_eq!(
        (&plain["stop_reason"], &plain["stop_sequence"]),
        (&json!("stop_sequence"), &json!("You"))
    );
    assert_eq!(chunks[chunks.len() - 2]["delta"]["stop_sequence"], "You");
}

#[tokio::test]
async fn the_newer_version_takes_no_sampling() {
    let simulator = Simulator::start().await;
    for (version, status) in [("2023-06-01", 200), ("2026-10-21", 400), ("2020-01-01", 400)] {
        let mut request = post(MESSAGES, hello(&json!({"temperature": 0.5})).to_string());
        request.headers_mut().insert("anthropic-version", version.parse().unwrap());
        assert_eq!(simulator.send(request).await.unwrap().status, status, "{version}");
    }
}
