//! How windows follow each other.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::weir::full_hour;

use crate::rig::{Rig, chat};
use crate::traffic::rig::{advance, change, start};

fn limit(most: u64, technique: &Value) -> Value {
    json!({"rate_limiting_limit": most, "rate_limiting_interval": 60,
        "rate_limiting_technique": technique})
}

/// Puts the clock so many seconds after the full hour.
fn at(rig: &Rig, seconds: u64) -> Result<()> {
    rig.weir.set_clock(full_hour()? + Duration::from_secs(seconds))
}

async fn statuses(rig: &Rig, count: usize) -> Result<Vec<u16>> {
    let mut statuses = Vec::new();
    for _ in 0..count {
        statuses.push(rig.weir.send(&chat()).await?.status);
    }
    Ok(statuses)
}

#[tokio::test]
async fn fixed_windows_begin_with_the_clocks_minute() -> Result<()> {
    for technique in [json!("fixed"), json!(null)] {
        let rig = start(&limit(2, &technique)).await?;
        at(&rig, 50)?;
        assert_eq!(statuses(&rig, 3).await?, [200, 200, 429]);
        at(&rig, 60)?;
        assert_eq!(statuses(&rig, 3).await?, [200, 200, 429], "a new minute, {technique}");
        at(&rig, 110)?;
        assert_eq!(statuses(&rig, 1).await?, [429], "the same minute");
        at(&rig, 180)?;
        assert_eq!(statuses(&rig, 3).await?, [200, 200, 429]);
    }
    Ok(())
}

#[tokio::test]
async fn a_sliding_window_looks_back_from_each_call() -> Result<()> {
    let rig = start(&limit(2, &json!("sliding"))).await?;
    at(&rig, 50)?;
    assert_eq!(statuses(&rig, 1).await?, [200]);
    at(&rig, 80)?;
    assert_eq!(statuses(&rig, 2).await?, [200, 429]);
    at(&rig, 105)?;
    assert_eq!(statuses(&rig, 1).await?, [429], "55 seconds after the first");
    at(&rig, 112)?;
    assert_eq!(statuses(&rig, 2).await?, [200, 429], "the first has left, the second has not");
    at(&rig, 142)?;
    assert_eq!(statuses(&rig, 2).await?, [200, 429]);
    Ok(())
}

#[tokio::test]
async fn no_limit_or_no_interval_is_no_limit() -> Result<()> {
    for settings in [
        json!({"rate_limiting_limit": 0, "rate_limiting_interval": 60}),
        json!({"rate_limiting_limit": null, "rate_limiting_interval": 60}),
        json!({"rate_limiting_limit": 1, "rate_limiting_interval": 0}),
        json!({"rate_limiting_limit": 1, "rate_limiting_interval": null}),
    ] {
        let rig = start(&settings).await?;
        assert_eq!(statuses(&rig, 4).await?, [200; 4], "{settings}");
    }
    Ok(())
}

#[tokio::test]
async fn a_changed_limit_holds_at_once() -> Result<()> {
    let rig = start(&limit(1, &json!("fixed"))).await?;
    assert_eq!(statuses(&rig, 2).await?, [200, 429]);
    change(&rig, &limit(3, &json!("fixed"))).await?;
    assert_eq!(statuses(&rig, 3).await?, [200, 200, 429], "the first one still counts");
    change(&rig, &json!({"rate_limiting_limit": 0})).await?;
    assert_eq!(statuses(&rig, 2).await?, [200, 200]);
    Ok(())
}

#[tokio::test]
async fn two_limits_hold_both() -> Result<()> {
    let rules = json!([{"id": "hour", "by": "gateway", "unit": "requests", "limit": 3,
        "interval": 3600}]);
    let mut settings = limit(2, &json!("fixed"));
    settings["rate_limits"] = rules;
    let rig = start(&settings).await?;
    assert_eq!(statuses(&rig, 3).await?, [200, 200, 429]);
    advance(&rig, 60)?;
    assert_eq!(statuses(&rig, 2).await?, [200, 429], "the hour is full");
    advance(&rig, 3600)?;
    assert_eq!(statuses(&rig, 1).await?, [200]);
    Ok(())
}
