//! Paths and methods that no handler takes.

use axum::body::Body;
use http::Method;

use super::{GATEWAYS, LOGS, TestApi};

#[tokio::test]
async fn an_unknown_path_is_answered_in_the_envelope() {
    let test = TestApi::new();
    let paths = [
        "/client/v4",
        "/client/v4/",
        "/client/v4/user",
        "/client/v4/accounts/acc1/ai-gateway",
        "/client/v4/accounts/acc1/ai-gateway/gateways/",
        "/client/v4/accounts/acc1/ai-gateway/gateways/shop/nothing",
    ];
    for path in paths {
        test.get(path).await.error(404, 7003);
        test.send(Method::POST, path, &[]).await.error(404, 7003);
    }
    test.get(&format!("{GATEWAYS}/%ff")).await.error(404, 7003);
}

#[tokio::test]
async fn other_paths_are_left_to_the_router_around() {
    let answer = TestApi::new().get("/v1/acc1/shop/openai").await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (404, 0));
}

#[tokio::test]
async fn a_method_that_a_path_does_not_take_is_refused_with_those_it_takes() {
    let answer = TestApi::new().send(Method::PATCH, GATEWAYS, &[]).await;
    answer.error(405, 10405);
    assert_eq!(answer.headers["allow"], "GET,HEAD,POST,OPTIONS");
}

#[tokio::test]
async fn a_body_must_be_json_without_repeated_names_and_of_bearable_size() {
    let test = TestApi::new();
    let bearer = [("authorization", "Bearer tok-*")];
    let huge = format!(r#"{{"id":"{}"}}"#, "x".repeat(10 << 20));
    let cases = [
        ("", 400, "a JSON body is required"),
        ("{", 400, "not valid JSON"),
        (r#"{"id":"a","id":"b"}"#, 400, "given twice"),
        ("[]", 400, "must be an object"),
        (&huge, 413, "4 MiB"),
    ];
    for (body, status, text) in cases {
        let body = Body::from(body.to_owned());
        let answer = test.send_body(Method::POST, GATEWAYS, &bearer, body).await;
        let message = answer.error(status, 7001)["message"].to_string();
        assert!(message.contains(text), "{message}");
    }
}

#[tokio::test]
async fn head_is_a_get_without_its_body() {
    let test = TestApi::new();
    let bearer = [("authorization", "Bearer tok-ai-gateway-read")];
    let get = test.send(Method::GET, GATEWAYS, &bearer).await;
    let head = test.send(Method::HEAD, GATEWAYS, &bearer).await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    assert_eq!(head.headers["content-type"], "application/json");
    assert_eq!(head.headers["content-length"], get.body.len().to_string());
    let refused = test.send(Method::HEAD, GATEWAYS, &[]).await;
    assert_eq!((refused.status.as_u16(), refused.body.len()), (400, 0));
}

#[tokio::test]
async fn options_tells_the_methods_to_anybody() {
    let answer = TestApi::new().send(Method::OPTIONS, LOGS, &[]).await;
    answer.ok();
    assert_eq!(answer.headers["allow"], "GET,HEAD,DELETE,OPTIONS");
}
