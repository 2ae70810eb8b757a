//! What becomes of a model that fails.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::upstream::Answer;

use super::rig::{answered, call, deploy, element, end, model, patient_model, start, told, world};
use crate::rig::Rig;
use crate::traffic::rig::{called, code, gaps};
use crate::unified::rig::store;

async fn fallen_back() -> Result<Rig> {
    let rig = world(&json!({})).await?;
    let elements = [
        start("a"),
        patient_model("a", "openai/m", "end", Some("b"), (300, 0)),
        model("b", "groq/m", "end", None),
        end(),
    ];
    deploy(&rig.weir, "r", &elements).await?;
    Ok(rig)
}

#[tokio::test]
async fn errors_silence_and_hanging_up_lead_to_the_fallback() -> Result<()> {
    let rig = fallen_back().await?;
    let mute = Answer::new(200).after(Duration::from_secs(30));
    let errors = [400, 401, 404, 429, 500, 503].map(Answer::new);
    for failure in errors.into_iter().chain([mute, Answer::silence(), Answer::refused()]) {
        let shown = format!("{failure:?}");
        rig.upstream.script("openai", [failure]);
        let before = called(&rig).len();
        assert_eq!(told(&rig, &call("r")).await?, (200, "groq/m".to_owned()), "{shown}");
        let mut asked = called(&rig).split_off(before);
        // A connection of the pool that is reset is replaced by a new one.
        asked.dedup();
        assert_eq!(asked, ["openai", "groq"], "{shown}");
    }
    rig.upstream.script("openai", [Answer::new(200)]);
    assert_eq!(told(&rig, &call("r")).await?, (200, "openai/m".to_owned()));
    Ok(())
}

#[tokio::test]
async fn a_model_that_we_refuse_leads_to_the_fallback() -> Result<()> {
    let limits = json!([{"id": "one", "by": "model", "unit": "requests", "limit": 1,
        "interval": 3600}]);
    let rig = world(&json!({"rate_limits": limits, "byok_only": true})).await?;
    let two = |first: &str| {
        [start("a"), model("a", first, "end", Some("b")), model("b", "groq/m", "end", None), end()]
    };
    deploy(&rig.weir, "keyless", &two("deepseek/m")).await?;
    assert_eq!(told(&rig, &call("keyless")).await?, (200, "groq/m".to_owned()));
    let other = [
        start("a"),
        model("a", "openai/m", "end", Some("b")),
        model("b", "mistral/m", "end", None),
        end(),
    ];
    deploy(&rig.weir, "full", &other).await?;
    assert_eq!(told(&rig, &call("full")).await?, (200, "openai/m".to_owned()));
    assert_eq!(told(&rig, &call("full")).await?, (200, "mistral/m".to_owned()), "openai is full");
    Ok(())
}

#[tokio::test]
async fn a_model_is_tried_as_often_as_it_says() -> Result<()> {
    let rig = world(&json!({})).await?;
    let elements = [
        start("a"),
        patient_model("a", "openai/m", "end", Some("b"), (60_000, 2)),
        model("b", "groq/m", "end", None),
        end(),
    ];
    deploy(&rig.weir, "r", &elements).await?;
    rig.upstream.script("openai", [Answer::new(500)]);
    assert_eq!(told(&rig, &call("r")).await?, (200, "groq/m".to_owned()));
    assert_eq!(called(&rig), ["openai", "openai", "openai", "groq"]);
    let gaps = gaps(&rig.upstream.calls());
    assert!(gaps[..2].iter().all(|gap| *gap >= Duration::from_millis(100)), "{gaps:?}");
    rig.upstream.script("openai", [Answer::new(500), Answer::new(200)]);
    assert_eq!(told(&rig, &call("r")).await?, (200, "openai/m".to_owned()));
    rig.upstream.script("openai", [Answer::new(404), Answer::new(200)]);
    assert_eq!(
        told(&rig, &call("r")).await?,
        (200, "groq/m".to_owned()),
        "404 is no matter of time"
    );
    Ok(())
}

/// An element promises a fallback at its time, so here the last try has to keep it, too.
#[tokio::test]
async fn the_last_try_keeps_its_time() -> Result<()> {
    let rig = world(&json!({})).await?;
    let elements = [
        start("a"),
        patient_model("a", "openai/m", "end", Some("b"), (200, 1)),
        model("b", "groq/m", "end", None),
        end(),
    ];
    deploy(&rig.weir, "r", &elements).await?;
    rig.upstream.script("openai", [Answer::silence()]);
    assert_eq!(told(&rig, &call("r")).await?, (200, "groq/m".to_owned()));
    assert_eq!(called(&rig), ["openai", "openai", "groq"]);
    Ok(())
}

#[tokio::test]
async fn without_a_fallback_the_failure_is_the_answer() -> Result<()> {
    let rig = world(&json!({})).await?;
    let alone = [start("a"), model("a", "openai/m", "end", None), end()];
    deploy(&rig.weir, "r", &alone).await?;
    let body = json!({"error": {"message": "down"}});
    rig.upstream.script("openai", [Answer::json(503, &body).header("x-own", "1")]);
    let answer = rig.weir.send(&call("r")).await?;
    assert_eq!((answer.status, answer.json()?), (503, body));
    assert_eq!((answer.header("x-own"), answered(&answer)), (Some("1"), "openai/m".to_owned()));
    rig.upstream.script("openai", [Answer::refused()]);
    let refused = rig.weir.send(&call("r")).await?;
    assert_eq!(code(&refused), (502, Some(2005)));
    assert_eq!(answered(&refused), "openai/m", "a failure of ours names its model, too");
    Ok(())
}

#[tokio::test]
async fn the_last_failure_of_several_is_the_answer() -> Result<()> {
    let rig = fallen_back().await?;
    rig.upstream.script("openai", [Answer::new(500)]);
    rig.upstream.script("groq", [Answer::json(429, &json!({"error": {"message": "busy"}}))]);
    let answer = rig.weir.send(&call("r")).await?;
    assert_eq!((answer.status, answer.json()?["error"]["message"].clone()), (429, json!("busy")));
    assert_eq!(answered(&answer), "groq/m");
    Ok(())
}

/// A model after a success replaces its answer.
#[tokio::test]
async fn a_later_model_has_the_last_word() -> Result<()> {
    let rig = world(&json!({})).await?;
    let elements =
        [start("a"), model("a", "openai/m", "b", None), model("b", "groq/m", "end", None), end()];
    deploy(&rig.weir, "r", &elements).await?;
    assert_eq!(told(&rig, &call("r")).await?, (200, "groq/m".to_owned()));
    assert_eq!(called(&rig), ["openai", "groq"]);
    Ok(())
}

#[tokio::test]
async fn a_route_that_asks_nobody_ends_with_an_error() -> Result<()> {
    let rig = world(&json!({})).await?;
    let ways = [("true", "a"), ("false", "end")];
    let condition: Value = json!({"conditions": {"metadata.plan": "paid"}});
    let elements = [
        start("c"),
        element("c", "conditional", &condition, &ways),
        model("a", "openai/m", "end", None),
        end(),
    ];
    deploy(&rig.weir, "r", &elements).await?;
    let answer = rig.weir.send(&call("r")).await?;
    assert_eq!(code(&answer), (502, Some(2905)), "{}", answer.text());
    assert!(called(&rig).is_empty());
    Ok(())
}

/// A provider that was there when the route was made and is gone since is a model that fails.
#[tokio::test]
async fn a_provider_that_is_gone_leads_to_the_fallback() -> Result<()> {
    let rig = world(&json!({})).await?;
    let made = json!({"slug": "own", "name": "own", "enable": true,
        "base_url": format!("{}/custom-own", rig.upstream.base())});
    let made = rig.weir.result("POST", "/custom-providers", Some(&made)).await?;
    store(&rig.weir, "custom-own", "default", "sk-own").await?;
    let elements = [
        start("a"),
        model("a", "custom-own/m", "end", Some("b")),
        model("b", "groq/m", "end", None),
        end(),
    ];
    deploy(&rig.weir, "r", &elements).await?;
    assert_eq!(told(&rig, &call("r")).await?, (200, "custom-own/m".to_owned()));
    let id = made["id"].as_str().unwrap_or_default();
    rig.weir.result("DELETE", &format!("/custom-providers/{id}"), None).await?;
    assert_eq!(told(&rig, &call("r")).await?, (200, "groq/m".to_owned()));
    Ok(())
}
