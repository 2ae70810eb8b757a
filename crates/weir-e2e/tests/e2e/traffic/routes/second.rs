//! Second targets of a model element, and breakers.

use std::time::Duration;

use anyhow::Result;
use futures_util::future::join_all;
use serde_json::{Value, json};
use weir_e2e::upstream::Answer;

use super::rig::{call, deploy, element, end, start, told, world};
use crate::traffic;
use crate::traffic::rig::{assert_row, called, completion, rows};
use crate::unified::rig::store;

const SLOW: Duration = Duration::from_millis(500);

/// One model with additions.
fn with(additions: &Value) -> Vec<Value> {
    let properties = json!({"provider": "openai", "model": "gpt-4o-mini", "timeout": 60_000,
        "retries": 0, "weir": additions});
    vec![start("a"), element("a", "model", &properties, &[("success", "end")]), end()]
}

/// One failure is one failure, however many calls share it.
#[tokio::test]
async fn calls_that_joined_a_failure_do_not_open_a_breaker() -> Result<()> {
    let rig = world(&json!({"cache_ttl": 3600, "cache_coalesce": true})).await?;
    let breaker = json!({"breaker": {"failures": 3, "window": 60, "cooldown": 60}});
    deploy(&rig.weir, "r", &with(&breaker)).await?;
    let good = Answer::json(200, &completion("pong"));
    rig.upstream.script("openai", [Answer::new(500).after(SLOW), good]);
    let request = call("r");
    for answer in join_all((0..6).map(|_| rig.weir.send(&request))).await {
        answer?;
    }
    assert!(called(&rig).len() <= 2, "the failure was shared");
    assert_eq!(told(&rig, &request).await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn the_faster_of_two_answers_and_both_leave_a_row() -> Result<()> {
    let rig = world(&json!({})).await?;
    let hedge = json!({"provider": "groq", "model": "small", "after_ms": 50, "limit": 1000,
        "window": 60});
    deploy(&rig.weir, "r", &with(&json!({"hedge": hedge}))).await?;
    rig.upstream.script("openai", [Answer::silence()]);
    let answered = told(&rig, &call("r")).await?;
    assert_eq!(answered, (200, "groq/small".to_owned()));
    let rows = rows(&rig, 2).await?;
    assert_row(&rows[0], &json!({"provider": "openai", "status_code": null}));
    assert_row(&rows[1], &json!({"provider": "groq", "status_code": 200}));
    Ok(())
}

/// Money that was set apart for a call that never went out is there for the next one.
#[tokio::test]
async fn a_second_call_that_cannot_be_sent_costs_nothing() -> Result<()> {
    let rig = traffic::rig::start(&json!({"byok_only": true})).await?;
    store(&rig.weir, "openai", "default", "sk-openai").await?;
    // Enough for one: 4096 tokens for two cents each, and the question.
    let hedge = json!({"provider": "groq", "model": "small", "after_ms": 1, "limit": 100,
        "window": 3600});
    deploy(&rig.weir, "r", &with(&json!({"hedge": hedge}))).await?;
    for count in 1..=3 {
        let slow = Answer::json(200, &completion("pong")).after(SLOW);
        rig.upstream.script("openai", [slow]);
        assert_eq!(told(&rig, &call("r")).await?, (200, "openai/gpt-4o-mini".to_owned()));
        // One of the first target, one of the second, which has no key.
        rows(&rig, 2 * count).await?;
    }
    Ok(())
}
