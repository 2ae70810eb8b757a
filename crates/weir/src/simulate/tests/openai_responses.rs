use serde_json::{Value, json};

use super::client::{RESPONSES, Simulator, join};

/// Asks plainly and as a stream, checks that both agree, returns the plain answer and the chunks.
async fn both(mut body: Value) -> (Value, Vec<Value>) {
    let simulator = Simulator::start().await;
    body["model"] = json!("gpt-4o;cached=2");
    let plain = simulator.post(RESPONSES, &body).await.json();
    body["stream"] = json!(true);
    let stream = simulator.post(RESPONSES, &body).await;
    for (number, (name, data)) in stream.events().iter().enumerate() {
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!((&data["type"], &data["sequence_number"]), (&json!(name), &json!(number)));
    }
    let chunks = stream.chunks();
    let last = &chunks.last().unwrap()["response"];
    assert_eq!(last["usage"], plain["usage"]);
    assert_eq!(last["status"], plain["status"]);
    assert_eq!(plain["usage"]["input_tokens_details"]["cached_tokens"], 2);
    (plain, chunks)
}

fn kinds(chunks: &[Value]) -> Vec<&str> {
    let mut kinds: Vec<&str> = chunks.iter().map(|chunk| chunk["type"].as_str().unwrap()).collect();
    kinds.dedup();
    kinds
}

#[tokio::test]
async fn a_text_comes_with_the_full_chain() {
    let (plain, chunks) = both(json!({"input": "Hello", "instructions": "Be kind."})).await;
    let text = plain["output"][0]["content"][0]["text"].as_str().unwrap();
    assert!(text.ends_with("You said: Hello"));
    assert_eq!(plain["status"], "completed");
    // 3 for the request, 4 for the message, 2 for each text.
    assert_eq!(plain["usage"]["input_tokens"], 3 + 4 + 2 + 2);
    let expected = [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ];
    assert_eq!(kinds(&chunks), expected);
    assert_eq!(join(&chunks, "/delta"), text);
}

#[tokio::test]
async fn a_tool_call_comes_with_its_chain() {
    let tools = json!([{"type": "function", "name": "add", "parameters": {
        "type": "object", "properties": {"a": {"type": "integer"}}}}, {"type": "web_search"}]);
    let input = json!([{"role": "user", "content": [{"type": "input_text", "text": "add 1"}]}]);
    let (plain, chunks) = both(json!({"input": input, "tools": tools})).await;
    assert_eq!(plain["output"][0]["type"], "function_call");
    assert_eq!(plain["output"][0]["arguments"], r#"{"a":1}"#);
    let expected = [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "response.output_item.done",
        "response.completed",
    ];
    assert_eq!(kinds(&chunks), expected);
    assert_eq!(join(&chunks, "/delta"), r#"{"a":1}"#);
}

#[tokio::test]
async fn a_tool_result_is_answered_in_text() {
    let input = json!([
        {"type": "function_call", "call_id": "call_1", "name": "add", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_1", "output": "42"}]);
    let tools = json!([{"type": "function", "name": "add"}]);
    let (plain, _) = both(json!({"input": input, "tools": tools, "tool_choice": "required"})).await;
    let text = plain["output"][0]["content"][0]["text"].as_str().unwrap();
    assert!(text.ends_with("The tool said: 42"));
}

#[tokio::test]
async fn the_limit_makes_it_incomplete() {
    let (plain, chunks) = both(json!({"input": "Hello", "max_output_tokens": 2})).await;
    assert_eq!(plain["incomplete_details"]["reason"], "max_output_tokens");
    assert_eq!(chunks.last().unwrap()["type"], "response.incomplete");
}
