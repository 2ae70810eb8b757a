//! Limits of single keys.

use anyhow::Result;
use serde_json::json;
use weir_e2e::upstream::Answer;

use super::rig::{ask, sent, start, store, surfaces};
use crate::traffic::rig::advance;

#[tokio::test]
async fn a_key_makes_so_many_calls_and_no_more() -> Result<()> {
    for (surface, request) in surfaces() {
        let rig = start(|config| config).await?;
        store(&rig, "default", &json!({"rate_limit": 2})).await?;
        for _ in 0..2 {
            assert_eq!(sent(&rig, &request).await?.0.status, 200, "{surface}");
        }
        let (answer, keys) = sent(&rig, &request).await?;
        assert_eq!((answer.status, answer.code()), (429, Some(2003)), "{surface}");
        assert!(keys.is_empty());
        let hint = answer.header("weir-hint").unwrap_or_default();
        assert!(hint.contains("'default'") && hint.contains("2 calls in 60 s"), "{hint}");
        assert!(!answer.text().contains("sk-default"));
        advance(&rig, 60)?;
        assert_eq!(sent(&rig, &request).await?.0.status, 200, "{surface}: the next window");
        // A key of the caller's own is not limited by it.
        let own = request.clone().header("x-unused", "1");
        assert_eq!(sent(&rig, &own).await?.0.status, 200, "{surface}");
    }
    Ok(())
}

#[tokio::test]
async fn hits_take_nothing_and_every_try_takes_one() -> Result<()> {
    let rig = start(|config| config).await?;
    store(&rig, "default", &json!({"rate_limit": 3, "rate_limit_period": 600})).await?;
    let cached = ask().header("cf-aig-cache-ttl", "60");
    for _ in 0..4 {
        assert_eq!(sent(&rig, &cached).await?.0.status, 200);
    }
    rig.upstream.script("openai", [Answer::new(500), Answer::new(500), Answer::new(200)]);
    let retried = ask().header("cf-aig-max-attempts", "3").header("cf-aig-retry-delay", "1");
    let (answer, keys) = sent(&rig, &retried).await?;
    assert_eq!((answer.status, keys.len()), (500, 2), "the third try found no room");
    assert_eq!(sent(&rig, &ask()).await?.0.status, 429);
    Ok(())
}

#[tokio::test]
async fn a_full_key_of_a_pool_is_passed_over() -> Result<()> {
    let rig = start(|config| config).await?;
    store(&rig, "default", &json!({"rate_limit": 1})).await?;
    store(&rig, "two", &json!({"rate_limit": 2, "pool": "default"})).await?;
    let mut used = Vec::new();
    for _ in 0..3 {
        let (answer, keys) = sent(&rig, &ask()).await?;
        assert_eq!(answer.status, 200, "{}", answer.text());
        used.extend(keys);
    }
    used.sort();
    assert_eq!(used.iter().filter(|key| key.contains("two")).count(), 2, "{used:?}");
    let (answer, _) = sent(&rig, &ask()).await?;
    assert_eq!((answer.status, answer.code()), (429, Some(2003)), "{}", answer.text());
    Ok(())
}
