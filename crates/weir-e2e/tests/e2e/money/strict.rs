//! Strict limits: the worst case is set apart before a call, so nothing overshoots.

use std::time::Duration;

use anyhow::Result;
use futures_util::future::join_all;
use serde_json::{Value, json};
use weir_e2e::http::Request;
use weir_e2e::upstream::{Answer, Upstream};
use weir_e2e::weir::{Config, Weir, full_hour};

use super::rig::{limits, settled, start, strict};
use crate::rig::Rig;
use crate::traffic::rig::{asking, called};

/// A call that costs up to 2.2 cents: about 1130 tokens in, 100 out.
fn bounded() -> Request {
    let mut body = asking("x");
    body["max_tokens"] = json!(100);
    Request::call("openai/chat/completions", &body)
}

/// What it costs in truth: 2.1 cents.
fn dear() -> Answer {
    Answer::json(
        200,
        &json!({"id": "c", "object": "chat.completion", "created": 1, "model": "gpt-4o-mini",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": "pong"},
                "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1100, "completion_tokens": 100, "total_tokens": 1200}}),
    )
}

async fn world(settings: &Value) -> Result<Rig> {
    let upstream = Upstream::start().await?;
    let prices = json!({"openai/gpt-4o-mini": {"in": 0.00001, "out": 0.0001}});
    let config = Config::bare().gateway("gw1", settings).providers(&upstream);
    let weir = Weir::start(&config.prices(&prices).test_clock()).await?;
    weir.set_clock(full_hour()?)?;
    Ok(Rig { weir, upstream })
}

async fn spent(rig: &Rig) -> Result<f64> {
    let rows = rig.weir.rows("gw1").await?;
    Ok(rows.iter().filter_map(|row| row["cost"].as_f64()).sum())
}

#[tokio::test]
async fn sixty_four_clients_do_not_overspend_one_dollar() -> Result<()> {
    let rig = world(&strict(&[json!({"id": "r1", "limit": 1.0})])).await?;
    rig.upstream.script("openai", [dear().after(Duration::from_millis(50))]);
    let request = bounded();
    let mut passed = 0;
    for _ in 0..2 {
        for answer in join_all((0..64).map(|_| rig.weir.send(&request))).await {
            let answer = answer?;
            assert!(matches!(answer.status, 200 | 429), "{}", answer.text());
            passed += usize::from(answer.status == 200);
        }
    }
    // 2.1 cents each: 47 fit, as long as there is room for the worst case of the last.
    assert!((44..=47).contains(&passed), "{passed}");
    assert_eq!(called(&rig).len(), passed);
    let usage = rig.weir.result("GET", "/gateways/gw1/spend-limits/usage", None).await?;
    let taken = usage.to_string();
    assert!(!taken.contains("\"spent\":1.0"), "{usage:#}");
    let metrics = rig.weir.send(&Request::get("/metrics")).await?.text();
    assert!(metrics.contains("weir_ledger_underestimated_total 0"), "cost more than set apart");
    Ok(())
}

#[tokio::test]
async fn compatible_limits_overshoot_by_what_is_under_way() -> Result<()> {
    let rig = world(&limits(&[json!({"id": "r1", "limit": 0.01})])).await?;
    rig.upstream.script("openai", [dear().after(Duration::from_millis(400))]);
    let request = bounded();
    for answer in join_all((0..16).map(|_| rig.weir.send(&request))).await {
        assert_eq!(answer?.status, 200, "nothing was booked when they came");
    }
    rig.weir.wait_for_rows(16).await?;
    assert_eq!(settled(&rig, &request).await?.status, 429);
    assert!((spent(&rig).await? - 16.0 * 0.021).abs() < 1e-9);
    Ok(())
}

#[tokio::test]
async fn what_may_cost_more_than_is_left_is_refused_before_it_is_sent() -> Result<()> {
    let rig = world(&strict(&[json!({"id": "r1", "limit": 0.02})])).await?;
    rig.upstream.script("openai", [dear()]);
    assert_eq!(settled(&rig, &bounded()).await?.status, 429);
    let mut short = asking("x");
    short["max_tokens"] = json!(10);
    let short = Request::call("openai/chat/completions", &short);
    assert_eq!(settled(&rig, &short).await?.status, 200);
    assert_eq!(called(&rig).len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_failed_call_gives_back_and_one_without_an_answer_does_not() -> Result<()> {
    let mut settings = strict(&[json!({"id": "r1", "limit": 0.04})]);
    settings["request_timeout"] = json!(300);
    let rig = world(&settings).await?;
    rig.upstream.script("openai", [Answer::new(400), Answer::silence(), dear()]);
    assert_eq!(settled(&rig, &bounded()).await?.status, 400);
    assert_eq!(settled(&rig, &bounded()).await?.status, 504);
    // The provider may charge for what it never answered.
    assert_eq!(settled(&rig, &bounded()).await?.status, 429);
    Ok(())
}

#[tokio::test]
async fn each_try_claims_and_settles_its_own() -> Result<()> {
    let mut settings = strict(&[json!({"id": "r1", "limit": 0.03})]);
    settings["retry_max_attempts"] = json!(3);
    settings["retry_delay"] = json!(1);
    let rig = world(&settings).await?;
    rig.upstream.script("openai", [Answer::new(500), Answer::new(503), dear()]);
    // There is room for one at a time, and failures cost nothing.
    assert_eq!(settled(&rig, &bounded()).await?.status, 200);
    rig.weir.wait_for_rows(3).await?;
    assert_eq!(settled(&rig, &bounded()).await?.status, 429);
    assert_eq!(called(&rig).len(), 3);
    Ok(())
}

#[tokio::test]
async fn what_never_left_costs_nothing() -> Result<()> {
    let upstream = Upstream::start().await?;
    let prices = json!({"openai/gpt-4o-mini": {"in": 0.00001, "out": 0.0001}});
    let dead = format!("http://{}", weir_e2e::ports::free()?);
    let config = Config::bare()
        .gateway("gw1", &strict(&[json!({"id": "r1", "limit": 0.03})]))
        .providers(&upstream)
        .origin("openai", &weir_e2e::catalogue::origin("openai", &dead));
    let weir = Weir::start(&config.prices(&prices)).await?;
    let rig = Rig { weir, upstream };
    for _ in 0..3 {
        assert_eq!(settled(&rig, &bounded()).await?.status, 502);
    }
    Ok(())
}

#[tokio::test]
async fn the_callers_own_price_bounds_what_is_set_apart() -> Result<()> {
    let rig = world(&strict(&[json!({"id": "r1", "limit": 0.5})])).await?;
    rig.upstream.script("openai", [dear()]);
    let priced = |text: &str| bounded().header("cf-aig-custom-cost", text);
    assert_eq!(settled(&rig, &priced(r#"{"total_cost":0.6}"#)).await?.status, 429);
    assert_eq!(settled(&rig, &priced(r#"{"total_cost":0.4}"#)).await?.status, 200);
    assert_eq!(settled(&rig, &priced(r#"{"per_token_out":0.01}"#)).await?.status, 429);
    assert_eq!(settled(&rig, &bounded()).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_compatible_gateway_is_not_strict() -> Result<()> {
    let rig = start(&limits(&[json!({"limit": 0.001})])).await?;
    assert_eq!(settled(&rig, &bounded()).await?.status, 200);
    Ok(())
}
