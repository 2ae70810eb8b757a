//! A like question is answered as long as the answer is kept.

use anyhow::Result;
use serde_json::json;

use super::{calls_of, settings, start_at};
use crate::traffic::rig::{advance, ask, change, expect};

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
