//! The closest price counts, and what has none is shown.

use anyhow::Result;
use serde_json::{Value, json};

use super::rig::{answer, chat, newest, set, start, sum, unpriced};
use crate::rig::Rig;

async fn cost(rig: &Rig, count: usize, model: &str) -> Result<(Value, Value)> {
    rig.upstream.script("openai", [answer()]);
    rig.weir.send(&chat(model)).await?;
    let row = newest(rig, count).await?;
    if let Some(told) = row["cost"].as_f64() {
        assert!((sum(&row) - told).abs() < 1e-12, "{row:#}");
    }
    Ok((row["cost"].clone(), row["cost_by"].clone()))
}

#[tokio::test]
async fn a_gateway_comes_before_the_account_and_the_account_before_the_table() -> Result<()> {
    let mut rig = start().await?;
    assert_eq!(cost(&rig, 1, "listed").await?, (json!(2.0), json!("list")));
    set(&rig, "/pricing", "listed", json!({"input": "1000", "output": "0"})).await?;
    assert_eq!(cost(&rig, 2, "listed").await?, (json!(1.0), json!("account")));
    let rates = json!({"input": "2000", "cache_read": "1000", "output": "0"});
    set(&rig, "/gateways/gw1/pricing", "listed", rates).await?;
    assert_eq!(cost(&rig, 3, "listed").await?, (json!(1.6), json!("gateway")));
    // Another gateway's is not ours.
    set(&rig, "/gateways/gw2/pricing", "other", json!({"input": "1"})).await?;
    assert_eq!(cost(&rig, 4, "other").await?, (Value::Null, json!("none")));
    rig.weir.restart().await?;
    assert_eq!(cost(&rig, 5, "listed").await?, (json!(1.6), json!("gateway")));
    rig.weir.result("DELETE", "/gateways/gw1/pricing", None).await?;
    assert_eq!(cost(&rig, 6, "listed").await?, (json!(1.0), json!("account")));
    Ok(())
}

#[tokio::test]
async fn a_model_without_a_price_is_shown_until_it_has_one() -> Result<()> {
    let rig = start().await?;
    for count in 1..=2 {
        assert_eq!(cost(&rig, count, "new-model").await?.0, Value::Null);
    }
    let shown = unpriced(&rig).await?;
    assert_eq!(
        shown,
        [json!({"provider": "openai", "model": "new-model", "calls": 2, "tokens_in": 2000,
            "tokens_out": 1000, "gateways": ["gw1"]})]
    );
    set(&rig, "/gateways/gw1/pricing", "new-model", json!({"input": "1", "output": "1"})).await?;
    assert_eq!(unpriced(&rig).await?, [] as [Value; 0]);
    Ok(())
}
