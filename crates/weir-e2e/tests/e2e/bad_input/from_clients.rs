//! Broken, absurd, oversized and stalled requests.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use weir_e2e::http::{Client, Request};
use weir_e2e::weir::Config;

use crate::rig::{Rig, chat, chat_body};

#[tokio::test]
async fn broken_json_is_the_providers_business() -> Result<()> {
    let rig = Rig::start().await?;
    for body in ["{\"model\": ", "", "null", "[1,2", "\u{0}\u{1}", "{\"model\":\"\\ud800\"}"] {
        let request = Request::post("/v1/acc1/gw1/openai/chat/completions").with_keys();
        let request = request.header("content-type", "application/json").body(body);
        assert_eq!(rig.weir.send(&request).await?.status, 200, "{body:?}");
        let call = rig.upstream.calls().pop();
        assert!(call.is_some_and(|call| call.body == body.as_bytes()), "{body:?}");
    }
    // Deep enough to exhaust the stack of a reader that recurses.
    let deep = ["[".repeat(100_000), "]".repeat(100_000)].concat();
    let deep = format!("{{\"messages\":{deep},\"model\":\"m\"}}");
    assert_eq!(rig.weir.send(&chat().body(deep)).await?.status, 200);
    rig.assert_alive().await
}

fn small_limit(config: Config) -> Config {
    config.set(&["limits", "request_body_bytes"], json!(1000))
}

#[tokio::test]
async fn a_body_that_announces_too_much_is_refused_unread() -> Result<()> {
    let rig = Rig::start_with(small_limit).await?;
    assert_eq!(rig.weir.send(&chat().body("x".repeat(1000))).await?.status, 200);
    let response = rig.weir.send(&chat().body("x".repeat(1001))).await?;
    assert_eq!((response.status, response.code()), (413, Some(2901)), "{}", response.text());
    let head = chat().header("content-length", "99999999999").header("expect", "100-continue");
    let mut client = Client::open(rig.weir.address()).await?;
    client.send(head.head()).await?;
    assert_eq!(client.response("POST").await?.status, 413);
    assert_eq!(rig.upstream.calls().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_chunked_body_that_grows_too_big_is_refused() -> Result<()> {
    let rig = Rig::start_with(small_limit).await?;
    let mut client = Client::open(rig.weir.address()).await?;
    client.send(chat().header("transfer-encoding", "chunked").head()).await?;
    for _ in 0..3 {
        client.send_chunk("x".repeat(400)).await?;
    }
    let response = client.response("POST").await?;
    assert_eq!((response.status, response.code()), (413, Some(2901)), "{}", response.text());
    let calls = rig.upstream.calls();
    assert!(calls.iter().all(|call| !call.body_complete), "the provider took it for whole");
    rig.assert_alive().await
}

#[tokio::test]
async fn bad_heads_are_refused_and_odd_ones_pass() -> Result<()> {
    let rig = Rig::start().await?;
    let start = "POST /v1/acc1/gw1/openai/x HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n";
    let bad: [&[u8]; 6] = [
        b"x-bad: a\x01b\r\n\r\n",
        b"x bad: a\r\n\r\n",
        b"no colon\r\n\r\n",
        b"content-length: 5\r\n\r\n",
        b"transfer-encoding: chunked\r\ntransfer-encoding: x\r\n\r\n",
        b"x-null: a\x00b\r\n\r\n",
    ];
    for rest in bad {
        let mut client = Client::open(rig.weir.address()).await?;
        client.send([start.as_bytes(), rest].concat()).await?;
        let shown = String::from_utf8_lossy(rest);
        match client.response("POST").await {
            Ok(response) => assert!((400..500).contains(&response.status), "{shown:?}"),
            Err(_) => assert!(client.is_closed_within(Duration::from_secs(1)).await, "{shown:?}"),
        }
    }
    assert_eq!(rig.upstream.calls().len(), 0, "a bad head reached the provider");
    let request = chat().header("x-odd", [0xe9, b' ', 0xff]).header("x-empty", "");
    assert_eq!(rig.weir.send(&request).await?.status, 200);
    let call = &rig.upstream.calls()[0];
    assert_eq!((call.header("x-odd"), call.header("x-empty")), (Some("\u{e9} \u{ff}"), Some("")));
    rig.assert_alive().await
}

#[tokio::test]
async fn far_too_large_heads_are_refused() -> Result<()> {
    let rig = Rig::start().await?;
    let long = format!("/v1/acc1/gw1/openai/{}", "x".repeat(2_000_000));
    let many = (0..5000).fold(chat(), |request, index| request.header(&format!("x-{index}"), "v"));
    for request in [Request::get(&long).with_keys(), many] {
        // The connection may be reset before the refusal is read.
        if let Ok(response) = rig.weir.send(&request).await {
            assert!((400..500).contains(&response.status), "{}", response.status);
        }
    }
    assert_eq!(rig.upstream.calls().len(), 0);
    rig.assert_alive().await
}

#[tokio::test]
async fn absurd_paths_are_answered() -> Result<()> {
    let rig = Rig::start().await?;
    let paths = [
        "/",
        "//",
        "/v1",
        "/v1/",
        "/v1//",
        "/v1/acc1",
        "/v1/acc1/",
        "/v1/acc1/gw1/",
        "/v1/acc1//x",
        "/v1//gw1/openai/x",
        "/v1/acc1/gw1//x",
        "/v1/%00/%00/%00/%00",
        "/v1/acc1/gw1/%2e%2e/x",
        "/v1/acc1/gw1/../../../etc/passwd",
        "/v1/acc1/gw1/openai/%zz",
        "/v1?",
        "/v2/acc1/gw1/x",
        "/v1/acc1/gw1/custom-/x",
        "/v1/acc1/gw1/OPENAI/x",
        "/client/v4",
        "/client/v4/accounts/",
        "/client/v4/accounts/acc1/ai-gateway/gateways/%2e%2e/logs",
        "*",
        "/readyz/x",
        "/v1/acc1/gw1/azure-openai/evil.example%2f/d/x",
        "/v1/acc1/gw1/azure-openai/a@b/d/x",
        "/v1/acc1/gw1/aws-bedrock/bedrock-runtime/evil.example#/model/m/invoke",
        "/v1/acc1/gw1/google-vertex-ai/v1/projects/p/locations/evil.example%2f/x",
    ];
    for path in paths {
        for method in ["GET", "POST"] {
            let request = Request::new(method, path).with_keys().body("{}");
            let response = rig.weir.send(&request).await?;
            assert!(response.status < 500, "{method} {path}: {}", response.text());
        }
    }
    let request = Request::new("CONNECT", "evil.example:443").with_keys();
    if let Ok(response) = rig.weir.send(&request).await {
        assert!((400..500).contains(&response.status), "CONNECT: {}", response.status);
    }
    rig.assert_alive().await
}

#[tokio::test]
async fn bad_values_of_our_own_headers_never_fail_a_request() -> Result<()> {
    let rig = Rig::start().await?;
    let values: [(&str, &[u8]); 9] = [
        ("cf-aig-metadata", b"\xff\xfe"),
        ("cf-aig-request-timeout", b"soon"),
        ("cf-aig-request-timeout", b"-5"),
        ("cf-aig-request-timeout", b"99999999999999999999999"),
        ("cf-aig-collect-log", b"maybe"),
        ("cf-aig-custom-cost", b"{\"per_token_in\":-1}"),
        ("cf-aig-custom-cost", b"\xff"),
        ("cf-aig-event-id", b"\xe9"),
        ("cf-aig-max-attempts", b"1e9"),
    ];
    for (name, value) in values {
        let response = rig.weir.send(&chat().header(name, value)).await?;
        assert_eq!(response.status, 200, "{name}: {value:?}: {}", response.text());
    }
    Ok(())
}

#[tokio::test]
async fn a_client_that_stalls_in_its_body_is_given_up() -> Result<()> {
    let limit = |config: Config| config.set(&["limits", "client_idle_timeout_ms"], json!(300));
    let rig = Rig::start_with(limit).await?;
    for body in [10, 1_000_000] {
        let mut client = Client::open(rig.weir.address()).await?;
        client.send(chat().header("content-length", body.to_string()).head()).await?;
        client.send("{").await?;
        assert!(client.is_closed_within(Duration::from_secs(3)).await, "body of {body}");
    }
    assert!(rig.upstream.calls().iter().all(|call| !call.body_complete));
    rig.assert_alive().await
}

#[tokio::test]
async fn stalled_clients_do_not_hold_up_others() -> Result<()> {
    let rig = Rig::start().await?;
    let mut stalled = Vec::new();
    for _ in 0..50 {
        let mut client = Client::open(rig.weir.address()).await?;
        client.send("POST /v1/acc1/gw1/openai/chat/completions HTTP/1.1\r\nho").await?;
        stalled.push(client);
    }
    let response = rig.weir.send(&chat().json(&chat_body())).await?;
    assert!(response.elapsed() < Duration::from_secs(1), "{:?}", response.elapsed());
    Ok(())
}
