//! Whose key asks for a vector: the gateway's own for that provider, or one that the client sent for
//! the same provider.

use anyhow::Result;
use serde_json::json;
use weir_e2e::http::Request;

use super::{calls_of, settings, start_at};
use crate::traffic::rig::{ask, asking, expect};
use crate::unified::rig::store;

#[tokio::test]
async fn a_clients_key_is_for_its_own_provider() -> Result<()> {
    let rig = start_at(&settings(), &[0.0]).await?;
    store(&rig.weir, "mistral", "default", "sk-mistral").await?;
    expect(&rig, &[("first", &ask("a"), "MISS"), ("alike", &ask("b"), "HIT")]).await?;
    let calls = calls_of(&rig, "mistral");
    assert_eq!(calls.len(), 2);
    for call in calls {
        assert_eq!(call.header("authorization"), Some("Bearer sk-mistral"));
        assert!(!call.mentions("sk-client") && !call.mentions("tok-run"), "{call:?}");
    }
    Ok(())
}

#[tokio::test]
async fn without_a_key_none_is_sent() -> Result<()> {
    let rig = start_at(&settings(), &[0.0]).await?;
    expect(&rig, &[("first", &ask("a"), "MISS")]).await?;
    let calls = calls_of(&rig, "mistral");
    assert_eq!(calls.len(), 1);
    assert!(calls[0].header("authorization").is_none() && !calls[0].mentions("sk-client"));
    Ok(())
}

#[tokio::test]
async fn at_its_own_provider_it_goes_along() -> Result<()> {
    let rig = start_at(&settings(), &[0.0]).await?;
    store(&rig.weir, "mistral", "default", "sk-mistral").await?;
    let chat = Request::call("mistral/v1/chat/completions", &asking("a"));
    rig.weir.send(&chat).await?;
    let keys: Vec<_> = calls_of(&rig, "mistral")
        .iter()
        .map(|call| (call.target.clone(), call.header("authorization").map(str::to_owned)))
        .collect();
    let key = || Some("Bearer sk-client".to_owned());
    let expected =
        [("/v1/embeddings".to_owned(), key()), ("/v1/chat/completions".to_owned(), key())];
    assert_eq!(keys, expected);
    Ok(())
}

/// A stored key is for callers who have a token, also for vectors.
#[tokio::test]
async fn nothing_stored_is_used_for_strangers() -> Result<()> {
    let mut settings = settings();
    settings["authentication"] = json!(false);
    let rig = start_at(&settings, &[0.0]).await?;
    store(&rig.weir, "mistral", "default", "sk-mistral").await?;
    let stranger = Request::post("/v1/acc1/gw1/openai/chat/completions")
        .header("authorization", "Bearer sk-client")
        .json(&asking("a"));
    expect(&rig, &[("a stranger", &stranger, "MISS")]).await?;
    assert!(calls_of(&rig, "mistral").iter().all(|call| !call.mentions("sk-mistral")));
    Ok(())
}
