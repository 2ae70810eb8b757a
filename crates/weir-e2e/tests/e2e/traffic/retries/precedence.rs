//! Who decides about tries: the step, then the headers, then the gateway.

use anyhow::Result;
use serde_json::json;
use weir_e2e::http::Request;
use weir_e2e::upstream::Answer;

use crate::rig::{chat, chat_body};
use crate::traffic::rig::{called, start};

#[tokio::test]
async fn headers_go_before_the_gateway_and_stay_in_range() -> Result<()> {
    let rig = start(&json!({"retry_max_attempts": 3, "retry_delay": 1})).await?;
    rig.upstream.script("openai", [Answer::new(500)]);
    for (value, tries) in
        [(None, 3), (Some("2"), 2), (Some("1"), 1), (Some("0"), 1), (Some("99"), 5), (Some("x"), 3)]
    {
        let request =
            value.into_iter().fold(chat(), |it, value| it.header("cf-aig-max-attempts", value));
        let before = called(&rig).len();
        assert_eq!(rig.weir.send(&request).await?.status, 500);
        assert_eq!(called(&rig).len() - before, tries, "{value:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_step_goes_before_the_request() -> Result<()> {
    let rig = start(&json!({"retry_max_attempts": 5, "retry_delay": 1})).await?;
    rig.upstream.script("openai", [Answer::new(500)]);
    let step = |more: serde_json::Value| {
        let mut step = json!({"provider": "openai", "endpoint": "chat/completions",
            "headers": {"authorization": "Bearer sk"}, "query": chat_body()});
        for (key, value) in more.as_object().into_iter().flatten() {
            step[key] = value.clone();
        }
        step
    };
    let headers = json!({"authorization": "Bearer sk", "cf-aig-max-attempts": "2"});
    for (what, more, tries) in [
        ("the request's header", json!({}), 4),
        ("the step's header", json!({"headers": headers}), 2),
        ("the step's config", json!({"headers": headers, "config": {"maxAttempts": 3}}), 3),
        ("config as text", json!({"config": {"maxAttempts": "1"}}), 1),
    ] {
        let request = Request::post("/v1/acc1/gw1")
            .header("cf-aig-authorization", "Bearer tok-run")
            .header("cf-aig-max-attempts", "4")
            .json(&json!([step(more)]));
        let before = called(&rig).len();
        assert_eq!(rig.weir.send(&request).await?.status, 500, "{what}");
        assert_eq!(called(&rig).len() - before, tries, "{what}");
    }
    Ok(())
}

#[tokio::test]
async fn the_words_of_tries_do_not_reach_the_provider() -> Result<()> {
    let rig = start(&json!({})).await?;
    let words = ["cf-aig-max-attempts", "cf-aig-retry-delay", "cf-aig-backoff"];
    let request = words.iter().fold(chat(), |request, name| request.header(name, "1"));
    rig.weir.send(&request).await?;
    for name in words {
        assert_eq!(rig.upstream.calls()[0].header(name), None);
    }
    Ok(())
}
