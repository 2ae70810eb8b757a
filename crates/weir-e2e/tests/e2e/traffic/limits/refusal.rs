//! What a caller hears who is refused, and what is written down.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use crate::rig::chat;
use crate::traffic::rig::{assert_row, called, rows, start};

const HEADERS: [&str; 4] =
    ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after"];

#[tokio::test]
async fn a_refusal_is_short_and_has_a_row() -> Result<()> {
    let rig = start(&json!({"rate_limiting_limit": 1, "rate_limiting_interval": 60})).await?;
    let passed = rig.weir.send(&chat()).await?;
    let refused = rig.weir.send(&chat().header("cf-aig-event-id", "mine")).await?;
    let body = refused.json()?;
    assert_eq!(refused.status, 429);
    assert_eq!(
        (&body["message"], &body["description"]),
        (&json!("Rate limited"), &json!("Rate limited"))
    );
    assert_eq!((&body["internalCode"], &body["success"]), (&json!(2003), &json!(false)));
    assert_eq!(refused.header("cf-aig-event-id"), Some("mine"));
    assert_eq!(refused.header("cf-aig-step"), Some("0"));
    for answer in [&passed, &refused] {
        for name in HEADERS {
            assert_eq!(answer.header(name), None, "{name}");
        }
    }
    rows(&rig, 2).await?;
    let id = refused.header("cf-aig-log-id").context("a refusal names its row")?;
    let row = rig.weir.wait_for_row("gw1", id).await?;
    let expected = json!({"status_code": 429, "upstream_status_code": null, "success": false,
        "cached": false, "provider": "openai", "model": "gpt-4o-mini", "tokens_in": null,
        "event_id": "mine"});
    assert_row(&row, &expected);
    assert_eq!(row["error"]["code"], "rate_limited", "{row:#}");
    ensure!(row["cost"].as_f64().unwrap_or_default() == 0.0, "{row:#}");
    assert_eq!(called(&rig).len(), 1);
    Ok(())
}

#[tokio::test]
async fn headers_tell_what_is_left_when_the_gateway_wants_that() -> Result<()> {
    let settings = json!({"rate_limiting_limit": 2, "rate_limiting_interval": 600,
        "rate_limit_headers": true});
    let rig = start(&settings).await?;
    let number = |answer: &weir_e2e::http::Response, name: &str| -> Result<u64> {
        let text = answer.header(name).with_context(|| format!("no {name}"))?;
        text.parse().with_context(|| format!("{name}: {text}"))
    };
    for remaining in [1, 0] {
        let answer = rig.weir.send(&chat()).await?;
        assert_eq!(number(&answer, "x-ratelimit-limit")?, 2);
        assert_eq!(number(&answer, "x-ratelimit-remaining")?, remaining);
        assert!((590..=600).contains(&number(&answer, "x-ratelimit-reset")?));
        assert_eq!(answer.header("retry-after"), None);
    }
    let refused = rig.weir.send(&chat()).await?;
    assert_eq!((refused.status, number(&refused, "x-ratelimit-remaining")?), (429, 0));
    assert!((590..=600).contains(&number(&refused, "retry-after")?));
    Ok(())
}
