//! Windows and periods, by the clock (spec: data-plane 11.2).

use anyhow::Result;
use serde_json::json;

use super::rig::{budget, limits, settled, start, statuses};
use crate::traffic::rig::{advance, ask};

#[tokio::test]
async fn a_fixed_window_begins_anew() -> Result<()> {
    let rig = start(&limits(&[json!({"window": 60})])).await?;
    assert_eq!(statuses(&rig, &[ask("a"), ask("b")]).await?, [200, 429]);
    advance(&rig, 59)?;
    assert_eq!(settled(&rig, &ask("c")).await?.status, 429);
    advance(&rig, 1)?;
    assert_eq!(statuses(&rig, &[ask("d"), ask("e")]).await?, [200, 429]);
    Ok(())
}

#[tokio::test]
async fn a_sliding_window_forgets_little_by_little() -> Result<()> {
    let rig = start(&limits(&[json!({"window": 60, "technique": "sliding"})])).await?;
    let dear = ask("a").header("cf-aig-custom-cost", r#"{"total_cost":0.06}"#);
    assert_eq!(statuses(&rig, &[dear, ask("b")]).await?, [200, 429]);
    advance(&rig, 60 + 20)?;
    // Two thirds of the window before still overlap: four cents of two.
    assert_eq!(settled(&rig, &ask("c")).await?.status, 429);
    advance(&rig, 25)?;
    // A quarter of it does: half a cent is left of two.
    assert_eq!(statuses(&rig, &[ask("d"), ask("e")]).await?, [200, 429]);
    Ok(())
}

#[tokio::test]
async fn what_a_call_costs_counts_when_it_ends() -> Result<()> {
    let rig = start(&limits(&[json!({"window": 60})])).await?;
    let slow = weir_e2e::upstream::Answer::json(200, &crate::traffic::rig::completion("pong"))
        .after(std::time::Duration::from_millis(700));
    rig.upstream.script("openai", [slow]);
    advance(&rig, 59)?;
    let asked = ask("a");
    let (answer, moved) = tokio::join!(rig.weir.send(&asked), async {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        advance(&rig, 1)
    });
    moved?;
    assert_eq!(answer?.status, 200);
    rig.weir.wait_for_rows(1).await?;
    assert_eq!(settled(&rig, &ask("b")).await?.status, 429, "booked in the window of its end");
    Ok(())
}

#[tokio::test]
async fn budgets_follow_the_calendar() -> Result<()> {
    let rig = start(&json!({})).await?;
    budget(&rig, &json!({"name": "hour", "period": "hourly"})).await?;
    budget(&rig, &json!({"name": "ever", "period": "total", "limit": 0.06})).await?;
    assert_eq!(statuses(&rig, &[ask("a"), ask("b")]).await?, [200, 429]);
    advance(&rig, 3600)?;
    assert_eq!(statuses(&rig, &[ask("c"), ask("d")]).await?, [200, 429]);
    advance(&rig, 3600)?;
    assert_eq!(settled(&rig, &ask("e")).await?.status, 200);
    advance(&rig, 400 * 24 * 3600)?;
    let refused = settled(&rig, &ask("f")).await?;
    assert_eq!(refused.status, 429, "what is for good does not come back");
    assert!(refused.text().contains("budget 'ever'"), "{}", refused.text());
    Ok(())
}
