//! Routes that are not there, or not for this caller.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use serde_json::json;

use super::rig::{call, call_with, chat, deploy, end, model, start, told, world};
use crate::traffic::rig::{assert_row, cache_status, called, code, rows};

#[tokio::test]
async fn an_unknown_route_is_not_found() -> Result<()> {
    let rig = world(&json!({})).await?;
    deploy(&rig.weir, "there", &[start("a"), model("a", "openai/m", "end", None), end()]).await?;
    let mut ids = BTreeSet::new();
    for name in ["elsewhere", "There", "there/"] {
        let answer = rig.weir.send(&call(name)).await?;
        assert_eq!(code(&answer), (404, Some(2904)), "{name:?}: {}", answer.text());
        ids.insert(answer.header("cf-aig-log-id").context("id of the row")?.to_owned());
    }
    let rows = rows(&rig, 3).await?;
    assert!(rows.iter().all(|row| row["id"].as_str().is_some_and(|id| ids.contains(id))));
    assert!(called(&rig).is_empty());
    assert_eq!(told(&rig, &call("there")).await?.0, 200);
    Ok(())
}

/// An answer that names a row has one.
#[tokio::test]
async fn a_call_of_an_unknown_route_is_logged() -> Result<()> {
    let rig = world(&json!({})).await?;
    let answer = rig.weir.send(&call("nowhere")).await?;
    let row = rows(&rig, 1).await?.remove(0);
    assert_eq!(answer.header("cf-aig-log-id"), row["id"].as_str());
    let expected = json!({"status_code": 404, "success": false, "provider": "dynamic",
        "model": "dynamic/nowhere"});
    assert_row(&row, &expected);
    assert_eq!((cache_status(&answer), answer.header("cf-aig-step")), ("MISS", Some("0")));
    Ok(())
}

#[tokio::test]
async fn a_route_is_of_its_gateway_alone() -> Result<()> {
    let rig = world(&json!({})).await?;
    deploy(&rig.weir, "r", &[start("a"), model("a", "openai/m", "end", None), end()]).await?;
    let settings = json!({"id": "gw2", "cache_ttl": 0, "collect_logs": true,
        "cache_invalidate_on_update": false, "rate_limiting_interval": 0, "rate_limiting_limit": 0});
    rig.weir.result("POST", "/gateways", Some(&settings)).await?;
    let mut elsewhere = call("r");
    elsewhere.target = "/v1/acc1/gw2/compat/chat/completions".to_owned();
    assert_eq!(code(&rig.weir.send(&elsewhere).await?), (404, Some(2904)));
    Ok(())
}

/// A route takes stored keys; a token comes before everything else.
#[tokio::test]
async fn a_route_needs_a_token() -> Result<()> {
    let rig = world(&json!({})).await?;
    deploy(&rig.weir, "r", &[start("a"), model("a", "openai/m", "end", None), end()]).await?;
    let mut stranger = call_with(&chat("r"));
    stranger.headers.retain(|(name, _)| name != "cf-aig-authorization");
    assert_eq!(code(&rig.weir.send(&stranger).await?), (401, Some(2009)));
    assert!(called(&rig).is_empty());
    Ok(())
}
