use serde_json::{Value, json};

use super::client::{CHAT, End, Simulator, join, post};

fn weather_tool() -> Value {
    json!([{"type": "function", "function": {"name": "get_weather", "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}])
}

fn hello(extra: &Value) -> Value {
    let mut body =
        json!({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}]});
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn a_plain_answer_quotes_the_user() {
    let simulator = Simulator::start().await;
    let answer = simulator.post(CHAT, &hello(&json!({}))).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
    assert!(answer.header("x-request-id").starts_with("req_"));
    let body = answer.json();
    assert_eq!(body["object"], "chat.completion");
    assert_eq!(body["model"], "gpt-4o-mini");
    assert_eq!(body["choices"][0]["finish_reason"], "stop");
    let content = body["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(content.ends_with("You said: Hello"), "{content}");
    // 3 for the request, 4 for the message, ceil(5 / 4) for "Hello".
    assert_eq!(body["usage"]["prompt_tokens"], 9);
    assert_eq!(body["usage"]["completion_tokens"], content.len().div_ceil(4));

    let again = simulator.post("/openai/v1/chat/completions", &hello(&json!({}))).await;
    assert_eq!(answer.body, again.body);
}

#[tokio::test]
async fn http2_gets_the_same() {
    let simulator = Simulator::start().await;
    let one = simulator.post(CHAT, &hello(&json!({}))).await;
    let two = simulator.send_h2(post(CHAT, hello(&json!({})).to_string())).await.unwrap();
    assert_eq!(one.body, two.body);
}

#[tokio::test]
async fn some_providers_send_the_usage_of_a_stream_unasked() {
    let simulator = Simulator::start().await;
    let check = async |model: &str, expected: bool| {
        let body = hello(&json!({"model": model, "stream": true}));
        let chunks = simulator.post(CHAT, &body).await.chunks();
        assert_eq!(chunks.last().unwrap()["usage"].is_object(), expected, "{model}");
    };
    check("mistral-small-latest", true).await;
    check("sonar-pro", true).await;
    check("gpt-4o-mini", false).await;
}

#[tokio::test]
async fn a_stream_joins_to_the_plain_answer() {
    let simulator = Simulator::start().await;
    for extra in [json!({}), json!({"n": 2}), json!({"max_tokens": 5})] {
        let mut extra = extra;
        let plain = simulator.post(CHAT, &hello(&extra)).await.json();
        extra["stream"] = json!(true);
        extra["stream_options"] = json!({"include_usage": true});
        let stream = simulator.post(CHAT, &hello(&extra)).await;
        assert_eq!(stream.end, End::Clean);
        assert_eq!(stream.events().last().unwrap().1, "[DONE]");
        let chunks = stream.chunks();
        for (index, choice) in plain["choices"].as_array().unwrap().iter().enumerate() {
            let of_choice: Vec<Value> = chunks
                .iter()
                .filter(|chunk| chunk["choices"][0]["index"] == index)
                .cloned()
                .collect();
            assert_eq!(
                of_choice[0]["choices"][0]["delta"],
                json!({"role": "assistant", "content": ""})
            );
            let joined = join(&of_choice, "/choices/0/delta/content");
            assert_eq!(choice["message"]["content"], joined);
            let last = of_choice.last().unwrap();
            assert_eq!(last["choices"][0]["finish_reason"], choice["finish_reason"]);
            assert_eq!(last["choices"][0]["delta"], json!({}));
        }
        let last = chunks.last().unwrap();
        assert_eq!((&last["choices"], &last["usage"]), (&json!([]), &plain["usage"]));
        assert!(
            chunks[..chunks.len() - 1].iter().all(|chunk| chunk.get("usage") == Some(&Value::Null))
        );
    }
}

#[tokio::test]
async fn usage_is_streamed_only_when_asked_for() {
    let simulator = Simulator::start().await;
    let stream = simulator.post(CHAT, &hello(&json!({"stream": true}))).await;
    assert!(stream.chunks().iter().all(|chunk| chunk.get("usage").is_none()));
}

#[tokio::test]
async fn the_newer_limit_wins() {
    let simulator = Simulator::start().await;
    let limits = json!({"max_tokens": 50, "max_completion_tokens": 2});
    let body = simulator.post(CHAT, &hello(&limits)).await.json();
    assert_eq!(body["choices"][0]["finish_reason"], "length");
    assert_eq!(body["choices"][0]["message"]["content"], "This is ");
    assert_eq!(body["usage"]["completion_tokens"], 2);
}

#[tokio::test]
async fn tools_are_called_and_their_results_read() {
    let simulator = Simulator::start().await;
    let choice = json!({"type": "function", "function": {"name": "get_weather"}});
    for tool_choice in [json!("required"), choice] {
        let mut extra = json!({"tools": weather_tool(), "tool_choice": tool_choice});
        let plain = simulator.post(CHAT, &hello(&extra)).await.json();
        let call = &plain["choices"][0]["message"]["tool_calls"][0];
        assert_eq!(plain["choices"][0]["finish_reason"], "tool_calls");
        assert_eq!(call["function"]["name"], "get_weather");
        assert_eq!(call["function"]["arguments"], r#"{"city":"Paris"}"#);

        extra["stream"] = json!(true);
        let chunks = simulator.post(CHAT, &hello(&extra)).await.chunks();
        let arguments = "/choices/0/delta/tool_calls/0/function/arguments";
        assert_eq!(join(&chunks, arguments), r#"{"city":"Paris"}"#);
        assert_eq!(join(&chunks, "/choices/0/delta/tool_calls/0/function/name"), "get_weather");
    }
    let plain = simulator.post(CHAT, &hello(&json!({"tools": weather_tool()}))).await.json();
    assert_eq!(plain["choices"][0]["finish_reason"], "stop");

    let body = json!({"model": "m", "tools": weather_tool(), "messages": [
        {"role": "user", "content": [{"type": "text", "text": "call get_weather"}]},
        {"role": "assistant", "content": null, "tool_calls": [{"id": "call_1", "type": "function",
            "function": {"name": "get_weather", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "rain"}]});
    let after = simulator.post(CHAT, &body).await.json();
    let text = after["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(text.ends_with("The tool said: rain"), "{text}");
}

#[tokio::test]
async fn structured_answers_follow_the_schema() {
    let simulator = Simulator::start().await;
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer", "minimum": 4}}});
    let format = json!({"type": "json_schema", "json_schema": {"name": "x", "schema": schema}});
    let body = simulator.post(CHAT, &hello(&json!({"response_format": format}))).await.json();
    assert_eq!(body["choices"][0]["message"]["content"], r#"{"n":4}"#);
}

#[tokio::test]
async fn models_are_listed_and_any_name_is_one() {
    let simulator = Simulator::start().await;
    let get = |path: &str| {
        let mut request = post(path, String::new());
        *request.method_mut() = http::Method::GET;
        simulator.send(request)
    };
    let list = get("/openai/v1/models").await.unwrap().json();
    assert!(list["data"].as_array().is_some_and(|models| models.len() > 2));
    let one = get("/v1/models/whatever-5").await.unwrap().json();
    assert_eq!((&one["id"], &one["object"]), (&json!("whatever-5"), &json!("model")));
}
