//! Analytics over real calls, logged or not.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::{Value, json};
use weir_e2e::http::Request;

use crate::rig::{Rig, chat, chat_body};

const QUERY: &str = "
    query Usage($account: string!, $since: Time!) {
      viewer {
        accounts(filter: { accountTag: $account }) {
          all: aiGatewayRequestsAdaptiveGroups(limit: 10, filter: { datetime_geq: $since }) {
            count
            sum { ...sums }
          }
          byModel: aiGatewayRequestsAdaptiveGroups(
            limit: 10, filter: { datetime_geq: $since, gateway: \"gw1\" }, orderBy: [count_DESC]
          ) {
            count
            dimensions { model gateway error }
          }
          errors: aiGatewayErrorsAdaptiveGroups(limit: 10, filter: {}) { count }
        }
      }
    }
    fragment sums on AccountAiGatewayRequestsAdaptiveGroupsSum { cost erroredRequests tokensIn }";

async fn ask(rig: &Rig) -> Result<Value> {
    let body = json!({
        "query": QUERY,
        "variables": { "account": "acc1", "since": "2020-01-01T00:00:00Z", "unused": 1 }
    });
    let request = Request::post("/client/v4/graphql").header("authorization", "Bearer tok-admin");
    let answer = rig.weir.send(&request.json(&body)).await?.json()?;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    Ok(answer["data"]["viewer"]["accounts"][0].clone())
}

#[tokio::test]
async fn every_call_counts_whether_it_left_a_row_or_not() -> Result<()> {
    let rig = Rig::start().await?;
    for _ in 0..2 {
        rig.chat().await?;
    }
    rig.weir.send(&chat().header("cf-aig-collect-log", "false")).await?;
    let mut other = chat_body();
    other["model"] = json!("gpt-4.1");
    let broken = Request::call("openai/chat/completions", &other);
    rig.upstream.script("openai", [weir_e2e::upstream::Answer::new(500)]);
    rig.weir.send(&broken).await?;

    let deadline = Instant::now() + Duration::from_secs(5);
    let found = loop {
        let found = ask(&rig).await?;
        if found["all"][0]["count"] == 4 {
            break found;
        }
        if Instant::now() > deadline {
            bail!("not four calls but {found}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(rig.weir.row_count().await?, 3);
    let sums = &found["all"][0]["sum"];
    assert_eq!(sums["erroredRequests"], 1);
    assert!(sums["tokensIn"].as_u64() > Some(0) && sums["cost"].as_f64() > Some(0.0), "{sums}");
    let by_model = found["byModel"].as_array().cloned().unwrap_or_default();
    let models: Vec<_> =
        by_model.iter().map(|row| (&row["count"], &row["dimensions"]["model"])).collect();
    assert_eq!(models, [(&json!(3), &json!("gpt-4o-mini")), (&json!(1), &json!("gpt-4.1"))]);
    assert_eq!(found["errors"][0]["count"], 1);

    // What was counted survives: the figures are stored, not only held.
    let mut rig = rig;
    rig.weir.stop().await?;
    rig.weir.restart().await?;
    assert_eq!(ask(&rig).await?, found);
    Ok(())
}
