//! Hosts that are one gateway's own.

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http_body_util::Full;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use weir_e2e::http::{Request, Response};
use weir_e2e::issuer::{SigningKey, domain};

use super::rig::{Trusting, chat_at, hint, labels};
use crate::rig::chat_body;

const HOST: &str = "ai.example.com";

fn at(host: &str, path: &str, body: &Value) -> Request {
    Request::post(path).header("host", host).json(body)
}

fn chat(host: &str) -> Request {
    at(host, "/openai/v1/chat/completions", &chat_body())
}

async fn send(trusting: &Trusting, request: Request) -> Result<Response> {
    trusting.rig.weir.send(&request).await
}

#[tokio::test]
async fn a_domain_without_an_issuer_is_a_shorter_path() -> Result<()> {
    let trusting = Trusting::start().await?;
    domain(&trusting.rig.weir, HOST, None).await?;
    let unified = json!({"model": "openai/gpt-4o-mini",
        "messages": [{"role": "user", "content": "hi"}]});
    let step = json!([{"provider": "openai", "endpoint": "chat/completions",
        "headers": {"authorization": "Bearer sk-client"}, "query": chat_body()}]);
    let user = trusting.issuer.token(&json!({}))?;
    for (host, path, body) in [
        (HOST, "/openai/v1/chat/completions", &chat_body()),
        ("AI.Example.COM:8787", "/openai/v1/chat/completions?x=/v1/a/b", &chat_body()),
        ("ai.example.com.", "/compat/chat/completions", &unified),
        (HOST, "/", &step),
    ] {
        for credential in ["tok-run", &user] {
            let request = at(host, path, body)
                .header("cf-aig-authorization", format!("Bearer {credential}"))
                .header("authorization", "Bearer sk-client");
            let response = send(&trusting, request).await?;
            assert_eq!(response.status, 200, "{host}{path}: {}", response.text());
            assert!(response.header("cf-aig-log-id").is_some());
        }
        let anonymous = send(&trusting, at(host, path, body)).await?;
        assert_eq!((anonymous.status, anonymous.code()), (401, Some(2009)), "{host}{path}");
    }
    assert_eq!(trusting.calls().len(), 8);
    assert_eq!(trusting.calls()[2].target, "/v1/chat/completions?x=/v1/a/b");
    let rows = trusting.rig.weir.wait_for_rows(8).await?;
    let users = rows.iter().filter(|row| labels(row)["cf.user_id"] == "user-1").count();
    assert_eq!(users, 4);
    Ok(())
}

#[tokio::test]
async fn where_users_are_protected_a_gateway_token_alone_is_refused() -> Result<()> {
    let trusting = Trusting::start().await?;
    let other = json!({"name": "others", "issuer": trusting.issuer.url, "audiences": ["others"]});
    let other = trusting.rig.weir.result("POST", "/issuers", Some(&other)).await?;
    domain(&trusting.rig.weir, HOST, Some(&trusting.id)).await?;
    domain(&trusting.rig.weir, "b.example.com", other["id"].as_str()).await?;
    let user = trusting.issuer.token(&json!({}))?;
    let program = trusting.issuer.token(&json!({"sub": ""}))?;
    let with = |name: &str, value: &str| chat(HOST).header(name, value);
    for (request, status, says) in [
        (with("cf-access-jwt-assertion", &user), 200, ""),
        (with("cf-access-jwt-assertion", &program), 200, ""),
        (with("cookie", &format!("CF_Authorization={user}")), 200, ""),
        (with("authorization", &format!("Bearer {user}")), 200, ""),
        (with("cf-aig-authorization", "Bearer tok-run"), 401, "a gateway token alone"),
        (chat(HOST), 401, "users of an identity provider"),
        (with("cf-access-jwt-assertion", "nonsense"), 401, "not a well-formed"),
        (chat("b.example.com").header("cf-access-jwt-assertion", &user), 401, "audience"),
        // Both: the name of the one, the limits of the other.
        (
            with("cf-access-jwt-assertion", &user).header("cf-aig-authorization", "Bearer tok-run"),
            200,
            "",
        ),
    ] {
        let response = send(&trusting, request).await?;
        assert_eq!(response.status, status, "{says}: {}", response.text());
        assert!(hint(&response).contains(says), "{says}: {}", hint(&response));
    }
    // The gateway's usual address takes its token as ever.
    let usual = chat_at("/v1/acc1/gw1/openai/chat/completions")
        .header("cf-aig-authorization", "Bearer tok-run");
    assert_eq!(send(&trusting, usual).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn an_open_gateway_is_closed_where_users_are_protected() -> Result<()> {
    let trusting = Trusting::start_with(
        |config| config.gateway("open", &json!({"authentication": false})),
        &json!({}),
    )
    .await?;
    let body = json!({"hostname": HOST, "gateway_id": "open", "status": "active",
        "issuer_id": trusting.id});
    trusting.rig.weir.result("POST", "/custom-domains", Some(&body)).await?;
    assert_eq!(send(&trusting, chat(HOST)).await?.status, 401);
    let token = trusting.issuer.token(&json!({}))?;
    assert_eq!(send(&trusting, chat(HOST).header("cf-access-token", token)).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_domain_serves_nothing_else_of_the_process() -> Result<()> {
    let trusting = Trusting::start().await?;
    domain(&trusting.rig.weir, HOST, None).await?;
    for path in [
        "/client/v4/accounts/acc1/ai-gateway/gateways",
        "/client/v4/accounts/acc1/ai/run",
        "/client/v4/user/tokens/verify",
        "/v1/acc1/gw1/openai/chat/completions",
        "/metrics",
        "/readyz",
    ] {
        let request =
            Request::get(path).header("host", HOST).header("authorization", "Bearer tok-admin");
        let response = send(&trusting, request).await?;
        assert!(matches!(response.status, 400 | 404), "{path}: {}", response.status);
        assert!(!response.text().contains("\"result\":[{"), "{path}: {}", response.text());
    }
    let preflight = Request::new("OPTIONS", "/openai/v1/chat/completions")
        .header("host", HOST)
        .header("origin", "https://app.example")
        .header("access-control-request-method", "POST");
    assert_eq!(send(&trusting, preflight).await?.status, 204);
    assert!(trusting.calls().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_host_that_is_not_validated_or_not_known_answers_404() -> Result<()> {
    let trusting = Trusting::start().await?;
    let pending = json!({"hostname": HOST, "gateway_id": "gw1", "status": "pending_dcv"});
    let made = trusting.rig.weir.result("POST", "/custom-domains", Some(&pending)).await?;
    let request = |host: &str| chat(host).header("cf-aig-authorization", "Bearer tok-run");
    assert_eq!(send(&trusting, request(HOST)).await?.status, 404);
    assert_eq!(send(&trusting, request("other.example.com")).await?.status, 404);
    let path = format!("/custom-domains/{}", made["id"].as_str().unwrap_or_default());
    trusting.rig.weir.result("PATCH", &path, Some(&json!({"status": "active"}))).await?;
    assert_eq!(send(&trusting, request(HOST)).await?.status, 200);
    // A host that is said twice is none.
    let twice = request(HOST).header("host", "other.example.com");
    assert!(matches!(send(&trusting, twice).await?.status, 400 | 404));
    trusting.rig.weir.result("DELETE", &path, None).await?;
    assert_eq!(send(&trusting, request(HOST)).await?.status, 404);
    Ok(())
}

#[tokio::test]
async fn a_stranger_cannot_sign_for_a_domain() -> Result<()> {
    let trusting = Trusting::start().await?;
    domain(&trusting.rig.weir, HOST, Some(&trusting.id)).await?;
    let forged = SigningKey::es256("k1")?.sign(&trusting.issuer.claims(&json!({})))?;
    let response = send(&trusting, chat(HOST).header("cf-access-jwt-assertion", forged)).await?;
    assert_eq!((response.status, response.code()), (401, Some(2009)));
    assert!(trusting.calls().is_empty());
    Ok(())
}

#[tokio::test]
async fn with_http2_the_authority_is_the_host() -> Result<()> {
    let trusting = Trusting::start().await?;
    domain(&trusting.rig.weir, HOST, Some(&trusting.id)).await?;
    let user = trusting.issuer.token(&json!({}))?;
    let stream = TokioIo::new(TcpStream::connect(trusting.rig.weir.address()).await?);
    let executor = TokioExecutor::new();
    let (mut sender, driver) = hyper::client::conn::http2::handshake(executor, stream).await?;
    let driver = tokio::spawn(driver);
    for (authority, credential, status) in [
        (HOST, user.as_str(), 200),
        ("AI.example.com:443", &user, 200),
        (HOST, "tok-run", 401),
        ("other.example.com", "tok-run", 404),
    ] {
        let request = http::Request::post(format!("http://{authority}/openai/v1/chat/completions"))
            .header("cf-aig-authorization", credential)
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(chat_body().to_string())))?;
        let response = sender.send_request(request).await.context(authority)?;
        assert_eq!(response.status(), status, "{authority}");
    }
    driver.abort();
    Ok(())
}
