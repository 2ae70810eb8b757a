//! A price is corrected, and with it what calls cost.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::rig::{answer, chat, newest, set, start, sum};
use crate::rig::Rig;

async fn recompute(rig: &Rig, body: Value) -> Result<Value> {
    const PATH: &str = "/gateways/gw1/logs/recompute";
    let job = rig.weir.result("POST", PATH, Some(&body)).await?;
    let path = format!("{PATH}/{}", job["id"].as_str().context("id")?);
    for _ in 0..500 {
        let job = rig.weir.result("GET", &path, None).await?;
        if job["status"] != "running" {
            return Ok(job);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    bail!("{path} does not end")
}

/// Cost of all calls, as a page of rows says it, and as analytics do.
async fn both_sums(rig: &Rig) -> Result<(f64, f64)> {
    let rows = rig.weir.rows("gw1").await?;
    let of_rows = rows.iter().filter_map(|row| row["cost"].as_f64()).sum();
    let query = r#"{ viewer { accounts(filter: {accountTag: "acc1"}) {
        aiGatewayRequestsAdaptiveGroups(limit: 10,
            filter: {datetime_geq: "2020-01-01T00:00:00Z"}) { sum { cost } } } } }"#;
    let request = weir_e2e::http::Request::post("/client/v4/graphql")
        .header("authorization", "Bearer tok-admin")
        .json(&json!({"query": query}));
    let answer = rig.weir.send(&request).await?.json()?;
    let groups =
        &answer["data"]["viewer"]["accounts"][0]["aiGatewayRequestsAdaptiveGroups"][0]["sum"];
    let told = groups["cost"].as_f64().with_context(|| answer.to_string())?;
    Ok((of_rows, told))
}

#[tokio::test]
async fn rows_analytics_and_history_follow_a_correction() -> Result<()> {
    let mut rig = start().await?;
    rig.upstream.script("openai", vec![answer(); 5]);
    for request in [
        chat("listed"),
        chat("new-model"),
        chat("listed").header("cf-aig-custom-cost", r#"{"total_cost": 7}"#),
        chat("listed").header("cf-aig-collect-log-payload", "false"),
    ] {
        rig.weir.send(&request).await?;
    }
    rig.weir.wait_for_rows(4).await?;
    assert_eq!(both_sums(&rig).await?, (11.0, 11.0));
    set(&rig, "/gateways/gw1/pricing", "listed", json!({"input": "3000", "output": "0"})).await?;
    set(&rig, "/pricing", "new-model", json!({"input": "0", "output": "1000"})).await?;

    let dry = recompute(&rig, json!({"dry_run": true})).await?;
    assert_eq!((&dry["repriced"], &dry["difference"]), (&json!(3), &json!("2.5")), "{dry:#}");
    assert_eq!(both_sums(&rig).await?, (11.0, 11.0));
    let job = recompute(&rig, json!({})).await?;
    let told = ["status", "rows_total", "repriced", "newly_priced", "unchanged", "difference"];
    assert_eq!(
        told.map(|name| job[name].clone()),
        [json!("done"), json!(4), json!(3), json!(1), json!(0), json!("2.5")]
    );
    assert_eq!(job["left_alone"]["custom_cost"], 1);
    assert_eq!(both_sums(&rig).await?, (13.5, 13.5));

    // It is on the disk, and a second time changes nothing.
    rig.weir.restart().await?;
    assert_eq!(both_sums(&rig).await?, (13.5, 13.5));
    let again = recompute(&rig, json!({})).await?;
    assert_eq!((&again["repriced"], &again["unchanged"]), (&json!(0), &json!(3)));
    let row = newest(&rig, 4).await?;
    assert_eq!((&row["cost"], &row["cost_by"]), (&json!(3.0), &json!("gateway")));
    assert!((sum(&row) - 3.0).abs() < 1e-12);
    let former = &row["cost_history"];
    assert_eq!(former.as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&former[0]["cost"], &former[0]["price_id"]),
        (&json!(2.0), &json!("openai/listed"))
    );
    assert!(row["price_id"].as_str().context("price_id")?.starts_with("openai/listed@20"));
    // Lists, filters and exports know the new figure.
    let filter = "filters.key=cost&filters.operator=gt&filters.value=2.9";
    let found = rig.weir.result("GET", &format!("/gateways/gw1/logs?{filter}"), None).await?;
    assert_eq!(found.as_array().map(Vec::len), Some(3));
    let export = rig.weir.manage("GET", "/gateways/gw1/logs/export", None).await?.text();
    let exported: Vec<Value> =
        export.lines().filter_map(|row| serde_json::from_str(row).ok()).collect();
    assert_eq!(exported.len(), 4);
    assert!(exported.iter().all(|row| row["cost_by"].is_string()));
    assert_eq!(exported.iter().filter(|row| row["cost_history"] != json!([])).count(), 3);

    // Jobs do not outlive the process, and that is told.
    let gone = rig.weir.manage("GET", "/gateways/gw1/logs/recompute/x", None).await?;
    assert!(gone.status == 404 && gone.text().contains("start it again"), "{}", gone.text());
    Ok(())
}
