//! What a hit is, and what it costs.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use weir_e2e::http::Request;

use super::{calls_of, explained, settings, start_at};
use crate::rig::Rig;
use crate::traffic::rig::{ask, asking, assert_row, cache_status, code, expect, numbered, rows};

/// The row of the vector of the question that the row `id` is about.
async fn embedding_row(rig: &Rig, id: &str) -> Result<Value> {
    let request = rig.weir.wait_for_row("gw1", id).await?["request_id"].clone();
    let rows = rig.weir.rows("gw1").await?;
    rows.into_iter()
        .find(|row| row["request_id"] == request && row["id"] != id)
        .context("no row of the vector")
}

#[tokio::test]
async fn questions_are_alike_from_the_threshold_on() -> Result<()> {
    let rig = start_at(&settings(), &[0.0, 20.0, 40.0, 25.0]).await?;
    rig.upstream.script("openai", numbered(2));
    let first = rig.weir.send(&ask("how warm is it?")).await?;
    let alike = rig.weir.send(&ask("what is the temperature?")).await?;
    assert_eq!((cache_status(&first), cache_status(&alike)), ("MISS", "HIT"));
    assert_eq!(alike.body, first.body);
    let other = rig.weir.send(&ask("who are you?")).await?;
    assert_eq!(cache_status(&other), "MISS", "40 degrees apart");
    // Between the two, and nearer to the second.
    let nearest = rig.weir.send(&ask("who is there?")).await?;
    assert_eq!((cache_status(&nearest), &nearest.body), ("HIT", &other.body));
    assert_eq!(calls_of(&rig, "openai").len(), 2);
    let asked: Vec<Value> = calls_of(&rig, "mistral").iter().map(|call| call.json()).collect();
    assert_eq!(asked[1], json!({"model": "embed", "input": "what is the temperature?"}));
    Ok(())
}

#[tokio::test]
async fn a_hit_costs_its_vector_and_no_more() -> Result<()> {
    let rig = start_at(&settings(), &[0.0, 20.0]).await?;
    rig.upstream.script("openai", numbered(1));
    let first = rig.weir.send(&ask("a")).await?;
    let hit = rig.weir.send(&ask("b").header("cf-aig-metadata", r#"{"user":"u2"}"#)).await?;
    rows(&rig, 4).await?;
    let id = hit.header("cf-aig-log-id").context("id")?;
    let from = first.header("cf-aig-log-id").context("id")?;
    let row = rig.weir.row("gw1", id).await?;
    assert_row(
        &row,
        &json!({"cached": true, "cost": 0.0, "tokens_in": 0, "success": true, "status_code": 200,
            "provider": "openai", "model": "gpt-4o-mini", "path": "chat/completions"}),
    );
    assert_eq!(rig.weir.body("gw1", id, "request").await?, Some(asking("b").to_string().into()));
    assert_eq!(rig.weir.body("gw1", id, "response").await?, Some(hit.body.clone()));
    assert_row(
        &embedding_row(&rig, id).await?,
        &json!({"cached": false, "cost": 0.001, "tokens_in": 10, "success": true,
            "provider": "mistral", "model": "embed", "model_type": "embeddings",
            "metadata": "{\"user\":\"u2\"}"}),
    );
    let told = explained(&rig, id).await?;
    assert_eq!(told["cache"]["outcome"], "hit");
    assert_eq!((&told["cache"]["reason"], &told["cache"]["from"]), (&json!("alike"), &json!(from)));
    let similarity = told["cache"]["similarity"].as_f64().unwrap_or_default();
    assert!((similarity - 20.0_f64.to_radians().cos()).abs() < 0.01, "{similarity}");
    assert_row(&told["request"], &json!({"provider": "openai", "status_code": 200}));
    let kinds: Vec<&Value> =
        told["attempts"].as_array().into_iter().flatten().map(|it| &it["kind"]).collect();
    assert_eq!(kinds, [&Value::Null, &json!("embedding")]);
    assert_eq!(told["cost"].as_f64(), Some(0.001));
    Ok(())
}

#[tokio::test]
async fn a_question_that_is_known_needs_no_new_vector() -> Result<()> {
    let rig = start_at(&settings(), &[0.0]).await?;
    let cold = |question: &str| {
        let mut body = asking(question);
        body["temperature"] = json!(0);
        Request::call("openai/chat/completions", &body)
    };
    expect(&rig, &[("first", &ask("a"), "MISS"), ("exact", &ask("a"), "HIT")]).await?;
    expect(&rig, &[("the same question in another scope", &cold("a"), "MISS")]).await?;
    assert_eq!(calls_of(&rig, "mistral").len(), 1);
    // Two of the chat, one for nothing; a vector that was paid for, one that was there.
    let rows = rows(&rig, 5).await?;
    let vectors = rows.iter().filter(|row| row["provider"] == "mistral");
    let mut cached: Vec<bool> = vectors.filter_map(|row| row["cached"].as_bool()).collect();
    cached.sort_unstable();
    assert_eq!(cached, [false, true]);
    Ok(())
}

#[tokio::test]
async fn a_hit_needs_no_provider_and_takes_nothing_from_a_limit() -> Result<()> {
    let mut settings = settings();
    settings["rate_limiting_limit"] = json!(2);
    settings["rate_limiting_interval"] = json!(60);
    let rig = start_at(&settings, &[0.0, 0.0, 0.0, 0.0, 90.0, 180.0]).await?;
    rig.upstream.script("openai", numbered(2));
    expect(&rig, &[("first", &ask("a"), "MISS")]).await?;
    for question in ["b", "c", "d"] {
        expect(&rig, &[(question, &ask(question), "HIT")]).await?;
    }
    expect(&rig, &[("the second", &ask("e"), "MISS")]).await?;
    assert_eq!(code(&rig.weir.send(&ask("f")).await?), (429, Some(2003)));
    assert_eq!(calls_of(&rig, "openai").len(), 2);
    Ok(())
}

/// Told in the header as well, which is there for whoever tries a threshold out.
#[tokio::test]
async fn a_miss_tells_how_near_it_was() -> Result<()> {
    let rig = start_at(&settings(), &[0.0, 60.0]).await?;
    expect(&rig, &[("first", &ask("a"), "MISS")]).await?;
    let miss = rig.weir.send(&ask("b").header("weir-explain", "1")).await?;
    let header = miss.header("weir-explain").context("no explanation")?;
    let cache = serde_json::from_str::<Value>(header)?["cache"].clone();
    assert_eq!((&cache["outcome"], &cache["reason"]), (&json!("miss"), &json!("none_alike")));
    let similarity = cache["similarity"].as_f64().unwrap_or_default();
    assert!((similarity - 0.5).abs() < 0.01, "{similarity}");
    Ok(())
}
