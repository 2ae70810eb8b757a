//! A like question is answered as long as the answer is kept.

use anyhow::Result;
use serde_json::json;
use weir_e2e::http::Request;
use weir_e2e::upstream::Answer;

use super::{calls_of, settings, start_at, vector};
use crate::traffic::rig::{advance, ask, change, expect, start_with};

#[tokio::test]
async fn it_ends_with_the_answer() -> Result<()> {
    let rig = start_at(&settings(), &[0.0]).await?;
    expect(&rig, &[("first", &ask("a"), "MISS")]).await?;
    advance(&rig, 295)?;
    expect(&rig, &[("before it ends", &ask("b"), "HIT")]).await?;
    advance(&rig, 6)?;
    expect(&rig, &[("after", &ask("c"), "MISS"), ("kept anew", &ask("d"), "HIT")]).await?;
    assert_eq!(calls_of(&rig, "openai").len(), 2);
    Ok(())
}

#[tokio::test]
async fn it_follows_the_settings() -> Result<()> {
    let rig = start_at(&settings(), &[0.0]).await?;
    expect(&rig, &[("first", &ask("a"), "MISS"), ("alike", &ask("b"), "HIT")]).await?;
    change(&rig, &json!({"cache_semantic": null})).await?;
    expect(&rig, &[("off", &ask("c"), "MISS")]).await?;
    let other = json!({"provider": "mistral", "model": "embed-2", "threshold": 0.9});
    change(&rig, &json!({"cache_semantic": other})).await?;
    expect(&rig, &[("another model's vectors", &ask("d"), "MISS")]).await?;
    expect(&rig, &[("now with that one", &ask("e"), "HIT")]).await?;
    change(&rig, &json!({"cache_invalidate_on_update": true})).await?;
    expect(&rig, &[("emptied", &ask("f"), "MISS")]).await
}

/// Vectors do not outlive their answers: one that leads nowhere is a miss, and is not tried again.
#[tokio::test]
async fn it_ends_when_the_answer_has_to_go() -> Result<()> {
    let room = json!(64 * 1024);
    let small = |config: weir_e2e::weir::Config| config.set(&["cache", "memory_bytes"], room);
    let rig = start_with(&settings(), small).await?;
    rig.upstream.script("mistral", [vector(0.0)]);
    expect(&rig, &[("first", &ask("a"), "MISS"), ("alike", &ask("b"), "HIT")]).await?;
    // Less is left beside it than any other answer needs.
    let large = Answer::json(200, &json!({"filling": "x".repeat(64 * 1024 - 700)}));
    rig.upstream.script("groq", [large]);
    let filling = Request::call("groq/chat/completions", &json!({"model": "m"}));
    expect(&rig, &[("takes all the room", &filling, "MISS"), ("kept", &filling, "HIT")]).await?;
    expect(&rig, &[("gone", &ask("c"), "MISS"), ("kept anew", &ask("d"), "HIT")]).await?;
    assert_eq!(calls_of(&rig, "openai").len(), 2);
    Ok(())
}
