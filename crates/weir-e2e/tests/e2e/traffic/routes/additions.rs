//! What Weir adds to model elements: several targets, a second call for a slow one, comparison, and
//! leaving broken targets alone.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::Request;
use weir_e2e::upstream::Answer;

use super::rig::{answered, call, deploy, end, model, start, told, world};
use crate::rig::Rig;
use crate::traffic::rig::{assert_row, called, completion, rows};

/// One model at OpenAI, `openai/m`, with additions; `groq/b` behind it.
async fn with(additions: &Value) -> Result<Rig> {
    let rig = world(&json!({})).await?;
    let mut first = model("a", "openai/m", "end", Some("b"));
    first["properties"]["weir"] = additions.clone();
    deploy(&rig.weir, "r", &[start("a"), first, model("b", "groq/b", "end", None), end()]).await?;
    Ok(rig)
}

fn slow() -> Answer {
    Answer::json(200, &completion("slow")).after(Duration::from_secs(20))
}

async fn metrics(rig: &Rig) -> Result<String> {
    Ok(rig.weir.send(&Request::get("/metrics")).await?.text())
}

#[tokio::test]
async fn targets_share_the_calls_by_their_weights() -> Result<()> {
    let targets = json!([{"provider": "mistral", "model": "m", "weight": 3}]);
    let balance = json!({"strategy": "weights", "weight": 1, "targets": targets});
    let rig = with(&json!({"balance": balance})).await?;
    let mut counts = BTreeMap::<String, u32>::new();
    for _ in 0..80 {
        let answer = rig.weir.send(&call("r")).await?;
        assert_eq!(answer.status, 200, "{}", answer.text());
        *counts.entry(answered(&answer)).or_default() += 1;
    }
    let mistral = counts.get("mistral/m").copied().unwrap_or_default();
    // 60 are expected; 40 and 75 are more than four deviations away.
    assert!((40..=75).contains(&mistral), "{counts:?}");
    assert_eq!(counts.values().sum::<u32>(), 80);
    Ok(())
}

#[tokio::test]
async fn the_least_busy_target_gets_the_call() -> Result<()> {
    let targets = json!([{"provider": "mistral", "model": "m"}]);
    let rig = with(&json!({"balance": {"strategy": "busy", "targets": targets}})).await?;
    let held = Answer::json(200, &completion("held")).after(Duration::from_secs(3));
    rig.upstream.script("openai", [held.clone()]);
    rig.upstream.script("mistral", [held]);
    let request = call("r");
    let sends = (0..4).map(|_| told(&rig, &request));
    let told = futures_util::future::try_join_all(sends).await?;
    let of = |name: &str| told.iter().filter(|(_, who)| who == name).count();
    assert_eq!((of("openai/m"), of("mistral/m")), (2, 2), "{told:?}");
    Ok(())
}

#[tokio::test]
async fn a_slow_target_is_overtaken_by_the_second() -> Result<()> {
    let hedge = json!({"provider": "groq", "model": "small", "after_ms": 100, "limit": 100,
        "window": 60});
    let rig = with(&json!({"hedge": hedge})).await?;
    rig.upstream.script("openai", [slow()]);
    let began = Instant::now();
    let answer = rig.weir.send(&call("r")).await?;
    assert_eq!((answer.status, answered(&answer)), (200, "groq/small".to_owned()));
    assert!(began.elapsed() < Duration::from_secs(15), "nobody waits for the slow one");
    let rows = rows(&rig, 2).await?;
    let of = |provider: &str| rows.iter().find(|row| row["provider"] == provider).unwrap();
    assert_row(of("groq"), &json!({"success": true, "id": answer.header("cf-aig-log-id")}));
    assert_row(of("openai"), &json!({"finish_reason": "hedge_lost", "status_code": null}));
    let metrics = metrics(&rig).await?;
    assert!(metrics.contains("weir_hedges_won_total 1"), "{metrics}");
    Ok(())
}

#[tokio::test]
async fn a_fast_target_has_no_second() -> Result<()> {
    let hedge = json!({"provider": "groq", "model": "small", "after_ms": 5000, "limit": 100,
        "window": 60});
    let rig = with(&json!({"hedge": hedge})).await?;
    assert_eq!(told(&rig, &call("r")).await?, (200, "openai/m".to_owned()));
    assert_eq!(called(&rig), ["openai"]);
    Ok(())
}

#[tokio::test]
async fn second_calls_stay_below_their_cap() -> Result<()> {
    // A call of groq/small is set apart with 4096 tokens at 0.02 dollars.
    let hedge = json!({"provider": "groq", "model": "small", "after_ms": 50, "limit": 0.01,
        "window": 60});
    let rig = with(&json!({"hedge": hedge})).await?;
    let late = Answer::json(200, &completion("late")).after(Duration::from_millis(400));
    rig.upstream.script("openai", [late]);
    assert_eq!(told(&rig, &call("r")).await?, (200, "openai/m".to_owned()));
    assert_eq!(called(&rig), ["openai"]);
    let metrics = metrics(&rig).await?;
    assert!(metrics.contains("weir_hedges_refused_total 1"), "{metrics}");
    Ok(())
}

#[tokio::test]
async fn a_shadow_is_asked_and_nobody_gets_its_answer() -> Result<()> {
    let rig = with(&json!({"shadow": {"provider": "mistral", "model": "s"}})).await?;
    rig.upstream.script("mistral", [Answer::new(500)]);
    assert_eq!(told(&rig, &call("r")).await?, (200, "openai/m".to_owned()));
    let rows = rows(&rig, 2).await?;
    let of = |provider: &str| rows.iter().find(|row| row["provider"] == provider).unwrap();
    assert_row(of("openai"), &json!({"success": true}));
    assert_row(of("mistral"), &json!({"success": false, "status_code": 500, "model": "s"}));
    assert_eq!(of("mistral")["request_id"], of("openai")["request_id"]);
    Ok(())
}

#[tokio::test]
async fn a_broken_target_is_left_alone_and_tried_again() -> Result<()> {
    let rig = with(&json!({"breaker": {"failures": 2, "window": 60, "cooldown": 4}})).await?;
    rig.upstream.script("openai", [Answer::new(503), Answer::new(503)]);
    for _ in 0..5 {
        assert_eq!(told(&rig, &call("r")).await?, (200, "groq/b".to_owned()));
    }
    let asked = called(&rig).iter().filter(|slug| *slug == "openai").count();
    assert_eq!(asked, 2, "open after two failures");
    let metrics = metrics(&rig).await?;
    assert!(metrics.contains(r#"weir_breakers{state="open"} 1"#), "{metrics}");
    tokio::time::sleep(Duration::from_millis(4200)).await;
    rig.upstream.script("openai", [Answer::json(200, &completion("back"))]);
    assert_eq!(told(&rig, &call("r")).await?, (200, "openai/m".to_owned()), "the probe");
    assert_eq!(told(&rig, &call("r")).await?, (200, "openai/m".to_owned()), "closed");
    Ok(())
}
