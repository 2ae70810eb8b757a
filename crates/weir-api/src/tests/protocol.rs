//! Paths and methods that no handler takes.

use http::Method;

use super::fake::FakeLogs;
use super::{GATEWAYS, LOGS, TestApi};

#[tokio::test]
async fn an_unknown_path_is_answered_in_the_envelope() {
    let test = TestApi::new(FakeLogs::default());
    let paths = [
        "/client/v4",
        "/client/v4/",
        "/client/v4/user",
        "/client/v4/accounts/acc1/ai-gateway",
        "/client/v4/accounts/acc1/ai-gateway/gateways/",
        "/client/v4/accounts/acc1/ai-gateway/gateways/shop/datasets",
    ];
    for path in paths {
        test.get(path).await.error(404, 7003);
        test.send(Method::POST, path, &[]).await.error(404, 7003);
    }
    test.get(&format!("{GATEWAYS}/%ff")).await.error(404, 7003);
}

#[tokio::test]
async fn other_paths_are_left_to_the_router_around() {
    let answer = TestApi::new(FakeLogs::default()).get("/v1/acc1/shop/openai").await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (404, 0));
}

#[tokio::test]
async fn a_write_is_refused_in_plain_words() {
    let test = TestApi::new(FakeLogs::default());
    let shop = format!("{GATEWAYS}/shop");
    let writes = [
        (Method::POST, GATEWAYS),
        (Method::PUT, &shop),
        (Method::DELETE, &shop),
        (Method::DELETE, LOGS),
        (Method::PATCH, &format!("{LOGS}/0197")),
    ];
    for (method, uri) in writes {
        let answer = test.send(method, uri, &[]).await;
        let error = answer.error(405, 10405);
        assert_eq!(error["message"], "This path can only be read in this version: use GET");
        assert_eq!(answer.headers["allow"], "GET,HEAD,OPTIONS");
    }
}

#[tokio::test]
async fn head_is_a_get_without_its_body() {
    let test = TestApi::new(FakeLogs::default());
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
    let answer = TestApi::new(FakeLogs::default()).send(Method::OPTIONS, LOGS, &[]).await;
    answer.ok();
    assert_eq!(answer.headers["allow"], "GET,HEAD,OPTIONS");
}
