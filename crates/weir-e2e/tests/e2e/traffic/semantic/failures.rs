//! Whatever goes wrong with the vector, the call goes on.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use weir_e2e::http::Request;
use weir_e2e::upstream::Answer;

use super::{calls_of, explained, settings, start_at, vector};
use crate::traffic::rig::{ask, cache_status, expect, rows, start};

#[tokio::test]
async fn a_call_without_a_vector_is_a_call() -> Result<()> {
    let data = |embedding: Value| {
        Answer::json(200, &json!({"object": "list", "data": [{"embedding": embedding}]}))
    };
    for (what, answer) in [
        ("down", Answer::new(503)),
        ("refused", Answer::refused()),
        ("silent", Answer::silence()),
        ("no key", Answer::new(401)),
        ("no vector", Answer::json(200, &json!({"data": []}))),
        ("no numbers", data(json!(["a"]))),
        ("nothing in it", data(json!([]))),
        ("no direction", data(json!([0.0, 0.0]))),
        ("no JSON", Answer::bytes(200, "text/html", "<html>")),
        ("too long", data(json!(vec![0.123_456_789; 100_000]))),
    ] {
        let rig = start(&settings()).await?;
        rig.upstream.script("mistral", [answer]);
        let first = rig.weir.send(&ask("a")).await?;
        assert_eq!((first.status, cache_status(&first)), (200, "MISS"), "{what}");
        assert_eq!(calls_of(&rig, "mistral").len(), 1, "{what}: it is asked once");
        rows(&rig, 2).await?;
        let id = first.header("cf-aig-log-id").context("id")?;
        let told = explained(&rig, id).await?;
        assert_eq!(told["cache"]["reason"], "embedding_failed", "{what}: {told:#}");
        assert_eq!(told["request"]["status_code"], 200, "{what}");
        let metrics = rig.weir.send(&Request::get("/metrics")).await?.text();
        assert!(metrics.contains("weir_cache_embeddings_failed_total 1"), "{what}: {metrics}");
        expect(&rig, &[("its exact answer was kept", &ask("a"), "HIT")]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_model_that_cannot_be_asked_leaves_a_row() -> Result<()> {
    for provider in ["nobody", "anthropic", "custom-gone"] {
        let mut settings = settings();
        settings["cache_semantic"]["provider"] = json!(provider);
        let rig = start(&settings).await?;
        expect(&rig, &[(provider, &ask("a"), "MISS")]).await?;
        let rows = rows(&rig, 2).await?;
        let refused = rows.iter().find(|row| row["provider"] == provider);
        assert_eq!(refused.context("no row")?["success"], false, "{provider}");
    }
    Ok(())
}

#[tokio::test]
async fn it_works_again_once_the_model_does() -> Result<()> {
    let rig = start_at(&settings(), &[]).await?;
    rig.upstream.script("mistral", [Answer::new(500), vector(0.0)]);
    expect(&rig, &[("without", &ask("a"), "MISS"), ("with", &ask("b"), "MISS")]).await?;
    expect(&rig, &[("alike", &ask("c"), "HIT")]).await
}
