//! Credits pay for calls with the operator's keys (spec: data-plane 11.3).

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::Request;
use weir_e2e::upstream::Answer;
use weir_e2e::weir::Config;

use super::rig::settled;
use crate::rig::Rig;
use crate::traffic::rig::{asking, completion, start_with};

/// A call with the gateway's token alone.
fn prepaid() -> Request {
    Request::post("/v1/acc1/gw1/openai/chat/completions")
        .header("cf-aig-authorization", "Bearer tok-run")
        .json(&asking("x"))
}

async fn world(settings: &Value, change: impl FnOnce(Config) -> Config) -> Result<Rig> {
    let rig = start_with(settings, |config| {
        change(config.set(&["providers", "openai", "platform_key"], json!("sk-platform")))
    })
    .await?;
    rig.upstream.script("openai", [Answer::json(200, &completion("pong"))]);
    Ok(rig)
}

async fn balance(rig: &Rig) -> Result<f64> {
    let told = rig.weir.result("GET", "/billing/credit-balance", None).await?;
    Ok(told["balance"].as_f64().unwrap_or(f64::NAN))
}

async fn top_up(rig: &Rig, cents: u64) -> Result<()> {
    rig.weir.result("POST", "/billing/topup", Some(&json!({"amount": cents}))).await?;
    Ok(())
}

#[tokio::test]
async fn calls_are_taken_off_until_nothing_is_left() -> Result<()> {
    let rig = world(&json!({}), |config| config).await?;
    let refused = settled(&rig, &prepaid()).await?;
    assert_eq!((refused.status, refused.code()), (402, Some(2021)), "{}", refused.text());
    top_up(&rig, 1000).await?;
    assert_eq!(settled(&rig, &prepaid()).await?.status, 200);
    assert!((balance(&rig).await? - 998.0).abs() < 1e-6, "{}", balance(&rig).await?);
    // The caller's own price does not count here.
    let free = prepaid().header("cf-aig-custom-cost", r#"{"total_cost":0}"#);
    assert_eq!(settled(&rig, &free).await?.status, 200);
    assert!((balance(&rig).await? - 996.0).abs() < 1e-6, "{}", balance(&rig).await?);
    // One call may overdraw; the next is refused.
    let mut dear = completion("pong");
    dear["usage"] =
        json!({"prompt_tokens": 20_000, "completion_tokens": 0, "total_tokens": 20_000});
    rig.upstream.script("openai", [Answer::json(200, &dear)]);
    assert_eq!(settled(&rig, &prepaid()).await?.status, 200);
    assert!(balance(&rig).await? < 0.0);
    assert_eq!(settled(&rig, &prepaid()).await?.status, 402);
    Ok(())
}

#[tokio::test]
async fn strict_credits_are_not_overdrawn() -> Result<()> {
    let rig = world(&json!({"spend_mode": "strict"}), |config| config).await?;
    top_up(&rig, 1000).await?;
    let mut long = asking("x");
    long["max_tokens"] = json!(1_000_000);
    let long = Request::post("/v1/acc1/gw1/openai/chat/completions")
        .header("cf-aig-authorization", "Bearer tok-run")
        .json(&long);
    assert_eq!(settled(&rig, &long).await?.status, 402, "it may cost 2000 dollars");
    Ok(())
}

#[tokio::test]
async fn a_markup_is_taken_as_well() -> Result<()> {
    let change = |config: Config| config.set(&["billing", "markup_percent"], json!(50.0));
    let rig = world(&json!({}), change).await?;
    top_up(&rig, 1000).await?;
    assert_eq!(settled(&rig, &prepaid()).await?.status, 200);
    assert!((balance(&rig).await? - 997.0).abs() < 1e-6, "{}", balance(&rig).await?);
    let row = rig.weir.only_row().await?;
    assert!(row["cost"].as_f64().is_some_and(|cost| (cost - 0.02).abs() < 1e-9), "{row:#}");
    Ok(())
}

#[tokio::test]
async fn a_key_of_the_callers_own_takes_no_credits() -> Result<()> {
    let rig = world(&json!({}), |config| config).await?;
    assert_eq!(settled(&rig, &crate::traffic::rig::ask("x")).await?.status, 200);
    assert!(balance(&rig).await?.abs() < 1e-9);
    Ok(())
}
