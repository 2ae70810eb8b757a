//! Scripts and refusals in every dialect.

use serde_json::{Value, json};

use super::client::{End, Simulator, post};

/// A dialect: path and body for a model, both for a stream.
fn dialects(model: &str) -> Vec<(String, Value)> {
    let said = json!([{"role": "user", "content": "Hello there"}]);
    let contents = json!([{"role": "user", "parts": [{"text": "Hello there"}]}]);
    let blocks = json!([{"role": "user", "content": [{"text": "Hello there"}]}]);
    let chat = json!({"model": model, "stream": true, "messages": said});
    let mut claude = json!({"max_tokens": 100, "messages": said});
    let google = format!("/v1beta/models/gemini-{model}:streamGenerateContent");
    let vertex = format!("/p/publishers/anthropic/models/{model}:streamRawPredict");
    let mut raw = claude.clone();
    raw["anthropic_version"] = json!("vertex-2023-10-16");
    let mut invoked = claude.clone();
    invoked["anthropic_version"] = json!("bedrock-2023-05-31");
    claude["model"] = json!(model);
    claude["stream"] = json!(true);
    vec![
        ("/v1/chat/completions".to_owned(), chat.clone()),
        ("/v1/completions".to_owned(), json!({"model": model, "stream": true, "prompt": "Hi"})),
        ("/v1/responses".to_owned(), json!({"model": model, "stream": true, "input": "Hi"})),
        ("/anthropic/v1/messages".to_owned(), claude),
        (format!("{google}?alt=sse"), json!({"contents": contents})),
        (google, json!({"contents": contents})),
        (vertex, raw),
        (format!("/model/{model}/converse-stream"), json!({"messages": blocks})),
        (format!("/model/anthropic.{model}/invoke-with-response-stream"), invoked),
        ("/v2/chat".to_owned(), chat),
        (format!("/ai/run/@cf/{model}"), json!({"stream": true, "prompt": "Hi"})),
    ]
}

#[tokio::test]
async fn scripts_work_in_all_dialects() {
    let simulator = Simulator::start().await;
    for (path, body) in dialects("m;status=503;retry-after=3") {
        let answer = simulator.post(&path, &body).await;
        assert_eq!(answer.status.as_u16(), 503, "{path}");
        assert_eq!(answer.header("retry-after"), "3", "{path}");
        answer.json();
    }
    for (path, body) in dialects("m;cut-after=1") {
        let answer = simulator.post(&path, &body).await;
        assert_eq!((answer.status.as_u16(), answer.end), (200, End::Broken), "{path}");
        assert!(!answer.body.is_empty(), "{path}");
    }
    let whole = dialects("m");
    for (script, longer) in [("m;end-after=1", false), ("m;malformed-after=1", true)] {
        for ((path, body), (plain_path, plain_body)) in dialects(script).iter().zip(&whole) {
            let answer = simulator.post(path, body).await;
            let plain = simulator.post(plain_path, plain_body).await;
            assert_eq!(answer.end, End::Clean);
            assert_eq!(answer.body.len() > plain.body.len(), longer, "{path}");
        }
    }
    for (path, body) in dialects("m;error-after=1") {
        let answer = simulator.post(&path, &body).await;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(text.contains("ordered by the model's name"), "{path} {text}");
    }
}

#[tokio::test]
async fn each_family_knows_its_bad_keys() {
    let simulator = Simulator::start().await;
    for (path, body) in dialects("m") {
        let mut statuses = Vec::new();
        for key in [Some("Bearer bad"), None] {
            let mut request = post(&path, body.to_string());
            request.headers_mut().remove("authorization");
            if let Some(key) = key {
                request.headers_mut().insert("authorization", key.parse().unwrap());
            }
            statuses.push(simulator.send(request).await.unwrap().status.as_u16());
        }
        let expected = match &path {
            path if path.starts_with("/model/") => [403, 403],
            path if path.contains("Generate") => [400, 403],
            _ => [401, 401],
        };
        assert_eq!(statuses, expected, "{path}");
    }
}
