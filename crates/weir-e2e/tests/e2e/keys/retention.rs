//! Keys whose provider keeps nothing (spec: observability 8.4).

use anyhow::Result;
use serde_json::json;
use weir_e2e::weir::Config;

use super::rig::{sent, start, store, surfaces};
use crate::rig::Rig;
use crate::traffic::rig::change;

async fn funded(keys: impl FnOnce(Config) -> Config) -> Result<Rig> {
    let rig = start(keys).await?;
    rig.weir.result("POST", "/billing/topup", Some(&json!({"amount": 100_000}))).await?;
    Ok(rig)
}

#[tokio::test]
async fn labelled_keys_are_for_calls_that_ask_for_them() -> Result<()> {
    let rig = funded(|config| {
        config
            .set(&["providers", "openai", "platform_key"], json!("sk-plain"))
            .set(&["providers", "openai", "platform_zdr_key"], json!("sk-zdr"))
    })
    .await?;
    for (setting, header, key) in [
        (false, None, "sk-plain"),
        (false, Some("true"), "sk-zdr"),
        (false, Some("nonsense"), "sk-plain"),
        (true, None, "sk-zdr"),
        (true, Some("false"), "sk-plain"),
        (true, Some("TRUE"), "sk-zdr"),
    ] {
        change(&rig, &json!({"zdr": setting})).await?;
        for (surface, mut request) in surfaces() {
            if let Some(header) = header {
                request = request.header("cf-aig-zdr", header);
            }
            let (answer, keys) = sent(&rig, &request).await?;
            assert_eq!(answer.status, 200, "{surface}: {}", answer.text());
            assert_eq!(keys, [key], "{surface} {setting} {header:?}");
        }
    }
    // It is about the operator's keys alone.
    store(&rig, "default", &json!({})).await?;
    for (surface, request) in surfaces() {
        let request = request.header("cf-aig-zdr", "true");
        assert_eq!(sent(&rig, &request).await?.1, ["sk-default-0123456789"], "{surface}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_not_offered_is_silent_or_an_error() -> Result<()> {
    for strict in [false, true] {
        let keys = |config: Config| {
            config
                .set(&["providers", "openai", "platform_key"], json!("sk-plain"))
                .gateway("strict", &json!({"zdr": true, "zdr_strict": strict}))
        };
        let rig = funded(keys).await?;
        let request = weir_e2e::http::Request::post("/v1/acc1/strict/openai/chat/completions")
            .header("cf-aig-authorization", "Bearer tok-run")
            .json(&crate::rig::chat_body());
        let (answer, keys) = sent(&rig, &request).await?;
        if strict {
            assert_eq!((answer.status, answer.code()), (400, Some(2900)), "{}", answer.text());
            let hint = answer.header("weir-hint").unwrap_or_default();
            assert!(hint.contains("zdr") && hint.contains("'openai'"), "{hint}");
            let (answer, _) = sent(&rig, &request.header("cf-aig-zdr", "false")).await?;
            assert_eq!(answer.status, 200);
        } else {
            assert_eq!((answer.status, keys), (200, vec!["sk-plain".to_owned()]));
        }
    }
    Ok(())
}
