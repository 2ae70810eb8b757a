//! The provider's own figure, and ours beside it.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use weir_e2e::http::Request;
use weir_e2e::upstream::Answer;

use super::rig::{asking, completion, newest, start};
use crate::rig::Rig;

/// A call that the provider says it charges so much for; our prices make it 2 dollars.
async fn call(rig: &Rig, count: usize, cost: f64) -> Result<Value> {
    let mut body = completion();
    body["usage"]["cost"] = json!(cost);
    rig.upstream.script("openrouter", [Answer::json(200, &body)]);
    rig.weir.send(&Request::call("openrouter/v1/chat/completions", &asking("listed"))).await?;
    newest(rig, count).await
}

#[tokio::test]
async fn both_figures_are_kept_and_compared() -> Result<()> {
    let rig = start().await?;
    let row = call(&rig, 1, 1.6).await?;
    let figures = |row: &Value| {
        ["cost", "cost_by", "computed_cost", "provider_reported_cost"].map(|name| row[name].clone())
    };
    assert_eq!(figures(&row), [json!(1.6), json!("provider"), json!(2.0), json!(1.6)]);
    let mut gateway = rig.weir.result("GET", "/gateways/gw1", None).await?;
    assert_eq!(gateway["trust_provider_cost"], true);
    gateway["trust_provider_cost"] = json!(false);
    rig.weir.result("PUT", "/gateways/gw1", Some(&gateway)).await?;
    let row = call(&rig, 2, 1.6).await?;
    assert_eq!(figures(&row), [json!(2.0), json!("list"), json!(2.0), json!(1.6)]);
    let id = row["id"].as_str().context("id")?;
    let told =
        rig.weir.result("GET", &format!("/gateways/gw1/logs/{id}/explain"), None).await?["summary"]
            .to_string();
    assert!(told.contains("The provider told a cost of $1.6; our own prices make it $2"), "{told}");
    assert!(told.contains("25.0 % more"), "{told}");

    let drift = rig.weir.result("GET", "/pricing/drift?gateway_id=gw1", None).await?;
    assert_eq!(
        drift,
        json!([{"provider": "openrouter", "model": "listed", "calls": 2, "computed_cost": "4",
            "reported_cost": "3.2", "difference": "0.8", "percent": 25.0}])
    );
    let elsewhere = rig.weir.result("GET", "/pricing/drift?gateway_id=gw2", None).await?;
    assert_eq!(elsewhere, json!([]));
    let metrics = rig.weir.send(&Request::get("/metrics")).await?.text();
    for line in [
        r#"weir_costs_compared_total{provider="openrouter"} 2"#,
        r#"weir_costs_compared_dollars_total{provider="openrouter",figure="computed"} 4"#,
        r#"weir_costs_compared_dollars_total{provider="openrouter",figure="reported"} 3.2"#,
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
    Ok(())
}
