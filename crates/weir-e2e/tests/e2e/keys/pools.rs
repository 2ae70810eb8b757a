//! Several keys that share a provider's calls.

use anyhow::Result;
use serde_json::json;
use weir_e2e::http::Request;
use weir_e2e::upstream::Answer;

use super::rig::{ask, sent, shown, start, store, surfaces};
use crate::rig::Rig;
use crate::traffic::rig::advance;

const ONE: &str = "sk-default-0123456789";
const TWO: &str = "sk-two-0123456789";

/// Two keys in one pool.
async fn two() -> Result<Rig> {
    let rig = start(|config| config).await?;
    store(&rig, "default", &json!({})).await?;
    store(&rig, "two", &json!({"pool": "default", "weight": 3})).await?;
    Ok(rig)
}

#[tokio::test]
async fn calls_are_shared_by_weight_on_every_surface() -> Result<()> {
    let rig = two().await?;
    store(&rig, "last", &json!({"pool": "default", "weight": 0})).await?;
    for (surface, request) in surfaces() {
        let mut counts = [0, 0];
        for _ in 0..40 {
            let (answer, keys) = sent(&rig, &request).await?;
            assert_eq!((answer.status, keys.len()), (200, 1), "{surface}: {}", answer.text());
            let place = [ONE, TWO].iter().position(|key| *key == keys[0]);
            counts[place.unwrap_or_else(|| panic!("{surface}: {}", keys[0]))] += 1;
        }
        assert!(counts[0] >= 3 && counts[1] > counts[0], "{surface}: {counts:?}");
    }
    // An alias of its own is asked for by name.
    let named = ask().header("cf-aig-byok-alias", "two");
    for _ in 0..5 {
        assert_eq!(sent(&rig, &named).await?.1, [TWO]);
    }
    Ok(())
}

#[tokio::test]
async fn a_refused_key_gives_way_within_the_call() -> Result<()> {
    for (status, seconds) in [(429, 30), (401, 300), (403, 300)] {
        for (surface, request) in surfaces() {
            let rig = two().await?;
            rig.upstream.script("openai", [Answer::new(status), Answer::new(200)]);
            let (answer, keys) = sent(&rig, &request).await?;
            assert_eq!((answer.status, keys.len()), (200, 2), "{surface}: {}", answer.text());
            assert_ne!(keys[0], keys[1]);
            let rows = rig.weir.wait_for_rows(2).await?;
            let statuses: Vec<_> = rows.iter().map(|row| row["status_code"].clone()).collect();
            assert!(statuses.contains(&json!(status)) && statuses.contains(&json!(200)));
            let last = rows.iter().find(|row| row["status_code"] == 200).unwrap();
            let path = format!("/gateways/gw1/logs/{}/explain", last["id"].as_str().unwrap());
            let told = rig.weir.result("GET", &path, None).await?.to_string();
            assert!(told.contains("\"kind\":\"key\""), "{surface}: {told}");
            // It rests, which is shown, and the other one makes all calls.
            let refused = if keys[0] == ONE { "default" } else { "two" };
            let status_of = shown(&rig, refused).await?["status"].clone();
            assert_eq!(status_of["state"], "cooling", "{status_of}");
            assert_eq!(status_of["reason"], format!("status {status}"));
            for _ in 0..8 {
                assert_eq!(sent(&rig, &request).await?.1, [keys[1].clone()], "{surface}");
            }
            advance(&rig, seconds + 1)?;
            assert_eq!(shown(&rig, refused).await?["status"]["state"], "ok");
        }
    }
    Ok(())
}

#[tokio::test]
async fn another_key_is_no_try_of_the_callers() -> Result<()> {
    let rig = two().await?;
    let answers = [Answer::new(429), Answer::new(500), Answer::new(200)];
    rig.upstream.script("openai", answers);
    let request = ask().header("cf-aig-max-attempts", "2").header("cf-aig-retry-delay", "1");
    let (answer, keys) = sent(&rig, &request).await?;
    assert_eq!((answer.status, keys.len()), (200, 3), "{}", answer.text());
    assert_eq!(keys[1], keys[2], "the retry is with the key that was free");
    Ok(())
}

#[tokio::test]
async fn nothing_is_refused_because_every_key_rests() -> Result<()> {
    let rig = two().await?;
    let limited = |seconds: &str| Answer::new(429).header("retry-after", seconds);
    rig.upstream.script("openai", [limited("50"), limited("20"), Answer::new(200)]);
    let (answer, keys) = sent(&rig, &ask()).await?;
    assert_eq!((answer.status, keys.len()), (429, 2), "the provider's own answer");
    // The one that is free first is used, which is said.
    let (answer, used) = sent(&rig, &ask().header("weir-explain", "1")).await?;
    assert_eq!((answer.status, &used), (200, &vec![keys[1].clone()]));
    let explained = answer.header("weir-explain").unwrap_or_default().to_owned();
    assert!(explained.contains("cools down"), "{explained}");
    assert!(!explained.contains("0123456789"), "{explained}");
    Ok(())
}

#[tokio::test]
async fn a_large_body_goes_out_again_with_another_key() -> Result<()> {
    let rig = two().await?;
    rig.upstream.script("openai", [Answer::new(429), Answer::new(200)]);
    let body = json!({"model": "gpt-4o-mini", "x": "y".repeat(300_000),
        "messages": [{"role": "user", "content": "hi"}]});
    let request = Request::post("/v1/acc1/gw1/openai/chat/completions")
        .header("cf-aig-authorization", "Bearer tok-run")
        .json(&body);
    let (answer, keys) = sent(&rig, &request).await?;
    assert_eq!((answer.status, keys.len()), (200, 2), "{}", answer.text());
    let calls = rig.upstream.calls();
    assert!(calls.iter().all(|call| call.json() == body));
    Ok(())
}

#[tokio::test]
async fn it_is_told_in_metrics_and_in_the_log_without_the_key() -> Result<()> {
    let rig = two().await?;
    rig.upstream.script("openai", [Answer::new(401), Answer::new(200)]);
    sent(&rig, &ask()).await?;
    let metrics = rig.weir.send(&Request::get("/metrics")).await?.text();
    let refusals = "weir_key_refusals_total{provider=\"openai\",status=\"401\"} 1";
    assert!(
        metrics.contains(refusals) && metrics.contains("weir_key_changes_total 1"),
        "{metrics}"
    );
    let output = rig.weir.output();
    assert!(output.contains("cools down") && output.contains("status=401"), "{output}");
    assert!(!output.contains("0123456789") && !metrics.contains("0123456789"));
    Ok(())
}

#[tokio::test]
async fn the_operators_keys_are_a_pool_too() -> Result<()> {
    let rig = start(|config| {
        config.set(&["providers", "openai", "platform_key"], json!("sk-house-1")).set(
            &["providers", "openai", "platform_keys"],
            json!([{"key": "sk-house-2", "weight": 1}, {"key": "sk-house-3", "weight": 0}]),
        )
    })
    .await?;
    rig.weir.result("POST", "/billing/topup", Some(&json!({"amount": 10_000}))).await?;
    for (surface, request) in surfaces() {
        rig.upstream.script("openai", [Answer::new(429), Answer::new(200)]);
        let (answer, keys) = sent(&rig, &request).await?;
        assert_eq!((answer.status, keys.len()), (200, 2), "{surface}: {}", answer.text());
        assert!(keys[0] != keys[1] && !keys.contains(&"sk-house-3".to_owned()), "{keys:?}");
        advance(&rig, 400)?;
    }
    Ok(())
}
