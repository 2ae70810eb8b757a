//! Every step has a cache entry of its own.

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::upstream::Answer;

use super::rig::{request, step, step_with};
use crate::rig::Rig;
use crate::traffic::rig::{advance, asking, cache_status, called, completion, start};

/// Sends the steps; the cache's word and the step that answered.
async fn told(rig: &Rig, steps: &[Value]) -> Result<(String, String)> {
    let answer = rig.weir.send(&request(steps)).await?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let step = answer.header("cf-aig-step").unwrap_or_default().to_owned();
    Ok((cache_status(&answer).to_owned(), step))
}

fn is(status: &str, step: &str) -> (String, String) {
    (status.to_owned(), step.to_owned())
}

#[tokio::test]
async fn a_step_is_asked_before_a_later_ones_answer_is_given() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    let good = Answer::json(200, &completion("pong"));
    rig.upstream.script("openai", [Answer::new(500), Answer::new(500), good]);
    let steps = [step("openai"), step("groq")];
    assert_eq!(told(&rig, &steps).await?, is("MISS", "1"));
    assert_eq!(told(&rig, &steps).await?, is("HIT", "1"), "the second step's entry");
    assert_eq!(called(&rig), ["openai", "groq", "openai"]);
    assert_eq!(told(&rig, &steps).await?, is("MISS", "0"), "the first works again");
    assert_eq!(told(&rig, &steps).await?, is("HIT", "0"));
    assert_eq!(called(&rig).len(), 4);
    Ok(())
}

#[tokio::test]
async fn a_step_says_by_itself_whether_it_is_kept() -> Result<()> {
    for (what, config, again) in [
        ("cacheTtl", json!({"cacheTtl": 60}), "HIT"),
        ("cacheTtl of 0", json!({"cacheTtl": 0}), "MISS"),
        ("skipCache", json!({"cacheTtl": 60, "skipCache": true}), "MISS"),
        ("cacheKey", json!({"cacheKey": "k"}), "HIT"),
        ("nothing", json!({}), "MISS"),
    ] {
        let rig = start(&json!({})).await?;
        let steps = [step_with("openai", "config", config)];
        assert_eq!(told(&rig, &steps).await?, is("MISS", "0"), "{what}");
        assert_eq!(told(&rig, &steps).await?, is(again, "0"), "{what}");
    }
    Ok(())
}

#[tokio::test]
async fn a_steps_key_stands_for_its_body() -> Result<()> {
    let rig = start(&json!({})).await?;
    let keyed = |question: &str| {
        let mut step = step_with("openai", "config", json!({"cacheKey": "k"}));
        step["query"] = asking(question);
        [step]
    };
    assert_eq!(told(&rig, &keyed("a")).await?, is("MISS", "0"));
    assert_eq!(told(&rig, &keyed("b")).await?, is("HIT", "0"));
    Ok(())
}

#[tokio::test]
async fn config_goes_before_headers_before_the_request_before_the_gateway() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 1000})).await?;
    let step_of = |headers: Option<&str>, config: Option<u64>, question: &str| {
        let mut step = step("openai");
        step["query"] = asking(question);
        if let Some(ttl) = headers {
            step["headers"]["cf-aig-cache-ttl"] = json!(ttl);
        }
        if let Some(ttl) = config {
            step["config"] = json!({"cacheTtl": ttl});
        }
        step
    };
    for (what, header, step, seconds) in [
        ("the gateway", None, step_of(None, None, "gateway"), 1000),
        ("the request", Some("200"), step_of(None, None, "request"), 200),
        ("the step's headers", Some("200"), step_of(Some("300"), None, "headers"), 300),
        ("its config", Some("200"), step_of(Some("300"), Some(400), "config"), 400),
    ] {
        let request = request(&[step]);
        let request =
            header.into_iter().fold(request, |it, ttl| it.header("cf-aig-cache-ttl", ttl));
        let send = || rig.weir.send(&request);
        assert_eq!(cache_status(&send().await?), "MISS", "{what}");
        advance(&rig, seconds - 10)?;
        assert_eq!(cache_status(&send().await?), "HIT", "{what}");
        advance(&rig, 11)?;
        assert_eq!(cache_status(&send().await?), "MISS", "{what}");
    }
    Ok(())
}

/// The step of a universal request and the same call at the provider's own path send the same
/// thing, so either may be answered by the other; what matters is that nothing else is.
#[tokio::test]
async fn entries_of_steps_keep_to_their_key() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    assert_eq!(told(&rig, &[step("openai")]).await?, is("MISS", "0"));
    let mut other = step("openai");
    other["headers"]["authorization"] = json!("Bearer sk-other");
    assert_eq!(told(&rig, &[other]).await?, is("MISS", "0"));
    assert_eq!(told(&rig, &[step("groq")]).await?, is("MISS", "0"));
    assert_eq!(told(&rig, &[step("openai")]).await?, is("HIT", "0"));
    Ok(())
}
