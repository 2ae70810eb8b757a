//! What makes the next step be tried, and what is answered when none is left.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use weir_e2e::upstream::Answer;

use super::rig::{request, step, step_with};
use crate::traffic::rig::{assert_row, called, code, completion, gaps, rows, start};

#[tokio::test]
async fn any_error_leads_to_the_next_step() -> Result<()> {
    let rig = start(&json!({})).await?;
    for status in [400, 401, 403, 404, 408, 422, 429, 500, 503] {
        rig.upstream.script("openai", [Answer::new(status)]);
        let answer = rig.weir.send(&request(&[step("openai"), step("groq")])).await?;
        assert_eq!((answer.status, answer.header("cf-aig-step")), (200, Some("1")), "{status}");
    }
    rig.upstream.script("openai", [Answer::refused()]);
    let answer = rig.weir.send(&request(&[step("openai"), step("groq")])).await?;
    assert_eq!((answer.status, answer.header("cf-aig-step")), (200, Some("1")));
    Ok(())
}

/// What we refuse for one step, another may be permitted.
#[tokio::test]
async fn a_refused_step_leads_to_the_next() -> Result<()> {
    let rig = start(&json!({})).await?;
    let keyless = step_with("openai", "headers", json!({"cf-aig-no-wholesale": true}));
    let alias = json!({"cf-aig-byok-alias": "nobody"});
    let unknown_key = step_with("openai", "headers", alias);
    for (what, first) in [
        ("no key", keyless),
        ("an unknown stored key", unknown_key),
        ("an unknown provider", step("nobody")),
    ] {
        let answer = rig.weir.send(&request(&[first, step("groq")])).await?;
        assert_eq!((answer.status, answer.header("cf-aig-step")), (200, Some("1")), "{what}");
    }
    assert!(called(&rig).iter().all(|provider| provider == "groq"));
    Ok(())
}

#[tokio::test]
async fn when_all_fail_the_last_failure_is_the_answer() -> Result<()> {
    let rig = start(&json!({})).await?;
    rig.upstream.script("openai", [Answer::new(500)]);
    rig.upstream.script("mistral", [Answer::refused()]);
    let last = Answer::bytes(418, "text/plain", "the last").header("x-own", "1");
    rig.upstream.script("groq", [last]);
    let steps = [step("openai"), step("mistral"), step("groq")];
    let answer = rig.weir.send(&request(&steps)).await?;
    assert_eq!((answer.status, answer.text()), (418, "the last".to_owned()));
    assert_eq!((answer.header("cf-aig-step"), answer.header("x-own")), (Some("2"), Some("1")));
    assert_eq!(answer.header("content-type"), Some("text/plain"));
    let rows = rows(&rig, 3).await?;
    for (index, (row, provider)) in rows.iter().zip(["openai", "mistral", "groq"]).enumerate() {
        let expected = json!({"step": index, "provider": provider, "success": false,
            "request_id": answer.header("cf-aig-request-id"), "attempt_index": 0});
        assert_row(row, &expected);
    }
    assert_eq!(rows[2]["id"].as_str(), answer.header("cf-aig-log-id"));
    Ok(())
}

#[tokio::test]
async fn a_last_refusal_of_ours_keeps_its_step() -> Result<()> {
    let rig = start(&json!({})).await?;
    rig.upstream.script("openai", [Answer::new(500)]);
    let keyless = step_with("groq", "headers", json!({"cf-aig-no-wholesale": true}));
    let answer = rig.weir.send(&request(&[step("openai"), keyless])).await?;
    assert_eq!(code(&answer), (400, Some(2903)), "{}", answer.text());
    assert_eq!(answer.header("cf-aig-step"), Some("1"));
    Ok(())
}

#[tokio::test]
async fn a_step_is_tried_as_often_as_it_says_before_the_next() -> Result<()> {
    let rig = start(&json!({})).await?;
    rig.upstream.script("openai", [Answer::new(500)]);
    rig.upstream.script("groq", [Answer::new(503), Answer::json(200, &completion("pong"))]);
    let config = |tries: u64| json!({"maxAttempts": tries, "retryDelay": 50, "backoff": "linear"});
    let steps = [step_with("openai", "config", config(3)), step_with("groq", "config", config(2))];
    let answer = rig.weir.send(&request(&steps)).await?;
    assert_eq!((answer.status, answer.header("cf-aig-step")), (200, Some("1")));
    assert_eq!(called(&rig), ["openai", "openai", "openai", "groq", "groq"]);
    let gaps = gaps(&rig.upstream.calls());
    assert!(gaps[0] >= Duration::from_millis(50) && gaps[1] >= Duration::from_millis(100));
    let rows = rows(&rig, 5).await?;
    let places: Vec<_> =
        rows.iter().map(|row| (row["step"].as_u64(), row["attempt_index"].as_u64())).collect();
    let expected = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)];
    assert_eq!(places, expected.map(|(step, index)| (Some(step), Some(index))));
    assert_eq!(rows[4]["id"].as_str(), answer.header("cf-aig-log-id"));
    assert_eq!(rows.iter().filter(|row| row["success"] == true).count(), 1);
    Ok(())
}
