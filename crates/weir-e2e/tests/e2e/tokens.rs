//! A gateway token is for the gateway: wherever a client puts it, no provider ever sees it.

use anyhow::Result;
use serde_json::json;
use weir_e2e::http::Request;

use crate::rig::{Rig, chat_body};

const TOKEN: &str = "tok-run";

/// Places in which real clients put their one key.
const SLOTS: [(&str, &str, &str); 12] = [
    ("openai/chat/completions", "cf-aig-authorization", "Bearer tok-run"),
    ("openai/chat/completions", "cf-aig-authorization", "bearer tok-run"),
    ("openai/chat/completions", "cf-aig-authorization", "tok-run"),
    ("openai/chat/completions", "authorization", "Bearer tok-run"),
    ("openai/chat/completions", "authorization", "tok-run"),
    ("anthropic/v1/messages", "x-api-key", "tok-run"),
    ("google-ai-studio/v1beta/models/m:generateContent", "x-goog-api-key", "tok-run"),
    ("azure-openai/res/dep/chat/completions?api-version=1", "api-key", "tok-run"),
    ("elevenlabs/v1/text-to-speech/v", "xi-api-key", "tok-run"),
    ("fal/fal-ai/m", "authorization", "Key tok-run"),
    ("deepgram/v1/listen", "authorization", "Token tok-run"),
    ("baseten/v1/chat/completions", "authorization", "Api-Key tok-run"),
];

#[tokio::test]
async fn a_token_in_a_header_opens_the_gateway_and_stays_there() -> Result<()> {
    let rig = Rig::start().await?;
    for (rest, name, value) in SLOTS {
        let request = Request::post(&format!("/v1/acc1/gw1/{rest}")).header(name, value);
        let response = rig.weir.send(&request.json(&chat_body())).await?;
        assert_eq!(response.status, 200, "{rest} with {name}: {value}: {}", response.text());
        let call = rig.upstream.calls().pop();
        assert!(call.as_ref().is_some_and(|call| !call.mentions(TOKEN)), "{name}: {call:#?}");
    }
    assert_eq!(rig.upstream.calls().len(), SLOTS.len());
    Ok(())
}

#[tokio::test]
async fn a_token_beside_a_provider_key_leaves_the_key_alone() -> Result<()> {
    let rig = Rig::start().await?;
    let request = Request::post("/v1/acc1/gw1/anthropic/v1/messages")
        .header("x-api-key", "sk-client")
        .header("authorization", "Bearer tok-run")
        .header("x-strange", "tok-run")
        .json(&chat_body());
    assert_eq!(rig.weir.send(&request).await?.status, 200);
    let call = &rig.upstream.calls()[0];
    assert_eq!((call.header("x-api-key"), call.header("authorization")), (Some("sk-client"), None));
    assert!(!call.mentions(TOKEN), "{call:#?}");
    Ok(())
}

#[tokio::test]
async fn a_token_in_the_query_does_not_travel() -> Result<()> {
    let rig = Rig::start().await?;
    for query in ["key=tok-run", "key=tok-run&alt=sse", "alt=sse&key=tok-run", "a=1&key=tok-run&b"]
    {
        let path = format!("/v1/acc1/gw1/google-ai-studio/v1beta/models/m:generateContent?{query}");
        let request = Request::post(&path).header("cf-aig-authorization", "Bearer tok-run");
        assert_eq!(rig.weir.send(&request.json(&chat_body())).await?.status, 200);
        let call = rig.upstream.calls().pop();
        assert!(call.as_ref().is_some_and(|call| !call.mentions(TOKEN)), "{query}: {call:#?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_token_in_the_query_of_a_unified_endpoint_or_a_step_does_not_travel() -> Result<()> {
    let rig = Rig::start().await?;
    let contents = json!({"contents": [{"role": "user", "parts": [{"text": "hi"}]}]});
    let gemini = "v1beta/models/google-ai-studio%2Fm:generateContent?alt=json&x=tok-run";
    let step = json!([{"provider": "openai", "endpoint": "chat/completions?x=tok-run&y=1",
        "headers": {"x-strange": "tok-run"}, "query": chat_body()}]);
    for (path, body) in
        [(format!("/v1/acc1/gw1/compat/{gemini}"), contents), ("/v1/acc1/gw1".to_owned(), step)]
    {
        let request = Request::post(&path).header("cf-aig-authorization", "Bearer tok-run");
        let response = rig.weir.send(&request.json(&body)).await?;
        let call = rig.upstream.calls().pop();
        let clean = call.as_ref().is_some_and(|call| !call.mentions(TOKEN));
        assert!(clean, "{path}: {} {call:#?}", response.text());
    }
    assert_eq!(rig.upstream.calls().len(), 2);
    Ok(())
}

#[tokio::test]
async fn neither_token_nor_key_is_written_to_the_log_or_to_disk() -> Result<()> {
    let mut rig = Rig::start().await?;
    let path = "/v1/acc1/gw1/google-ai-studio/v1beta/models/m:generateContent?key=sk-client";
    let request = Request::post(path).header("authorization", "Bearer tok-run");
    assert_eq!(rig.weir.send(&request.json(&chat_body())).await?.status, 200);
    rig.chat().await?;
    for row in rig.weir.wait_for_rows(2).await? {
        let text = row.to_string();
        assert!(!text.contains(TOKEN) && !text.contains("sk-client"), "{text}");
    }
    rig.weir.stop().await?;
    for (name, bytes) in rig.weir.files()? {
        let holds =
            |secret: &str| bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
        assert!(!holds(TOKEN) && !holds("sk-client"), "{name} holds a secret");
    }
    Ok(())
}
