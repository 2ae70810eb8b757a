//! `weir import cloudflare`, from another Weir.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use weir_e2e::weir::{Config, Finished, Weir};

/// More gateways than a page of a list holds.
const GATEWAYS: usize = 55;

async fn import(into: &Weir, api_url: &str, token: &str) -> Result<Finished> {
    let options = ["--account", "acc1", "--token", token, "--api-url", api_url, "--yes"];
    into.command(&[&["import", "cloudflare"][..], &options].concat()).await
}

/// An account with something of everything.
async fn source() -> Result<Weir> {
    let mut config = Config::bare();
    for number in 0..GATEWAYS {
        config = config.gateway(&format!("gw{number}"), &json!({"cache_ttl": number}));
    }
    let weir = Weir::start(&config).await?;
    let provider = json!({"name": "Mine", "slug": "mine", "base_url": "https://h.example",
        "enable": true, "headers": "{\"x-key\":\"canary-header\"}"});
    let provider = weir.result("POST", "/custom-providers", Some(&provider)).await?;
    let cost = json!({"account_provider_id": provider["id"], "model": "m", "cost_in": 0.5,
        "token_pricing": {"input_cached_tokens": 0.1}});
    weir.result("POST", "/custom-providers/costs", Some(&cost)).await?;
    let key = json!({"alias": "default", "default_config": true, "provider_slug": "openai",
        "secret": "sk-canary-0123456789"});
    weir.result("POST", "/gateways/gw1/provider_configs", Some(&key)).await?;
    let dataset = json!({"name": "slow", "enable": true,
        "filters": [{"key": "duration", "operator": "gt", "value": [5]}]});
    weir.result("POST", "/gateways/gw1/datasets", Some(&dataset)).await?;
    let policy = json!({"name": "team", "actor": "team", "resource": "*",
        "action": {"type": "no-limit"}});
    weir.manage("POST", "/gateways/gw1/policies?commit=true", Some(&policy)).await?;
    // A route whose second version is not in force.
    let route = json!({"name": "smart", "elements": elements(1)});
    let route = weir.result("POST", "/gateways/gw1/routes", Some(&route)).await?;
    let versions = format!("/gateways/gw1/routes/{}/versions", route["id"].as_str().unwrap_or("?"));
    weir.result("POST", &versions, Some(&json!({"elements": elements(2)}))).await?;
    let mut gateway = weir.result("GET", "/gateways/gw2", None).await?;
    gateway["otel"] = json!([{"url": "https://o.example", "headers": {},
        "authorization": "canary-otel"}]);
    weir.result("PUT", "/gateways/gw2", Some(&gateway)).await?;
    Ok(weir)
}

/// A route to the custom provider, and to nothing when that fails.
fn elements(retries: u32) -> Value {
    json!([
        {"id": "s", "type": "start", "outputs": {"next": {"elementId": "m"}}},
        {"id": "m", "type": "model",
         "properties": {"provider": "custom-mine", "model": "m", "timeout": 1000, "retries": retries},
         "outputs": {"success": {"elementId": "e"}, "fallback": {"elementId": "e"}}},
        {"id": "e", "type": "end", "outputs": {}}
    ])
}

/// The lines of an export that hold no credential and belong to no stored key.
fn shown(export: &str) -> Vec<String> {
    let tables = export.split("\n\n").filter(|table| !table.contains("provider_configs"));
    let lines = tables.flat_map(str::lines).filter(|line| !line.is_empty());
    lines
        .map(|line| line.replace("authorization = \"********\", ", ""))
        .filter(|line| !line.contains("********"))
        .collect()
}

#[tokio::test]
async fn an_account_comes_along_but_for_its_credentials() -> Result<()> {
    let source = source().await?;
    let target = Weir::start(&Config::bare()).await?;
    let url = format!("http://{}", source.address());
    let imported = import(&target, &url, "tok-admin").await?;
    assert_eq!(imported.status, Some(0), "{imported:?}");
    for part in [
        "custom_providers.mine.headers.x-key",
        "gateways.gw2.otel[0].authorization",
        "gateways.gw1.provider_configs.\"openai/default\" waits",
        "gw1_openai_default",
        "billing",
        "API tokens",
        "+ gateways.gw54",
    ] {
        assert!(imported.stdout.contains(part), "{part} is missing in {}", imported.stdout);
    }
    let said = [imported.stdout, imported.stderr].concat();
    assert!(!said.contains("canary"), "{said}");

    // What came along is what there was.
    let (there, here) = (source.command(&["export"]).await?, target.command(&["export"]).await?);
    let (there, here) = (shown(&there.stdout), shown(&here.stdout));
    let missing: Vec<_> = there.iter().filter(|line| !here.contains(line)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
    let added: Vec<_> = here.iter().filter(|line| !there.contains(line)).collect();
    assert!(added.is_empty(), "{added:#?}");
    assert!(here.iter().any(|line| line.contains("https://o.example")), "{here:#?}");

    assert!(here.iter().any(|line| line == "[gateways.gw1.policies.team]"), "{here:#?}");
    // The version in force comes along, not the newest.
    let retries = |count: u32| here.iter().any(|line| line.contains(&format!("retries = {count}")));
    assert!(retries(1) && !retries(2), "{here:#?}");

    let again = import(&target, &url, "tok-admin").await?;
    assert!(again.stdout.contains("Nothing to change."), "{}", again.stdout);
    Ok(())
}

#[tokio::test]
async fn a_token_that_may_not_read_is_an_error_and_nothing_is_made() -> Result<()> {
    let (source, target) = (source().await?, Weir::start(&Config::bare()).await?);
    let url = format!("http://{}", source.address());
    let refused = import(&target, &url, "tok-unknown").await?;
    assert_eq!(refused.status, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("401"), "{refused:?}");
    let exported = target.command(&["export"]).await?;
    assert!(!exported.stdout.contains("gw1"), "{exported:?}");
    let far = import(&target, "http://api.example", "t").await?;
    assert!(far.stderr.contains("https://"), "{far:?}");
    Ok(())
}

/// Answers each call with the next of `answers`, and the last one again and again.
async fn scripted(answers: Vec<(u16, &'static str, Value)>) -> Result<(String, Counter)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let counter = Counter::default();
    let calls = counter.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => break,
                }
            }
            let call = calls.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let (status, headers, body) = &answers[call.min(answers.len() - 1)];
            let body = body.to_string();
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {length}\r\n\
                 {headers}\r\n{body}"
            );
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    Ok((url, counter))
}

type Counter = std::sync::Arc<std::sync::atomic::AtomicUsize>;

#[tokio::test]
async fn a_busy_server_is_asked_again_and_one_that_pages_badly_ends() -> Result<()> {
    let empty = json!({"success": true, "errors": [], "messages": [], "result": []});
    let busy = json!({"success": false, "errors": [{"code": 971, "message": "slow down"}]});
    let (url, calls) = scripted(vec![
        (429, "retry-after: 0\r\n", busy.clone()),
        (503, "retry-after: 0\r\n", busy.clone()),
        (200, "", empty),
    ])
    .await?;
    let target = Weir::start(&Config::bare()).await?;
    let imported = import(&target, &url, "t").await?;
    assert_eq!(imported.status, Some(0), "{imported:?}");
    assert!(imported.stdout.contains("Nothing to change."), "{imported:?}");
    let seen = calls.load(std::sync::atomic::Ordering::SeqCst);
    assert!(seen >= 6, "two tries and four lists, not {seen}");

    let (url, calls) = scripted(vec![(429, "retry-after: 0\r\n", busy)]).await?;
    let given_up = import(&target, &url, "t").await?;
    assert_eq!(given_up.status, Some(1), "{given_up:?}");
    assert!(given_up.stderr.contains("slow down"), "{given_up:?}");
    assert!(calls.load(std::sync::atomic::Ordering::SeqCst) < 50);

    // The same full page for every page number.
    let rows: Vec<Value> = (0..50).map(|number| json!({"id": format!("g{number}")})).collect();
    let page = json!({"success": true, "errors": [], "messages": [], "result": rows});
    let (url, _) = scripted(vec![(200, "", page)]).await?;
    let ended = import(&target, &url, "t").await.context("it never ends")?;
    assert!(ended.status.is_some(), "{ended:?}");
    Ok(())
}
