//! What is deployed holds for the next call, and for no call under way.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::Client;
use weir_e2e::upstream::Answer;

use super::rig::{
    answered, call, call_with, chat, deploy, deploy_version, end, model, redeploy, start, told,
    world,
};
use crate::traffic::rig::{code, streamed};

fn one(name: &str) -> Vec<Value> {
    vec![start("a"), model("a", name, "end", None), end()]
}

#[tokio::test]
async fn the_deployed_version_answers() -> Result<()> {
    let rig = world(&json!({})).await?;
    let route = deploy(&rig.weir, "r", &one("openai/one")).await?;
    let path = format!("/gateways/gw1/routes/{route}");
    let shown = rig.weir.result("GET", &path, None).await?;
    let first = shown["deployment"]["version_id"].as_str().unwrap_or_default().to_owned();
    assert_eq!(told(&rig, &call("r")).await?, (200, "openai/one".to_owned()));
    let versions = format!("{path}/versions");
    let body = json!({"elements": one("groq/two")});
    let second = rig.weir.result("POST", &versions, Some(&body)).await?;
    assert_eq!(told(&rig, &call("r")).await?, (200, "openai/one".to_owned()), "not deployed yet");
    let second = second["version_id"].as_str().unwrap_or_default();
    deploy_version(&rig.weir, &route, second).await?;
    assert_eq!(told(&rig, &call("r")).await?, (200, "groq/two".to_owned()));
    deploy_version(&rig.weir, &route, &first).await?;
    assert_eq!(told(&rig, &call("r")).await?, (200, "openai/one".to_owned()), "rolled back");
    Ok(())
}

#[tokio::test]
async fn a_new_name_is_the_name() -> Result<()> {
    let rig = world(&json!({})).await?;
    let route = deploy(&rig.weir, "old", &one("openai/one")).await?;
    let path = format!("/gateways/gw1/routes/{route}");
    let renamed = rig.weir.manage("PATCH", &path, Some(&json!({"name": "new"}))).await?;
    assert_eq!(renamed.status, 200, "{}", renamed.text());
    assert_eq!(told(&rig, &call("new")).await?.0, 200);
    assert_eq!(code(&rig.weir.send(&call("old")).await?), (404, Some(2904)));
    rig.weir.result("DELETE", &path, None).await?;
    assert_eq!(code(&rig.weir.send(&call("new")).await?), (404, Some(2904)));
    Ok(())
}

/// A call keeps to the version that it began with, however long it takes to fall back.
#[tokio::test]
async fn a_call_under_way_keeps_its_version() -> Result<()> {
    let rig = world(&json!({})).await?;
    let elements = [
        start("a"),
        model("a", "openai/m", "end", Some("b")),
        model("b", "groq/old", "end", None),
        end(),
    ];
    let route = deploy(&rig.weir, "r", &elements).await?;
    rig.upstream.script("openai", [Answer::new(503).after(Duration::from_millis(500))]);
    let mut client = Client::open(rig.weir.address()).await?;
    client.send(call("r").to_bytes()).await?;
    rig.upstream.wait_for(|calls| calls.len() == 1).await?;
    redeploy(&rig.weir, &route, &one("mistral/new")).await?;
    assert_eq!(told(&rig, &call("r")).await?, (200, "mistral/new".to_owned()));
    assert_eq!(answered(&client.response("POST").await?), "groq/old");
    Ok(())
}

#[tokio::test]
async fn a_stream_under_way_is_not_disturbed() -> Result<()> {
    let rig = world(&json!({})).await?;
    let route = deploy(&rig.weir, "r", &one("openai/m")).await?;
    rig.upstream.script("openai", [streamed("pong").chunk_delay(Duration::from_millis(150))]);
    let mut body = chat("r");
    body["stream"] = json!(true);
    let mut client = Client::open(rig.weir.address()).await?;
    client.send(call_with(&body).to_bytes()).await?;
    rig.upstream.wait_for(|calls| calls.len() == 1).await?;
    redeploy(&rig.weir, &route, &one("groq/new")).await?;
    rig.weir.result("DELETE", &format!("/gateways/gw1/routes/{route}"), None).await?;
    let answer = client.response("POST").await?;
    assert!(answer.complete && answer.text().ends_with("data: [DONE]\n\n"), "{}", answer.text());
    Ok(())
}
