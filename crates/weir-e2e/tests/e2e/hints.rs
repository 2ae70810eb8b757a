//! The classic mistakes are told apart, and the answer says what to do about each.

use anyhow::Result;
use serde_json::json;
use weir_e2e::http::{Request, Response};
use weir_e2e::upstream::Answer;

use crate::rig::{Rig, chat_body};

/// A refusal of ours: status, code, and a hint that is in the body and in a header.
fn assert_refusal(response: &Response, status: u16, code: u64, hint: &str) -> Result<()> {
    let body = response.json()?;
    assert_eq!((response.status, response.code()), (status, Some(code)), "{body}");
    assert_eq!(body["success"], false);
    assert_eq!(body["error"][0]["code"], code);
    assert_eq!(body["message"], body["error"][0]["message"]);
    let description = body["description"].as_str().unwrap_or_default();
    assert!(description.contains(hint), "{description:?} does not say {hint:?}");
    let header = response.header("weir-hint").unwrap_or_default();
    assert!(description.contains(header) && header.contains(hint), "weir-hint is {header:?}");
    assert!(response.header("cf-aig-request-id").is_some(), "an error without a request id");
    Ok(())
}

async fn post(rig: &Rig, path: &str, headers: &[(&str, &str)]) -> Result<Response> {
    let request = headers
        .iter()
        .fold(Request::post(path), |request, (name, value)| request.header(name, value));
    rig.weir.send(&request.json(&chat_body())).await
}

#[tokio::test]
async fn a_refused_caller_learns_which_mistake_it_was() -> Result<()> {
    let rig = Rig::start().await?;
    let cases: [(&[(&str, &str)], &str); 5] = [
        (&[], "cf-aig-authorization"),
        (&[("authorization", "Bearer sk-client")], "provider key arrived"),
        (&[("cf-aig-authorization", "Bearer undefined")], "placeholder"),
        (&[("cf-aig-authorization", "Bearer tok-nobody")], "not known"),
        (&[("cf-aig-authorization", "Bearer")], "token"),
    ];
    for (headers, hint) in cases {
        let response = post(&rig, "/v1/acc1/gw1/openai/chat/completions", headers).await?;
        assert_refusal(&response, 401, 2009, hint)?;
    }
    let other = post(&rig, "/v1/acc2/gw1/openai/chat/completions", &[TOKEN]).await?;
    assert!(matches!(other.status, 400 | 401), "{}", other.text());
    assert_eq!(rig.upstream.calls().len(), 0);
    Ok(())
}

const TOKEN: (&str, &str) = ("cf-aig-authorization", "Bearer tok-run");

#[tokio::test]
async fn a_wrong_name_gets_the_nearest_right_one() -> Result<()> {
    let upstream = weir_e2e::upstream::Upstream::start().await?;
    let custom = json!({"slug": "neon", "base_url": "https://h.example", "enable": true});
    let rig = Rig::start_with(|config| config.custom_provider(&custom, &upstream)).await?;
    let cases = [
        ("/v1/acc1/gw1/opnai/chat/completions", 400, 2008, "'openai'"),
        ("/v1/acc1/gw1/neon/v1/x", 400, 2008, "'custom-neon'"),
        ("/v1/acc1/gw1/custom-nein/v1/x", 400, 2008, "'custom-neon'"),
        ("/v1/acc1/gw1/chat/completions", 400, 2008, "names no provider"),
        ("/v1/acc1/gw2/openai/chat/completions", 400, 2001, "'gw1'"),
    ];
    for (path, status, code, hint) in cases {
        assert_refusal(&post(&rig, path, &[TOKEN]).await?, status, code, hint)?;
    }
    Ok(())
}

#[tokio::test]
async fn a_providers_error_is_untouched_and_explained_beside_it() -> Result<()> {
    let rig = Rig::start().await?;
    let body = json!({"error": {"message": "no key", "type": "invalid_request_error"}});
    rig.upstream.script("openai", [Answer::json(401, &body)]);
    let response = post(&rig, "/v1/acc1/gw1/openai/chat/completions", &[TOKEN]).await?;
    assert_eq!((response.status, response.json()?), (401, body.clone()));
    let hint = response.header("weir-hint").unwrap_or_default();
    assert!(hint.contains("no key for openai"), "{hint:?}");
    // A key that the provider refuses needs no advice of ours.
    let response = rig.chat().await?;
    assert_eq!((response.json()?, response.header("weir-hint")), (body, None));
    rig.upstream.script("anthropic", [Answer::json(404, &json!({"type": "error"}))]);
    let path = "/v1/acc1/gw1/anthropic/v1/v1/messages";
    let response = post(&rig, path, &[TOKEN, ("x-api-key", "sk-client")]).await?;
    assert!(response.header("weir-hint").is_some_and(|hint| hint.contains("remove it")));
    Ok(())
}

#[tokio::test]
async fn hints_quote_what_was_sent_without_harm() -> Result<()> {
    let rig = Rig::start().await?;
    let response = post(&rig, "/v1/acc1/gw1/op%0d%0ax-evil:%201/x", &[TOKEN]).await?;
    assert_eq!((response.status, response.header("x-evil")), (400, None));
    let response = post(&rig, &format!("/v1/acc1/gw1/{}/x", "o".repeat(5000)), &[TOKEN]).await?;
    assert_eq!(response.status, 400);
    assert!(response.header("weir-hint").unwrap_or_default().len() < 1000);
    Ok(())
}
