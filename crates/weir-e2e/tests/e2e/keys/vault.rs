//! Keys in a KV store.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::Request;
use weir_e2e::upstream::{Answer, Upstream};
use weir_e2e::weir::Config;

use super::rig::{ask, sent, start, store};

/// A secret as the store tells it.
fn holding(key: &str, lease: u64) -> Answer {
    let data = json!({"data": {"key": key}, "metadata": {"version": 1}});
    Answer::json(200, &json!({"lease_duration": lease, "data": data}))
}

/// The mock counts the first segment of a path as the provider, here `v1`.
fn with_store(config: Config, kv: &Upstream) -> Config {
    config.without("egress").set(&["egress", "allow"], json!(["127.0.0.1"])).set(
        &["secrets", "vault"],
        json!({"address": kv.base(), "token": "hvs.token-0123456789", "mounts": ["secret"],
            "namespace": "team"}),
    )
}

async fn key_after(rig: &crate::rig::Rig) -> Result<Vec<String>> {
    Ok(sent(rig, &ask()).await?.1)
}

#[tokio::test]
async fn a_key_is_read_once_and_again_when_its_lease_is_over() -> Result<()> {
    let kv = Upstream::start().await?;
    let rig = start(|config| with_store(config, &kv)).await?;
    store(&rig, "default", &json!({"secret_ref": "vault:secret/ai/openai#key"})).await?;
    kv.script("v1", [holding("sk-of-vault-1", 3), holding("sk-of-vault-2", 60)]);
    let request = ask();
    let together = (0..8).map(|_| rig.weir.send(&request));
    for answer in futures_util::future::try_join_all(together).await? {
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let asked = kv.calls();
    assert_eq!(asked.len(), 1, "calls that need it together ask once");
    assert_eq!(asked[0].target, "/secret/data/ai/openai");
    assert_eq!(asked[0].header("x-vault-token"), Some("hvs.token-0123456789"));
    assert_eq!(asked[0].header("x-vault-namespace"), Some("team"));
    assert!(rig.upstream.calls().iter().all(|call| call.mentions("sk-of-vault-1")));
    tokio::time::sleep(Duration::from_millis(3200)).await;
    assert_eq!(key_after(&rig).await?, ["sk-of-vault-2"]);
    Ok(())
}

#[tokio::test]
async fn a_store_that_is_down_leaves_the_last_key_in_use() -> Result<()> {
    let kv = Upstream::start().await?;
    let rig = start(|config| with_store(config, &kv)).await?;
    store(&rig, "default", &json!({"secret_ref": "vault:secret/openai#key"})).await?;
    kv.script("v1", [holding("sk-of-vault", 1), Answer::new(503), Answer::new(503)]);
    assert_eq!(key_after(&rig).await?, ["sk-of-vault"]);
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert_eq!(key_after(&rig).await?, ["sk-of-vault"], "the store is down");
    let metrics = rig.weir.send(&Request::get("/metrics")).await?.text();
    assert!(metrics.contains("weir_key_lookups_stale_total{scheme=\"vault\"}"), "{metrics}");
    assert!(rig.weir.output().contains("stays in use"), "{}", rig.weir.output());
    Ok(())
}

#[tokio::test]
async fn a_secret_that_is_gone_is_gone_at_once() -> Result<()> {
    for (gone, reason) in [
        (Answer::json(404, &json!({"errors": []})), "no such secret"),
        (Answer::json(403, &json!({"errors": ["permission denied"]})), "does not let"),
        (Answer::json(200, &json!({"data": {"data": null}})), "deleted"),
        (Answer::json(200, &json!({"data": {"data": {"other": "x"}}})), "no such field"),
    ] {
        let kv = Upstream::start().await?;
        let rig = start(|config| with_store(config, &kv)).await?;
        store(&rig, "default", &json!({"secret_ref": "vault:secret/openai#key"})).await?;
        kv.script("v1", [holding("sk-of-vault", 1), gone.clone(), gone.clone(), gone]);
        assert_eq!(key_after(&rig).await?, ["sk-of-vault"]);
        tokio::time::sleep(Duration::from_millis(1200)).await;
        let (answer, keys) = sent(&rig, &ask()).await?;
        assert_eq!((answer.status, keys.len()), (503, 0), "{}", answer.text());
        let hint = answer.header("weir-hint").unwrap_or_default();
        assert!(hint.contains(reason) && !hint.contains("hvs."), "{hint}");
    }
    Ok(())
}

#[tokio::test]
async fn only_permitted_mounts_of_the_store_are_read() -> Result<()> {
    let kv = Upstream::start().await?;
    let rig = start(|config| with_store(config, &kv)).await?;
    for reference in ["vault:other/x#key", "vault:secret/../sys/x#key", "vault:secret#key"] {
        let body: Value = json!({"alias": "x", "default_config": false, "provider_slug": "openai",
            "secret_ref": reference});
        let answer = rig.weir.manage("POST", super::rig::CONFIGS, Some(&body)).await?;
        assert_eq!(answer.status, 400, "{reference}: {}", answer.text());
    }
    assert!(kv.calls().is_empty());
    Ok(())
}
