//! Limits for a part of the calls: by token, by model, by metadata.

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::Request;

use crate::rig::Rig;
use crate::traffic::rig::{ask, asking, start, start_with};

fn one_each(by: &str) -> Value {
    json!({"rate_limits": [{"id": "one", "by": by, "unit": "requests", "limit": 1,
        "interval": 60}]})
}

async fn status(rig: &Rig, request: &Request) -> Result<u16> {
    Ok(rig.weir.send(request).await?.status)
}

#[tokio::test]
async fn by_metadata_each_value_counts_alone() -> Result<()> {
    let rig = start(&one_each("metadata.user")).await?;
    let of = |metadata: &str| ask("a").header("cf-aig-metadata", metadata);
    for (metadata, expected) in [
        (r#"{"user":"u1"}"#, [200, 429]),
        (r#"{"user":"u2"}"#, [200, 429]),
        (r#"{"user":1}"#, [200, 429]),
        (r#"{"user":true}"#, [200, 429]),
        (r#"{"team":"u1"}"#, [200, 200]),
        (r#"{"user":null}"#, [200, 200]),
        ("not json", [200, 200]),
    ] {
        for expected in expected {
            assert_eq!(status(&rig, &of(metadata)).await?, expected, "{metadata}");
        }
    }
    assert_eq!(status(&rig, &ask("a")).await?, 200, "without metadata there is no limit");
    Ok(())
}

#[tokio::test]
async fn by_token_each_token_counts_alone() -> Result<()> {
    let settings =
        json!({"authentication": false, "rate_limits": one_each("token")["rate_limits"]});
    let rig = start_with(&settings, |config| {
        config.token("second", "tok-second", "acc1", &["AI Gateway Run"])
    })
    .await?;
    let with = |token: &str| {
        Request::post("/v1/acc1/gw1/openai/chat/completions")
            .header("cf-aig-authorization", format!("Bearer {token}"))
            .header("authorization", "Bearer sk-client")
            .json(&asking("a"))
    };
    for token in ["tok-run", "tok-second"] {
        assert_eq!(status(&rig, &with(token)).await?, 200, "{token}");
        assert_eq!(status(&rig, &with(token)).await?, 429, "{token}");
    }
    let bare = Request::post("/v1/acc1/gw1/openai/chat/completions")
        .header("authorization", "Bearer sk-client")
        .json(&asking("a"));
    assert_eq!(status(&rig, &bare).await?, 200, "those without a token");
    let other = bare.clone().header("x-other", "1");
    assert_eq!(status(&rig, &other).await?, 429, "count together");
    Ok(())
}

#[tokio::test]
async fn by_model_each_providers_model_counts_alone() -> Result<()> {
    let rig = start(&one_each("model")).await?;
    let chat = |rest: &str, model: &str| {
        let mut body = asking("a");
        body["model"] = json!(model);
        Request::call(rest, &body)
    };
    for (what, first, same) in [
        (
            "the same by two doors",
            chat("openai/chat/completions", "gpt-4o-mini"),
            chat("compat/chat/completions", "openai/gpt-4o-mini"),
        ),
        (
            "another model",
            chat("openai/chat/completions", "gpt-4o"),
            chat("openai/chat/completions", "gpt-4o"),
        ),
        (
            "another provider's of the same name",
            chat("groq/chat/completions", "gpt-4o-mini"),
            chat("compat/chat/completions", "groq/gpt-4o-mini"),
        ),
    ] {
        assert_eq!(status(&rig, &first).await?, 200, "{what}");
        assert_eq!(status(&rig, &same).await?, 429, "{what}");
    }
    Ok(())
}

/// A step that has no room for its model is a failed step: the next one may have.
#[tokio::test]
async fn a_full_model_falls_back() -> Result<()> {
    let rig = start(&one_each("model")).await?;
    let step = |provider: &str| {
        json!({"provider": provider, "endpoint": "chat/completions",
            "headers": {"authorization": "Bearer sk"}, "query": asking("a")})
    };
    let request = Request::post("/v1/acc1/gw1")
        .header("cf-aig-authorization", "Bearer tok-run")
        .json(&json!([step("openai"), step("groq")]));
    for (status, step) in [(200, "0"), (200, "1"), (429, "1")] {
        let answer = rig.weir.send(&request).await?;
        assert_eq!((answer.status, answer.header("cf-aig-step")), (status, Some(step)));
    }
    Ok(())
}
