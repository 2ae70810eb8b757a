//! What makes two requests the same.

use anyhow::Result;
use serde_json::json;
use weir_e2e::http::Request;

use crate::traffic::rig::{ask, asking, expect, start};

#[tokio::test]
async fn every_byte_of_the_request_counts() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    let body = asking("a");
    let call = |rest: &str| Request::call(rest, &body);
    let spaced = ask("a").body(body.to_string().replace(':', ": "));
    let mut other_model = asking("a");
    other_model["model"] = json!("gpt-4o");
    let mut tuned = asking("a");
    tuned["temperature"] = json!(0.5);
    let mut tooled = asking("a");
    tooled["tools"] = json!([]);
    let different = [
        ("the first", ask("a")),
        ("another question", ask("b")),
        ("other white space", spaced),
        ("another model", Request::call("openai/chat/completions", &other_model)),
        ("a parameter more", Request::call("openai/chat/completions", &tuned)),
        ("tools", Request::call("openai/chat/completions", &tooled)),
        ("another path", call("openai/responses")),
        ("a query", call("openai/chat/completions?a=1")),
        ("another query", call("openai/chat/completions?a=2")),
        ("another provider", call("groq/chat/completions")),
    ];
    for (what, request) in &different {
        expect(&rig, &[(what, request, "MISS")]).await?;
    }
    for (what, request) in &different {
        expect(&rig, &[(what, request, "HIT")]).await?;
    }
    assert_eq!(rig.upstream.calls().len(), different.len());
    Ok(())
}

#[tokio::test]
async fn what_only_labels_a_request_does_not_count() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    expect(&rig, &[("first", &ask("a"), "MISS")]).await?;
    for (name, value) in [
        ("cf-aig-metadata", r#"{"user":"2"}"#),
        ("cf-aig-event-id", "another"),
        ("user-agent", "another/1"),
        ("cf-aig-collect-log", "false"),
        ("cf-aig-max-attempts", "3"),
        ("accept-language", "de"),
    ] {
        expect(&rig, &[(name, &ask("a").header(name, value), "HIT")]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_key_of_the_callers_replaces_all_of_that() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    let keyed = |request: Request, key: &str| request.header("cf-aig-cache-key", key);
    let first = keyed(ask("a"), "k");
    let other_body = keyed(ask("b"), "k");
    let stranger = Request::post("/v1/acc1/gw1/openai/chat/completions")
        .header("cf-aig-authorization", "Bearer tok-run")
        .header("authorization", "Bearer sk-other")
        .json(&asking("c"));
    expect(
        &rig,
        &[
            ("first", &first, "MISS"),
            ("another body", &other_body, "HIT"),
            ("another key of the provider's", &keyed(stranger, "k"), "HIT"),
            ("another key", &keyed(ask("a"), "K"), "MISS"),
            ("no key", &ask("a"), "MISS"),
        ],
    )
    .await
}

/// Beyond 1024 bytes a key counts as absent; cut off, two callers would share an answer.
#[tokio::test]
async fn keys_that_are_too_long_are_not_cut() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    let keyed = |question: &str, key: &str| ask(question).header("cf-aig-cache-key", key);
    let (longest, longer) = ("k".repeat(1024), "k".repeat(1025));
    expect(
        &rig,
        &[
            ("the longest", &keyed("a", &longest), "MISS"),
            ("is a key", &keyed("b", &longest), "HIT"),
            ("a longer one", &keyed("c", &longer), "MISS"),
            ("is none", &keyed("d", &longer), "MISS"),
        ],
    )
    .await
}
