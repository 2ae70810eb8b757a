use serde_json::{Value, json};

use super::client::Simulator;
use super::gemini::{all, hello, path};

fn tools() -> Value {
    let declaration = |name: &str| {
        json!({"name": name, "parameters": {"type": "OBJECT",
            "properties": {"city": {"type": "STRING"}}}})
    };
    json!([{"functionDeclarations": [declaration("get_time"), declaration("get_weather")]}])
}

fn asked() -> Value {
    json!({"role": "user", "parts": [{"text": "get_time and get_weather"}]})
}

fn responses(names: &[&str]) -> Value {
    let parts: Vec<Value> = names
        .iter()
        .map(|name| json!({"functionResponse": {"name": name, "response": {"result": "rain"}}}))
        .collect();
    json!({"role": "user", "parts": parts})
}

async fn refused(model: &str, body: &Value, words: &str) {
    let simulator = Simulator::start().await;
    let answer = simulator.post(&path(model, "generateContent"), body).await;
    let error = &answer.json()["error"];
    assert_eq!((&error["code"], &error["status"]), (&json!(400), &json!("INVALID_ARGUMENT")));
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(words), "{message}");
}

#[tokio::test]
async fn calls_are_signed_and_must_come_back_so() {
    let body = hello(&json!({"tools": tools(), "contents": [asked()]}));
    let (plain, chunks) = all("gemini-3.1-pro-preview", &body).await;
    let content = &plain["candidates"][0]["content"];
    let parts = content["parts"].as_array().unwrap();
    assert_eq!(parts[1]["functionCall"]["args"], json!({"city": "Paris"}));
    assert!(parts[0]["thoughtSignature"].is_string() && parts[1].get("thoughtSignature").is_none());
    // Each call comes whole, in a chunk of its own.
    for nth in 0..2 {
        assert_eq!(chunks[nth]["candidates"][0]["content"]["parts"][0], parts[nth]);
    }

    let results = responses(&["get_time", "get_weather"]);
    let mut again = hello(&json!({"tools": tools(), "contents": [asked(), content, results]}));
    let (plain, _) = all("gemini-3.1-pro-preview", &again).await;
    let text = plain["candidates"][0]["content"]["parts"][0]["text"].as_str().unwrap();
    assert!(text.contains("The tool said: rain"), "{text}");

    let signature = |body: &mut Value| body["contents"][1]["parts"][0]["thoughtSignature"].take();
    signature(&mut again);
    refused("gemini-3.1-pro-preview", &again, "missing a `thought_signature`").await;
    again["contents"][1]["parts"][0]["thoughtSignature"] = json!("AAAA");
    refused("gemini-4-argon", &again, "Corrupted").await;
    again["contents"][1]["parts"][0]["thoughtSignature"] =
        json!("skip_thought_signature_validator");
    all("gemini-4-argon", &again).await;
    // The generation before does not ask for it, nor does a turn that is over.
    signature(&mut again);
    all("gemini-2.5-pro", &again).await;
    let more = again["contents"].as_array_mut().unwrap();
    more.push(json!({"role": "model", "parts": [{"text": "Rain."}]}));
    more.push(asked());
    all("gemini-3.1-pro-preview", &again).await;
}

#[tokio::test]
async fn modes_choose_among_the_functions() {
    let with = |mode: Value| {
        hello(&json!({"tools": tools(), "toolConfig": {"functionCallingConfig": mode}}))
    };
    let name = "/candidates/0/content/parts/0/functionCall/name";
    let (plain, _) = all("gemini-2.5-flash", &with(json!({"mode": "ANY"}))).await;
    assert_eq!(plain.pointer(name).unwrap(), "get_time");
    let only = json!({"mode": "ANY", "allowedFunctionNames": ["get_weather"]});
    let (plain, _) = all("gemini-2.5-flash", &with(only)).await;
    assert_eq!(plain.pointer(name).unwrap(), "get_weather");
    let (plain, _) = all("gemini-2.5-flash", &with(json!({"mode": "NONE"}))).await;
    assert!(plain.pointer(name).is_none());
}

#[tokio::test]
async fn what_google_refuses_is_refused() {
    let call = json!({"role": "model", "parts": [{"functionCall": {"name": "get_time"}}]});
    let model = json!({"role": "model", "parts": [{"text": "x"}]});
    let config = |config: Value| json!({"generationConfig": config});
    let foreign = json!([{"functionDeclarations": [{"name": "t",
        "parameters": {"type": "object", "$schema": "x"}}]}]);
    for (extra, words) in [
        (json!({"messages": []}), "unknown field `messages`"),
        (config(json!({"max_tokens": 1})), "unknown field `max_tokens`"),
        (json!({"contents": []}), "contents is not specified"),
        (json!({"contents": [{"role": "assistant", "parts": [{"text": "x"}]}]}), "valid role"),
        (json!({"contents": [{"role": "user", "parts": [{}]}]}), "oneof field 'data'"),
        (json!({"contents": [asked(), model]}), "end with a user role"),
        (json!({"contents": [call]}), "immediately after a user turn"),
        (json!({"contents": [asked(), call, asked()]}), "number of function response parts"),
        (json!({"contents": [responses(&["get_time"])]}), "immediately after a function call"),
        (json!({"tools": foreign}), "$schema"),
        (config(json!({"stopSequences": ["1", "2", "3", "4", "5", "6"]})), "at most 5"),
        (config(json!({"candidateCount": 9})), "from 1 to 8"),
        (config(json!({"responseSchema": {"type": "STRING"}})), "response_mime_type"),
        (config(json!({"thinkingConfig": {"thinkingLevel": "low"}})), "not supported"),
    ] {
        refused("gemini-2.5-flash", &hello(&extra), words).await;
    }
}
