//! What a hit costs, and what it passes by.

use anyhow::Result;
use serde_json::json;
use weir_e2e::http::Request;
use weir_e2e::upstream::Answer;

use crate::traffic::rig::{
    ask, asking, assert_row, cache_status, called, code, completion, expect, rows, start,
    start_with,
};

#[tokio::test]
async fn a_hit_is_logged_and_costs_nothing() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    rig.upstream.script("openai", [Answer::json(200, &completion("pong"))]);
    rig.weir.send(&ask("a")).await?;
    let request = ask("a").header("cf-aig-metadata", r#"{"user":"u2"}"#);
    let hit = rig.weir.send(&request.header("cf-aig-custom-cost", r#"{"total_cost":3}"#)).await?;
    assert_eq!(cache_status(&hit), "HIT");
    rows(&rig, 2).await?;
    let id = hit.header("cf-aig-log-id").unwrap_or_default();
    let row = rig.weir.wait_for_row("gw1", id).await?;
    let expected = json!({"cached": true, "cost": 0.0, "tokens_in": 0, "success": true,
        "status_code": 200, "provider": "openai", "model": "gpt-4o-mini",
        "path": "chat/completions", "response_content_type": "application/json",
        "metadata": "{\"user\":\"u2\"}"});
    assert_row(&row, &expected);
    assert_eq!(rig.weir.body("gw1", id, "response").await?, Some(hit.body.clone()));
    assert_eq!(rig.weir.body("gw1", id, "request").await?, Some(asking("a").to_string().into()));
    let first = rig.weir.rows("gw1").await?.into_iter().find(|row| row["id"] != id);
    assert_row(&first.unwrap_or_default(), &json!({"cached": false, "cost": 0.02}));
    Ok(())
}

#[tokio::test]
async fn a_hit_is_not_logged_when_nothing_is() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    let silent = ask("a").header("cf-aig-collect-log", "false");
    expect(&rig, &[("first", &ask("a"), "MISS"), ("again", &silent, "HIT")]).await?;
    let hit = rig.weir.send(&silent).await?;
    assert_eq!((cache_status(&hit), hit.header("cf-aig-log-id")), ("HIT", None));
    rows(&rig, 1).await?;
    Ok(())
}

#[tokio::test]
async fn a_hit_takes_nothing_from_a_limit() -> Result<()> {
    let limits =
        json!([{"id": "r", "by": "gateway", "unit": "requests", "limit": 2, "interval": 60}]);
    for settings in [
        json!({"cache_ttl": 3600, "rate_limiting_limit": 2, "rate_limiting_interval": 60}),
        json!({"cache_ttl": 3600, "rate_limits": limits}),
    ] {
        let rig = start(&settings).await?;
        expect(&rig, &[("first", &ask("a"), "MISS")]).await?;
        for _ in 0..5 {
            expect(&rig, &[("again", &ask("a"), "HIT")]).await?;
        }
        expect(&rig, &[("the second", &ask("b"), "MISS")]).await?;
        assert_eq!(code(&rig.weir.send(&ask("c")).await?), (429, Some(2003)));
        expect(&rig, &[("where no call passes", &ask("a"), "HIT")]).await?;
        assert_eq!(called(&rig).len(), 2);
    }
    Ok(())
}

#[tokio::test]
async fn a_hit_needs_no_credits() -> Result<()> {
    let rig = start_with(&json!({"cache_ttl": 3600}), |config| {
        config.set(&["providers", "openai", "platform_key"], json!("sk-platform"))
    })
    .await?;
    rig.weir.result("POST", "/billing/topup", Some(&json!({"amount": 1000}))).await?;
    let mut dear = completion("pong");
    dear["usage"]["prompt_tokens"] = json!(20_000);
    rig.upstream.script("openai", [Answer::json(200, &dear)]);
    let bare = |question: &str| {
        Request::post("/v1/acc1/gw1/openai/chat/completions")
            .header("cf-aig-authorization", "Bearer tok-run")
            .json(&asking(question))
    };
    expect(&rig, &[("for 20 of 10 dollars", &bare("a"), "MISS")]).await?;
    rows(&rig, 1).await?;
    let broke = rig.weir.send(&bare("b")).await?;
    assert_eq!(code(&broke), (402, Some(2021)), "{}", broke.text());
    expect(&rig, &[("kept", &bare("a"), "HIT")]).await
}

#[tokio::test]
async fn a_hit_needs_no_provider() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600, "retry_max_attempts": 3})).await?;
    let good = Answer::json(200, &completion("pong"));
    rig.upstream.script("openai", [good, Answer::refused()]);
    expect(&rig, &[("first", &ask("a"), "MISS"), ("again", &ask("a"), "HIT")]).await?;
    let failed = rig.weir.send(&ask("b").header("cf-aig-retry-delay", "1")).await?;
    assert_eq!(code(&failed), (502, Some(2005)));
    expect(&rig, &[("still", &ask("a"), "HIT")]).await
}
