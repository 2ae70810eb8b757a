use http::Request;
use http_body_util::Full;
use serde_json::json;

use super::client::{CHAT, MESSAGES, Simulator, post};

fn with_key(path: &str, key: Option<(&str, &str)>) -> Request<Full<bytes::Bytes>> {
    let body =
        json!({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "x"}]});
    let mut request = post(path, body.to_string());
    request.headers_mut().remove("authorization");
    if let Some((name, value)) = key {
        let name: http::HeaderName = name.parse().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    request
}

#[tokio::test]
async fn a_key_is_needed_and_must_not_be_bad() {
    let simulator = Simulator::start().await;
    let status =
        async |path, key| simulator.send(with_key(path, key)).await.unwrap().status.as_u16();
    for path in [CHAT, MESSAGES] {
        for name in ["authorization", "x-api-key", "api-key", "x-goog-api-key"] {
            assert_eq!(status(path, Some((name, "any"))).await, 200, "{name}");
            assert_eq!(status(path, Some((name, "bad-key"))).await, 401, "{name}");
        }
        assert_eq!(status(path, Some(("authorization", "Bearer bad"))).await, 401);
        assert_eq!(status(path, Some(("authorization", "Bearer "))).await, 401);
        assert_eq!(status(path, None).await, 401);
    }
    let openai = simulator.send(with_key(CHAT, Some(("api-key", "bad")))).await.unwrap().json();
    assert_eq!(openai["error"]["code"], "invalid_api_key");
    let anthropic = simulator.send(with_key(MESSAGES, None)).await.unwrap().json();
    assert_eq!(anthropic["error"]["type"], "authentication_error");
}

#[tokio::test]
async fn each_family_refuses_in_its_own_shape() {
    let simulator = Simulator::start().await;
    for (path, body, status, pointer, expected) in [
        (CHAT, "{", 400, "/error/type", "invalid_request_error"),
        (CHAT, "{}", 400, "/error/type", "invalid_request_error"),
        (CHAT, r#"{"model":"m","messages":[]}"#, 400, "/error/param", "messages"),
        (CHAT, r#"{"model":"m;oops","messages":[]}"#, 400, "/error/param", "model"),
        (MESSAGES, "[1", 400, "/type", "error"),
        (MESSAGES, "[1", 400, "/error/type", "invalid_request_error"),
        ("/v1/nothing", "{}", 404, "/error/type", "not_found_error"),
    ] {
        let answer = simulator.send(post(path, body.to_owned())).await.unwrap();
        assert_eq!(answer.status.as_u16(), status, "{answer:?}");
        assert_eq!(answer.json().pointer(pointer).unwrap(), expected, "{answer:?}");
    }
    let mut request = post("/v1/nothing", String::new());
    request.headers_mut().remove("anthropic-version");
    let answer = simulator.send(request).await.unwrap();
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["error"]["code"]),
        (404, &json!("unknown_url"))
    );

    let mut request = post(MESSAGES, "{}".to_owned());
    request.headers_mut().remove("anthropic-version");
    let answer = simulator.send(request).await.unwrap();
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("anthropic-version"));
}
