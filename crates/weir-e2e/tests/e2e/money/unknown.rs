//! Strict limits and calls of which nobody knows what they may cost.

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::Request;
use weir_e2e::upstream::Answer;

use super::rig::{settled, start, strict};
use crate::traffic::rig::{called, completion};

fn with(extra: &Value) -> Request {
    let mut body = json!({"model": "gpt-4o-mini", "max_tokens": 5,
        "messages": [{"role": "user", "content": "hi"}]});
    let fields = extra.as_object().cloned().unwrap_or_default();
    body.as_object_mut().into_iter().for_each(|it| it.extend(fields.clone()));
    Request::call("openai/chat/completions", &body)
}

/// What has no bound here: a model without a price, tools of the provider, a picture, an answer of
/// any length.
fn unbounded() -> [Value; 4] {
    let picture =
        json!([{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]);
    [
        json!({"model": "nobody-knows"}),
        json!({"tools": [{"type": "web_search"}]}),
        json!({"model": "unlisted-twin", "messages": [{"role": "user", "content": picture}]}),
        json!({"model": "unlisted-twin", "max_tokens": null}),
    ]
}

#[tokio::test]
async fn they_are_refused_with_the_setting_named() -> Result<()> {
    let rig = start(&strict(&[json!({"id": "r1", "limit": 100.0})])).await?;
    for extra in unbounded() {
        let refused = settled(&rig, &with(&extra)).await?;
        assert_eq!((refused.status, refused.code()), (429, Some(2045)), "{extra}");
        let hint = refused.header("weir-hint").unwrap_or_default();
        assert!(hint.contains("spend_ceiling"), "{extra}: {hint}");
    }
    assert!(called(&rig).is_empty());
    assert_eq!(settled(&rig, &with(&json!({}))).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_ceiling_is_set_apart_and_stays_where_nobody_learns_more() -> Result<()> {
    let mut settings = strict(&[json!({"id": "r1", "limit": 2.5})]);
    settings["spend_ceiling"] = json!(1.0);
    let rig = start(&settings).await?;
    rig.upstream.script("openai", [Answer::json(200, &completion("pong"))]);
    let unknown = with(&json!({"model": "nobody-knows"}));
    // Answered under a name whose price is known: what it cost takes the ceiling's place.
    assert_eq!(settled(&rig, &unknown).await?.status, 200);
    let mut unpriced = completion("pong");
    unpriced["model"] = json!("nobody-knows");
    rig.upstream.script("openai", [Answer::json(200, &unpriced)]);
    assert_eq!(settled(&rig, &unknown).await?.status, 200);
    assert_eq!(settled(&rig, &unknown).await?.status, 200);
    assert_eq!(settled(&rig, &unknown).await?.status, 429);
    Ok(())
}
