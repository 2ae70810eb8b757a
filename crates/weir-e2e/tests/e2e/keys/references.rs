//! Keys that lie in the environment or in files.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use super::rig::{ask, sent, shown, start, store, surfaces};

#[tokio::test]
async fn a_key_of_the_environment_is_used_on_every_surface() -> Result<()> {
    let rig = start(|config| {
        config
            .set(&["secrets", "environment"], json!(["WEIR_KEY_*"]))
            .variable("WEIR_KEY_OPENAI", "sk-of-environment")
    })
    .await?;
    store(&rig, "default", &json!({"secret_ref": "env:WEIR_KEY_OPENAI"})).await?;
    assert_eq!(shown(&rig, "default").await?["secret_ref"], "env:WEIR_KEY_OPENAI");
    for (surface, request) in surfaces() {
        assert_eq!(sent(&rig, &request).await?.1, ["sk-of-environment"], "{surface}");
    }
    store(&rig, "none", &json!({"secret_ref": "env:WEIR_KEY_NONE"})).await?;
    let (answer, keys) = sent(&rig, &ask().header("cf-aig-byok-alias", "none")).await?;
    assert_eq!((answer.status, keys.len()), (503, 0), "{}", answer.text());
    let hint = answer.header("weir-hint").unwrap_or_default();
    assert!(hint.contains("WEIR_KEY_NONE") && hint.contains("not set"), "{hint}");
    Ok(())
}

#[tokio::test]
async fn a_key_in_a_file_may_change_there() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("openai");
    std::fs::write(&file, "sk-of-file-1\n")?;
    let pattern = format!("{}/*", folder.path().display());
    let rig = start(|config| config.set(&["secrets", "files"], json!([pattern]))).await?;
    let reference = format!("file:{}", file.display());
    store(&rig, "default", &json!({"secret_ref": reference})).await?;
    assert_eq!(sent(&rig, &ask()).await?.1, ["sk-of-file-1"]);
    // A secret of the store may lie there as well.
    let refused = json!({"alias": "x", "default_config": false, "provider_slug": "openai",
        "secret_ref": "file:/etc/passwd"});
    let answer = rig.weir.manage("POST", super::rig::CONFIGS, Some(&refused)).await?;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("secrets.files"), "{}", answer.text());
    std::fs::write(&file, "sk-of-file-2\n")?;
    let began = std::time::Instant::now();
    loop {
        let (_, keys) = sent(&rig, &ask()).await?;
        if keys == ["sk-of-file-2"] {
            break;
        }
        assert_eq!(keys, ["sk-of-file-1"]);
        assert!(began.elapsed() < Duration::from_secs(45), "the new key is not found");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Ok(())
}

#[tokio::test]
async fn a_house_key_may_be_a_reference_that_is_not_listed() -> Result<()> {
    let rig = start(|config| {
        config
            .set(&["providers", "openai", "platform_key"], json!("env:HOUSE_OPENAI"))
            .variable("HOUSE_OPENAI", "sk-of-the-house")
    })
    .await?;
    rig.weir.result("POST", "/billing/topup", Some(&json!({"amount": 10_000}))).await?;
    assert_eq!(sent(&rig, &ask()).await?.1, ["sk-of-the-house"]);
    // What the operator's settings name is not open to those who store keys.
    let body = json!({"alias": "default", "default_config": true, "provider_slug": "openai",
        "secret_ref": "env:HOUSE_OPENAI"});
    let answer = rig.weir.manage("POST", super::rig::CONFIGS, Some(&body)).await?;
    assert_eq!(answer.status, 400, "{}", answer.text());
    Ok(())
}
