//! Whose key goes to which provider, in which header.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use weir_e2e::http::Request;
use weir_e2e::upstream::Call;

use super::rig::{compat, rest, store};
use crate::rig::{Rig, chat_body};

/// A model, and the header in which its provider wants a key.
const HEADERS: [(&str, &str, &str); 8] = [
    ("openai/gpt-4o-mini", "authorization", "Bearer KEY"),
    ("anthropic/claude-haiku-4-5", "x-api-key", "KEY"),
    ("google-ai-studio/gemini-2.5-flash", "x-goog-api-key", "KEY"),
    ("azure-openai/res1/gpt-4o-mini", "api-key", "KEY"),
    ("aws-bedrock/us.amazon.nova-lite-v1:0", "authorization", "Bearer KEY"),
    ("cohere/command-a-03-2025", "authorization", "Bearer KEY"),
    ("baseten/deepseek-ai/DeepSeek-V3.1", "authorization", "Api-Key KEY"),
    // Its chat wants a bearer, its other interfaces a header of their own.
    ("parallel/speed", "authorization", "Bearer KEY"),
];

/// Headers in which some provider takes a key.
const ALL: [&str; 5] = ["authorization", "x-api-key", "x-goog-api-key", "api-key", "xi-api-key"];

fn body(model: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": "hi"}]})
}

fn without_key(model: &str) -> Request {
    Request::post("/v1/acc1/gw1/compat/chat/completions")
        .header("cf-aig-authorization", "Bearer tok-run")
        .json(&body(model))
}

/// The keys that a provider was sent.
fn keys(call: &Call) -> Vec<(String, String)> {
    let is_key = |name: &str| ALL.iter().any(|known| name.eq_ignore_ascii_case(known));
    let headers = call.headers.iter().filter(|(name, _)| is_key(name));
    headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect()
}

async fn sent(rig: &Rig, request: &Request) -> Result<(u16, Vec<(String, String)>)> {
    let before = rig.upstream.calls().len();
    let answer = rig.weir.send(request).await?;
    let calls = rig.upstream.calls();
    let sent = calls.get(before).map(keys).unwrap_or_default();
    assert!(calls.iter().all(|call| !call.mentions("tok-run")), "the token went upstream");
    Ok((answer.status, sent))
}

#[tokio::test]
async fn a_key_goes_into_the_providers_own_header() -> Result<()> {
    let rig = Rig::start().await?;
    for (model, name, value) in HEADERS {
        let slug = model.split('/').next().unwrap_or_default();
        let expected = |key: &str| vec![(name.to_owned(), value.replace("KEY", key))];
        let (_, keys) = sent(&rig, &compat("chat/completions", &body(model))).await?;
        assert_eq!(keys, expected("sk-client"), "{model}");
        store(&rig.weir, slug, "default", "sk-stored").await?;
        let (_, keys) = sent(&rig, &without_key(model)).await?;
        assert_eq!(keys, expected("sk-stored"), "{model}");
        let (_, keys) = sent(&rig, &compat("chat/completions", &body(model))).await?;
        assert_eq!(keys, expected("sk-client"), "{model}: the client's key is first");
    }
    Ok(())
}

#[tokio::test]
async fn a_token_in_any_slot_stays_here() -> Result<()> {
    let rig = Rig::start().await?;
    store(&rig.weir, "anthropic", "default", "sk-stored").await?;
    for slot in ALL {
        let scheme = if slot == "authorization" { "Bearer " } else { "" };
        let request = Request::post("/v1/acc1/gw1/compat/v1/messages")
            .header(slot, format!("{scheme}tok-run"))
            .json(&json!({"model": "claude-haiku-4-5", "max_tokens": 9,
                "messages": [{"role": "user", "content": "hi"}]}));
        let (status, keys) = sent(&rig, &request).await?;
        assert_eq!(status, 200, "{slot}");
        assert_eq!(keys, [("x-api-key".to_owned(), "sk-stored".to_owned())], "{slot}");
    }
    let path = "/v1/acc1/gw1/compat/v1beta/models/anthropic/claude-haiku-4-5:generateContent";
    let body = json!({"contents": [{"parts": [{"text": "hi"}]}]});
    let request = Request::post(&format!("{path}?key=tok-run")).json(&body);
    let (status, keys) = sent(&rig, &request).await?;
    assert_eq!((status, keys.len()), (200, 1));
    Ok(())
}

#[tokio::test]
async fn a_rotated_or_deleted_key_counts_at_once() -> Result<()> {
    let rig = Rig::start().await?;
    let id = store(&rig.weir, "openai", "default", "sk-one").await?;
    let bearer = |key: &str| vec![("authorization".to_owned(), format!("Bearer {key}"))];
    let request = without_key("openai/gpt-4o-mini");
    assert_eq!(sent(&rig, &request).await?.1, bearer("sk-one"));
    let path = format!("/gateways/gw1/provider_configs/{id}");
    for key in ["sk-two", "sk-three"] {
        rig.weir.result("PUT", &path, Some(&json!({"secret": key}))).await?;
        assert_eq!(sent(&rig, &request).await?.1, bearer(key));
    }
    rig.weir.result("DELETE", &path, None).await?;
    assert_eq!(sent(&rig, &request).await?.1, []);
    Ok(())
}

#[tokio::test]
async fn an_alias_is_for_native_paths_alone() -> Result<()> {
    let rig = Rig::start().await?;
    store(&rig.weir, "openai", "default", "sk-default").await?;
    store(&rig.weir, "openai", "second", "sk-second").await?;
    let native = |alias: &str| {
        Request::post("/v1/acc1/gw1/openai/chat/completions")
            .header("cf-aig-authorization", "Bearer tok-run")
            .header("cf-aig-byok-alias", alias)
            .json(&chat_body())
    };
    let (_, keys) = sent(&rig, &native("second")).await?;
    assert_eq!(keys[0].1, "Bearer sk-second");
    let answer = rig.weir.send(&native("third")).await?;
    assert_eq!((answer.status, answer.code()), (400, Some(2040)), "{}", answer.text());
    assert!(answer.text().contains("'second'"), "{}", answer.text());
    // A key of the client's own is sent, and no other is looked up.
    let own = native("third").header("authorization", "Bearer sk-client");
    assert_eq!(sent(&rig, &own).await?.1[0].1, "Bearer sk-client");
    let unified = without_key("openai/gpt-4o-mini").header("cf-aig-byok-alias", "second");
    assert_eq!(sent(&rig, &unified).await?.1[0].1, "Bearer sk-default");
    Ok(())
}

#[tokio::test]
async fn own_keys_only_means_own_keys_only() -> Result<()> {
    let rig = Rig::start_with(|config| {
        config
            .set(&["providers", "openai", "platform_key"], json!("sk-platform"))
            .gateway("own", &json!({"byok_only": true}))
    })
    .await?;
    rig.weir.result("POST", "/billing/topup", Some(&json!({"amount": 10_000}))).await?;
    let at = |gateway: &str| {
        Request::post(&format!("/v1/acc1/{gateway}/compat/chat/completions"))
            .header("cf-aig-authorization", "Bearer tok-run")
            .json(&body("openai/gpt-4o-mini"))
    };
    assert_eq!(sent(&rig, &at("gw1")).await?.1[0].1, "Bearer sk-platform");
    for request in [
        at("gw1").header("cf-aig-no-wholesale", "true"),
        at("own"),
        at("own").header("cf-aig-no-wholesale", "false"),
        rest("v1/chat/completions", &body("openai/gpt-4.1")).header("cf-aig-gateway-id", "own"),
    ] {
        let answer = rig.weir.send(&request).await?;
        assert_eq!((answer.status, answer.code()), (400, Some(2903)), "{}", answer.text());
    }
    assert_eq!(rig.upstream.calls().len(), 1);
    let own = at("own").header("authorization", "Bearer sk-client");
    assert_eq!(sent(&rig, &own).await?.1[0].1, "Bearer sk-client");
    Ok(())
}

#[tokio::test]
async fn nobody_gets_a_key_without_a_token() -> Result<()> {
    let rig = Rig::start_with(|config| {
        config
            .set(&["providers", "anthropic", "platform_key"], json!("sk-platform"))
            .gateway("open", &json!({"authentication": false}))
    })
    .await?;
    rig.weir.result("POST", "/billing/topup", Some(&json!({"amount": 10_000}))).await?;
    let stored = json!({"alias": "default", "default_config": true, "provider_slug": "openai",
        "secret": "sk-stored"});
    rig.weir.result("POST", "/gateways/open/provider_configs", Some(&stored)).await?;
    let at = |path: &str, model: &str| {
        Request::post(&format!("/v1/acc1/open/{path}")).json(&body(model))
    };
    for token in [None, Some("Bearer wrong"), Some("Bearer undefined")] {
        for (path, model) in [
            ("compat/chat/completions", "openai/gpt-4o-mini"),
            ("compat/chat/completions", "anthropic/claude-haiku-4-5"),
            ("openai/chat/completions", "gpt-4o-mini"),
            ("anthropic/v1/messages", "claude-haiku-4-5"),
        ] {
            let mut request = at(path, model);
            if let Some(token) = token {
                request = request.header("cf-aig-authorization", token);
            }
            assert_eq!(sent(&rig, &request).await?.1, [], "{path} {model} with {token:?}");
        }
    }
    let known = at("compat/chat/completions", "openai/gpt-4o-mini");
    let known = known.header("cf-aig-authorization", "Bearer tok-run");
    assert_eq!(sent(&rig, &known).await?.1[0].1, "Bearer sk-stored");
    rig.upstream.calls().last().context("a call")?;
    Ok(())
}
