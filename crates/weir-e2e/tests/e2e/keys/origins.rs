//! A stored key goes where it was stored for.

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::Request;
use weir_e2e::upstream::Upstream;
use weir_e2e::weir::{Config, Weir};

use super::rig::CONFIGS;

/// A gateway whose custom provider `x` is at a mock.
async fn with_custom(upstream: &Upstream) -> Result<(Weir, String)> {
    let config = Config::bare().gateway("gw1", &json!({}));
    let weir = Weir::start(&config).await?;
    let body = json!({"name": "x", "slug": "x", "enable": true,
        "base_url": format!("{}/custom-x", upstream.base())});
    let made = weir.result("POST", "/custom-providers", Some(&body)).await?;
    Ok((weir, made["id"].as_str().unwrap_or_default().to_owned()))
}

fn ask() -> Request {
    Request::post("/v1/acc1/gw1/custom-x/chat/completions")
        .header("cf-aig-authorization", "Bearer tok-run")
        .json(&json!({"model": "m", "messages": []}))
}

fn key() -> Value {
    json!({"alias": "default", "default_config": true, "provider_slug": "custom-x",
        "secret": "sk-x-0123456789"})
}

#[tokio::test]
async fn a_provider_that_moved_gets_no_key_of_before() -> Result<()> {
    let (upstream, other) = (Upstream::start().await?, Upstream::start().await?);
    let (weir, id) = with_custom(&upstream).await?;
    let stored = weir.result("POST", CONFIGS, Some(&key())).await?;
    assert_eq!(stored["origin"], upstream.base());
    assert_eq!(weir.send(&ask()).await?.status, 200);
    let path = format!("/custom-providers/{id}");
    let moved = json!({"base_url": format!("{}/custom-x", other.base())});
    weir.result("PATCH", &path, Some(&moved)).await?;
    for request in [
        ask(),
        Request::post("/v1/acc1/gw1/compat/chat/completions")
            .header("cf-aig-authorization", "Bearer tok-run")
            .json(&json!({"model": "custom-x/m", "messages": [{"role": "user", "content": "x"}]})),
    ] {
        let answer = weir.send(&request).await?;
        assert_eq!((answer.status, answer.code()), (502, Some(2005)), "{}", answer.text());
        let hint = answer.header("weir-hint").unwrap_or_default();
        assert!(hint.contains("'default'") && hint.contains("store the key again"), "{hint}");
    }
    assert!(other.calls().is_empty());
    // The caller's own key is the caller's to send.
    let own = ask().header("authorization", "Bearer sk-client");
    assert_eq!(weir.send(&own).await?.status, 200);
    // Stored again it is for the new place, and tested there.
    let path = format!("{CONFIGS}/{}", stored["id"].as_str().unwrap_or_default());
    let rotated = weir.result("PUT", &path, Some(&json!({"secret": "sk-y-0123456789"}))).await?;
    assert_eq!(rotated["origin"], other.base());
    assert_eq!(weir.send(&ask()).await?.status, 200);
    assert!(other.calls().iter().any(|call| call.mentions("sk-y-0123456789")));
    assert!(!other.calls().iter().any(|call| call.mentions("sk-x-0123456789")));
    Ok(())
}

#[tokio::test]
async fn a_pinned_key_stays_at_its_resource() -> Result<()> {
    let upstream = Upstream::start().await?;
    let weir = Weir::start(&Config::new(&upstream)).await?;
    let body = json!({"alias": "default", "default_config": true,
        "provider_slug": "azure-openai", "secret": "az-0123456789",
        "origin": "https://res1.openai.azure.com"});
    weir.result("POST", CONFIGS, Some(&body)).await?;
    let at = |resource: &str| {
        let path = format!("/v1/acc1/gw1/azure-openai/{resource}/dep/chat/completions");
        Request::post(&format!("{path}?api-version=2024-10-21"))
            .header("cf-aig-authorization", "Bearer tok-run")
            .json(&json!({"messages": []}))
    };
    assert_eq!(weir.send(&at("res1")).await?.status, 200);
    let answer = weir.send(&at("evil")).await?;
    assert_eq!((answer.status, answer.code()), (502, Some(2005)), "{}", answer.text());
    assert_eq!(upstream.calls().len(), 1);
    // With keys for both, each resource gets its own.
    let body = json!({"alias": "two", "default_config": false, "pool": "default",
        "provider_slug": "azure-openai", "secret": "az-2-0123456789",
        "origin": "https://evil.openai.azure.com"});
    weir.result("POST", CONFIGS, Some(&body)).await?;
    for (resource, key) in [("res1", "az-0123456789"), ("evil", "az-2-0123456789")] {
        for _ in 0..4 {
            let answer = weir.send(&at(resource)).await?;
            assert_eq!(answer.status, 200, "{}", answer.text());
            let call = upstream.calls().pop();
            assert_eq!(call.as_ref().and_then(|call| call.header("api-key")), Some(key));
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_house_key_follows_the_operators_word_alone() -> Result<()> {
    let config = Config::bare().set(&["providers", "custom-x", "platform_key"], json!("sk-house"));
    let Err(error) = Weir::start(&config).await else { panic!("it started") };
    assert!(format!("{error:#}").contains("needs an `origin`"), "{error:#}");
    Ok(())
}
