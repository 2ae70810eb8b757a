//! An answer is given only to who could have got it.

use anyhow::Result;
use serde_json::json;
use weir_e2e::http::Request;

use crate::traffic::rig::{ask, asking, code, expect, start, start_with};
use crate::unified::rig::store;

/// The same chat at another place, with another token.
fn at(account: &str, gateway: &str, token: &str) -> Request {
    Request::post(&format!("/v1/{account}/{gateway}/openai/chat/completions"))
        .header("cf-aig-authorization", format!("Bearer {token}"))
        .header("authorization", "Bearer sk-client")
        .json(&asking("a"))
}

#[tokio::test]
async fn accounts_and_gateways_share_nothing() -> Result<()> {
    let kept = json!({"cache_ttl": 3600});
    let rig = start_with(&kept, |config| {
        config
            .gateway("gw2", &kept)
            .gateway("gw1", &json!({"cache_ttl": 3600, "account_id": "acc2"}))
            .token("two", "tok-two", "acc2", &["*"])
    })
    .await?;
    let places =
        [("acc1", "gw1", "tok-run"), ("acc1", "gw2", "tok-run"), ("acc2", "gw1", "tok-two")];
    for key in [None, Some("shared")] {
        for status in ["MISS", "HIT"] {
            for (account, gateway, token) in places {
                let mut request = at(account, gateway, token);
                if let Some(key) = key {
                    request = request.header("cf-aig-cache-key", key);
                }
                let what = format!("{account}/{gateway}, key {key:?}");
                expect(&rig, &[(&what, &request, status)]).await?;
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_hit_needs_a_token_like_any_call() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    expect(&rig, &[("first", &ask("a"), "MISS"), ("again", &ask("a"), "HIT")]).await?;
    let refused = rig.weir.send(&at("acc1", "gw1", "tok-wrong")).await?;
    assert_eq!(code(&refused), (401, Some(2009)), "{}", refused.text());
    Ok(())
}

#[tokio::test]
async fn the_providers_key_counts_wherever_it_stands() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    let request = |rest: &str| {
        Request::post(&format!("/v1/acc1/gw1/{rest}"))
            .header("cf-aig-authorization", "Bearer tok-run")
            .json(&asking("a"))
    };
    let google = "google-ai-studio/v1beta/models/gemini-2.5-flash:generateContent";
    for (what, one, two) in [
        (
            "authorization",
            request("openai/chat/completions").header("authorization", "Bearer one"),
            request("openai/chat/completions").header("authorization", "Bearer two"),
        ),
        (
            "x-api-key",
            request("anthropic/v1/messages").header("x-api-key", "one"),
            request("anthropic/v1/messages").header("x-api-key", "two"),
        ),
        (
            "x-goog-api-key",
            request(google).header("x-goog-api-key", "one"),
            request(google).header("x-goog-api-key", "two"),
        ),
        ("query", request(&format!("{google}?key=one")), request(&format!("{google}?key=two"))),
    ] {
        expect(&rig, &[(what, &one, "MISS"), (what, &two, "MISS")]).await?;
        expect(&rig, &[(what, &one, "HIT"), (what, &two, "HIT")]).await?;
    }
    Ok(())
}

/// What came with a stored key is not for somebody who brings one, nor for the next stored key.
#[tokio::test]
async fn a_stored_key_is_another_identity() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    let first = store(&rig.weir, "openai", "default", "sk-client").await?;
    store(&rig.weir, "openai", "second", "sk-client").await?;
    let bare = Request::post("/v1/acc1/gw1/openai/chat/completions")
        .header("cf-aig-authorization", "Bearer tok-run")
        .json(&asking("a"));
    let second = bare.clone().header("cf-aig-byok-alias", "second");
    expect(
        &rig,
        &[
            ("stored", &bare, "MISS"),
            ("brought along, the same text", &ask("a"), "MISS"),
            ("another stored key", &second, "MISS"),
            ("stored", &bare, "HIT"),
            ("brought along", &ask("a"), "HIT"),
            ("the other stored key", &second, "HIT"),
        ],
    )
    .await?;
    let path = format!("/gateways/gw1/provider_configs/{first}");
    rig.weir.result("DELETE", &path, None).await?;
    expect(&rig, &[("a deleted key opens nothing", &bare, "MISS")]).await?;
    store(&rig.weir, "openai", "default", "sk-client").await?;
    expect(&rig, &[("a new key", &bare, "MISS")]).await
}

/// An account's own provider may want its key in any header, and in several.
#[tokio::test]
async fn whatever_may_be_a_key_keeps_callers_apart() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    let made = json!({"slug": "own", "name": "own", "enable": true,
        "base_url": format!("{}/custom-own", rig.upstream.base())});
    rig.weir.result("POST", "/custom-providers", Some(&made)).await?;
    for (header, shared) in [
        ("x-goog-api-key", None),
        ("xi-api-key", None),
        ("x-api-key", Some("Bearer everybody")),
        ("x-own-token", None),
        ("x-own-key", None),
        ("cookie", None),
        ("proxy-auth", None),
    ] {
        let request = |of: &str| {
            let request = Request::post("/v1/acc1/gw1/custom-own/v1/chat/completions")
                .header("cf-aig-authorization", "Bearer tok-run")
                .header(header, format!("{header}={of}"))
                .json(&asking("a"));
            match shared {
                Some(shared) => request.header("authorization", shared),
                None => request,
            }
        };
        let (one, two) = (request("one"), request("two"));
        expect(&rig, &[(header, &one, "MISS"), (header, &two, "MISS")]).await?;
        expect(&rig, &[(header, &one, "HIT"), (header, &two, "HIT")]).await?;
    }
    let tried = |n: &str| ask("b").header("idempotency-key", n).header("traceparent", n);
    expect(&rig, &[("a try", &tried("1"), "MISS"), ("another", &tried("2"), "HIT")]).await
}
