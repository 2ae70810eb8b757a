use serde_json::{Value, json};

use super::client::{Simulator, join};

const CHAT: &str = "/cohere/v2/chat";

fn hello(extra: &Value) -> Value {
    let mut body =
        json!({"model": "command-x", "messages": [{"role": "user", "content": "Hello"}]});
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    body
}

async fn both(mut body: Value) -> (Value, Vec<Value>) {
    let simulator = Simulator::start().await;
    let plain = simulator.post(CHAT, &body).await.json();
    body["stream"] = json!(true);
    let stream = simulator.post(CHAT, &body).await;
    assert_eq!(stream.events().last().unwrap().1, "[DONE]");
    let chunks = stream.chunks();
    for ((name, _), chunk) in stream.events().iter().zip(&chunks) {
        assert_eq!(chunk["type"], *name);
    }
    assert_eq!(chunks[0]["type"], "message-start");
    let end = &chunks.last().unwrap()["delta"];
    assert_eq!((&end["finish_reason"], &end["usage"]), (&plain["finish_reason"], &plain["usage"]));
    (plain, chunks)
}

#[tokio::test]
async fn chat_answers_plainly_and_in_events() {
    let (plain, chunks) = both(hello(&json!({"thinking": {"type": "enabled"}}))).await;
    let content = &plain["message"]["content"];
    assert_eq!(
        (&content[0]["type"], &plain["finish_reason"]),
        (&json!("thinking"), &json!("COMPLETE"))
    );
    let text = "/delta/message/content/text";
    assert_eq!(join(&chunks, text), content[1]["text"]);
    assert_eq!(join(&chunks, "/delta/message/content/thinking"), content[0]["thinking"]);
    assert_eq!(plain["usage"]["tokens"]["input_tokens"], 9);
}

#[tokio::test]
async fn tools_are_called_and_their_results_read() {
    let tool = |name: &str| {
        json!({"type": "function", "function": {"name": name,
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}})
    };
    let tools = json!([tool("get_time"), tool("get_weather")]);
    let asked = json!({"role": "user", "content": "get_time and get_weather"});
    let (plain, chunks) = both(hello(&json!({"tools": tools, "messages": [asked]}))).await;
    assert_eq!(plain["finish_reason"], "TOOL_CALL");
    assert_eq!(join(&chunks, "/delta/message/tool_plan"), plain["message"]["tool_plan"]);
    let second: Vec<Value> = chunks.iter().filter(|it| it["index"] == 1).cloned().collect();
    let arguments = join(&second, "/delta/message/tool_calls/function/arguments");
    assert_eq!(plain["message"]["tool_calls"][1]["function"]["arguments"], arguments);

    let result = |nth: usize| {
        json!({"role": "tool", "tool_call_id": plain["message"]["tool_calls"][nth]["id"],
            "content": "rain"})
    };
    let messages = json!([asked, plain["message"], result(0), result(1)]);
    let (after, _) = both(hello(&json!({"tools": tools, "messages": messages}))).await;
    let text = after["message"]["content"][0]["text"].as_str().unwrap();
    assert!(text.ends_with("The tool said: rain"), "{text}");
}

#[tokio::test]
async fn what_cohere_refuses_is_refused() {
    let simulator = Simulator::start().await;
    let tools = json!([{"type": "function", "function": {"name": "t"}}]);
    for (extra, words) in [
        (json!({"n": 2}), "unknown field `n`"),
        (json!({"messages": []}), "must not be empty"),
        (json!({"messages": [{"role": "developer", "content": "x"}]}), "unknown role"),
        (json!({"messages": [{"role": "tool", "tool_call_id": "x", "content": "x"}]}), "no open"),
        (json!({"temperature": 1.2}), "temperature must be"),
        (json!({"tool_choice": "REQUIRED"}), "only be given with tools"),
        (json!({"tools": tools, "tool_choice": "auto"}), "REQUIRED or NONE"),
        (
            json!({"tools": tools, "response_format": {"type": "json_object"}}),
            "cannot specify both",
        ),
        (json!({"stop_sequences": ["1", "2", "3", "4", "5", "6"]}), "up to 5"),
    ] {
        let answer = simulator.post(CHAT, &hello(&extra)).await;
        assert_eq!(answer.status, 400, "{extra}");
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(words), "{message}");
    }
}

#[tokio::test]
async fn texts_are_embedded_and_ranked() {
    let simulator = Simulator::start().await;
    let mut body = json!({"model": "embed-x", "texts": ["a", "b"], "input_type": "search_query",
        "embedding_types": ["float", "base64"]});
    let answer = simulator.post("/cohere/v2/embed", &body).await.json();
    assert_eq!(answer["embeddings"]["float"][1].as_array().unwrap().len(), 1024);
    assert!(answer["embeddings"]["base64"][0].is_string());
    assert_eq!(answer["meta"]["billed_units"]["input_tokens"], 2);
    body.as_object_mut().unwrap().remove("input_type");
    assert_eq!(simulator.post("/cohere/v2/embed", &body).await.status, 400);

    let body = json!({"model": "rerank-x", "query": "blue sky", "top_n": 2,
        "documents": ["green", "a sky", "the blue sky"]});
    let answer = simulator.post("/cohere/v2/rerank", &body).await.json();
    assert_eq!(
        (&answer["results"][0]["index"], &answer["results"][1]["index"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(answer["meta"]["billed_units"]["search_units"], 1);
}
