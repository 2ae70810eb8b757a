use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::client::{Simulator, join, post};

const PROJECT: &str = "/google-vertex-ai/v1/projects/p/locations/us-central1";

#[tokio::test]
async fn gemini_and_the_openai_surface_are_served() {
    let simulator = Simulator::start().await;
    let path = format!("{PROJECT}/publishers/google/models/gemini-x:generateContent");
    let body = json!({"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]});
    let answer = simulator.post(&path, &body).await.json();
    assert_eq!(answer["candidates"][0]["finishReason"], "STOP");
    let path =
        "/google-vertex-ai/v1beta1/projects/p/locations/l/endpoints/openapi/chat/completions";
    let body = json!({"model": "google/gemini-x", "messages": [{"role": "user", "content": "x"}]});
    assert_eq!(simulator.post(path, &body).await.json()["object"], "chat.completion");
}

#[tokio::test]
async fn claude_is_asked_with_its_own_body() {
    let simulator = Simulator::start().await;
    let path = |verb: &str| format!("{PROJECT}/publishers/anthropic/models/claude-x@1:{verb}");
    let mut body = json!({"anthropic_version": "vertex-2023-10-16", "max_tokens": 100,
        "messages": [{"role": "user", "content": "Hello"}]});
    let plain = simulator.post(&path("rawPredict"), &body).await.json();
    assert_eq!(plain["model"], "claude-x@1");
    body["stream"] = json!(true);
    let chunks = simulator.post(&path("streamRawPredict"), &body).await.chunks();
    assert_eq!(join(&chunks, "/delta/text"), plain["content"][0]["text"]);
    body["model"] = json!("claude-x");
    assert_eq!(simulator.post(&path("rawPredict"), &body).await.status, 400);
}

#[tokio::test]
async fn embeddings_report_their_tokens() {
    let simulator = Simulator::start().await;
    let path = format!("{PROJECT}/publishers/google/models/text-embedding-005:predict");
    let body = json!({"instances": [{"content": "Hello"}, {"content": "You"}],
        "parameters": {"outputDimensionality": 8}});
    let answer = simulator.post(&path, &body).await.json();
    let second = &answer["predictions"][1]["embeddings"];
    assert_eq!(second["values"].as_array().unwrap().len(), 8);
    assert_eq!(second["statistics"]["token_count"], 1);
}

#[tokio::test]
async fn an_assertion_buys_a_token() {
    let simulator = Simulator::start().await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let send = async |claims: Value, parts: usize| {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let all = [part(&json!({"alg": "RS256", "typ": "JWT"})), part(&claims), "c2ln".to_owned()];
        let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer";
        let body = format!("{grant}&assertion={}", all[..parts].join("."));
        let mut request = post("/token", body);
        request.headers_mut().remove("authorization");
        simulator.send(request).await.unwrap()
    };
    let claims = |from: u64, to: u64| json!({"iss": "a@b", "scope": "s", "aud": "x", "iat": from, "exp": to});
    let good = send(claims(now, now + 3600), 3).await.json();
    assert_eq!((&good["token_type"], &good["expires_in"]), (&json!("Bearer"), &json!(3599)));
    for (claims, parts) in [
        (claims(now, now + 3600), 2),
        (claims(now - 7200, now - 3600), 3),
        (claims(now, now + 7200), 3),
        (json!({"iat": now, "exp": now + 60}), 3),
    ] {
        let refused = send(claims, parts).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.json()["error"]),
            (400, &json!("invalid_grant"))
        );
    }
}
