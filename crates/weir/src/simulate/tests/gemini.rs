use serde_json::{Value, json};

use super::client::{Answer, Simulator, join, post};

pub(super) fn path(model: &str, verb: &str) -> String {
    format!("/google-ai-studio/v1beta/models/{model}:{verb}")
}

pub(super) fn hello(extra: &Value) -> Value {
    let mut body = json!({"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]});
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    body
}

/// The documents of an SSE stream with CRLF line ends.
fn sse(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.header("content-type"), "text/event-stream");
    let events = answer.text().strip_suffix("\r\n\r\n").unwrap().split("\r\n\r\n");
    events.map(|it| serde_json::from_str(it.strip_prefix("data: ").unwrap()).unwrap()).collect()
}

/// Asks in all three ways, checks that they agree, returns the plain answer and the events.
pub(super) async fn all(model: &str, body: &Value) -> (Value, Vec<Value>) {
    let simulator = Simulator::start().await;
    let plain = simulator.post(&path(model, "generateContent"), body).await.json();
    let stream = path(model, "streamGenerateContent");
    let chunks = sse(&simulator.post(&format!("{stream}?alt=sse"), body).await);
    let array = simulator.post(&stream, body).await.json();
    assert_eq!(array.as_array(), Some(&chunks));
    let last = chunks.last().unwrap();
    assert_eq!(last["usageMetadata"], plain["usageMetadata"]);
    let reason = "/candidates/0/finishReason";
    assert_eq!(last.pointer(reason), plain.pointer(reason));
    (plain, chunks)
}

#[tokio::test]
async fn content_comes_whole_in_events_and_in_an_array() {
    let (plain, chunks) = all("gemini-2.5-flash", &hello(&json!({}))).await;
    let text = plain["candidates"][0]["content"]["parts"][0]["text"].as_str().unwrap();
    assert!(text.ends_with("You said: Hello"));
    assert_eq!(join(&chunks, "/candidates/0/content/parts/0/text"), text);
    assert_eq!(plain["candidates"][0]["finishReason"], "STOP");
    assert_eq!(plain["usageMetadata"]["promptTokenCount"], 9);
    assert!(plain["usageMetadata"].get("thoughtsTokenCount").is_none());
    let counts: Vec<u64> = chunks
        .iter()
        .map(|it| it["usageMetadata"]["candidatesTokenCount"].as_u64().unwrap())
        .collect();
    assert!(counts.is_sorted() && counts[0] < *counts.last().unwrap());
}

#[tokio::test]
async fn thoughts_schemas_limits_and_stops() {
    let config = |config: Value| hello(&json!({"generationConfig": config}));
    let thinking = json!({"thinkingConfig": {"thinkingBudget": 1024, "includeThoughts": true}});
    let (plain, chunks) = all("gemini-2.5-flash", &config(thinking)).await;
    let parts = &plain["candidates"][0]["content"]["parts"];
    assert_eq!((&parts[0]["thought"], parts.as_array().unwrap().len()), (&json!(true), 2));
    let usage = &plain["usageMetadata"];
    let number = |name: &str| usage[name].as_u64().unwrap();
    assert!(number("thoughtsTokenCount") > 0);
    let sum = number("promptTokenCount") + number("candidatesTokenCount");
    assert_eq!(number("totalTokenCount"), sum + number("thoughtsTokenCount"));
    assert_eq!(chunks[0]["candidates"][0]["content"]["parts"][0]["thought"], true);

    let schema = json!({"type": "OBJECT", "properties": {"n": {"type": "INTEGER"}}});
    for key in ["responseSchema", "response_json_schema"] {
        let asked =
            config(json!({"responseMimeType": "application/json", key: if key.contains('_') {
            json!({"type": "object", "properties": {"n": {"type": "integer"}}})
        } else { schema.clone() }}));
        let (plain, _) = all("gemini-2.5-flash", &asked).await;
        assert_eq!(plain["candidates"][0]["content"]["parts"][0]["text"], r#"{"n":1}"#);
    }
    let (plain, _) = all("gemini-2.5-flash", &config(json!({"maxOutputTokens": 2}))).await;
    assert_eq!(plain["candidates"][0]["finishReason"], "MAX_TOKENS");
    let (plain, _) = all("gemini-2.5-flash", &config(json!({"stopSequences": ["is"]}))).await;
    assert_eq!(plain["candidates"][0]["content"]["parts"][0]["text"], "Th");
    let (plain, _) = all("gemini-2.5-flash", &config(json!({"candidateCount": 2}))).await;
    assert_eq!(plain["candidates"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn counting_embedding_and_models() {
    let simulator = Simulator::start().await;
    let counted = simulator.post(&path("gemini-x", "countTokens"), &hello(&json!({}))).await;
    assert_eq!(counted.json()["totalTokens"], 9);
    let whole = json!({"generateContentRequest": hello(&json!({"model": "models/gemini-x"}))});
    let counted = simulator.post(&path("gemini-x", "countTokens"), &whole).await;
    assert_eq!(counted.json()["totalTokens"], 9);

    let one = json!({"model": "models/e", "content": {"parts": [{"text": "a"}]},
        "outputDimensionality": 8});
    let answer = simulator.post(&path("e", "embedContent"), &one).await.json();
    assert_eq!(answer["embedding"]["values"].as_array().unwrap().len(), 8);
    let batch = json!({"requests": [one, one]});
    let embedded = simulator.post(&path("e", "batchEmbedContents"), &batch).await.json();
    assert_eq!(embedded["embeddings"][1]["values"], answer["embedding"]["values"]);
    assert_eq!(simulator.post(&path("f", "batchEmbedContents"), &batch).await.status, 400);

    for (path, pointer) in [("/v1beta/models", "/models/0/name"), ("/v1beta/models/x", "/name")] {
        let mut request = post(path, String::new());
        *request.method_mut() = http::Method::GET;
        let name = simulator.send(request).await.unwrap().json();
        assert!(name.pointer(pointer).unwrap().as_str().unwrap().starts_with("models/"));
    }
}

#[tokio::test]
async fn a_blocked_prompt_has_no_candidates() {
    let simulator = Simulator::start().await;
    let body = hello(&json!({}));
    let plain = simulator.post(&path("gemini-x;block", "generateContent"), &body).await.json();
    assert_eq!(plain["promptFeedback"]["blockReason"], "SAFETY");
    assert!(plain.get("candidates").is_none());
    let stream = path("gemini-x;block", "streamGenerateContent?alt=sse");
    assert_eq!(sse(&simulator.post(&stream, &body).await), [plain]);
}

#[tokio::test]
async fn keys_are_taken_in_three_places_and_refused_in_googles_way() {
    let simulator = Simulator::start().await;
    let send = async |query: &str, header: Option<(&'static str, &str)>| {
        let path = path("gemini-x", &format!("generateContent{query}"));
        let mut request = post(&path, hello(&json!({})).to_string());
        request.headers_mut().remove("authorization");
        if let Some((name, value)) = header {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        simulator.send(request).await.unwrap()
    };
    assert_eq!(send("?key=k", None).await.status, 200);
    assert_eq!(send("", Some(("x-goog-api-key", "k"))).await.status, 200);
    assert_eq!(send("", Some(("authorization", "Bearer k"))).await.status, 200);
    let none = send("", None).await;
    assert_eq!(
        (none.status.as_u16(), &none.json()["error"]["status"]),
        (403, &json!("PERMISSION_DENIED"))
    );
    let bad = send("?key=bad", None).await.json();
    assert_eq!(bad["error"]["details"][0]["reason"], "API_KEY_INVALID");
}
