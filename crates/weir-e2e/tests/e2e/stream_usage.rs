//! Streams of providers that tell their usage only when asked are asked, unseen by the client.

use anyhow::Result;
use serde_json::json;
use weir_e2e::http::Request;
use weir_e2e::upstream::Answer;

use crate::rig::{Rig, chat_body, chat_stream};

const EVENTS: [&str; 3] = [
    r#"{"choices":[{"delta":{"content":"hi"},"finish_reason":"stop"}],"usage":null}"#,
    r#"{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}"#,
    "[DONE]",
];

#[tokio::test]
async fn the_question_goes_up_and_its_answer_stays_here() -> Result<()> {
    let rig = Rig::start().await?;
    rig.upstream.script("openai", [Answer::sse(&EVENTS)]);
    let request = chat_stream();
    let response = rig.weir.send(&request).await?;
    assert_eq!(response.text(), format!("data: {}\n\ndata: [DONE]\n\n", EVENTS[0]));
    let sent = String::from_utf8(rig.upstream.calls()[0].body.clone())?;
    assert!(sent.ends_with(r#","stream_options":{"include_usage":true}}"#), "{sent}");
    let row = rig.weir.only_row().await?;
    assert_eq!((&row["tokens_in"], &row["tokens_out"]), (&json!(7), &json!(3)));
    assert!(row["cost"].is_number(), "{row:#}");
    let id = row["id"].as_str().unwrap_or_default();
    let logged = rig.weir.body("gw1", id, "request").await?;
    let own = logged.is_some_and(|body| !String::from_utf8_lossy(&body).contains("stream_options"));
    assert!(own, "the log keeps what the client sent");
    Ok(())
}

#[tokio::test]
async fn a_client_that_asks_itself_gets_every_byte() -> Result<()> {
    let rig = Rig::start().await?;
    rig.upstream.script("openai", [Answer::sse(&EVENTS)]);
    let mut body = chat_body();
    body["stream"] = json!(true);
    body["stream_options"] = json!({"include_usage": true});
    let response = rig.weir.send(&Request::call("openai/chat/completions", &body)).await?;
    let all: String = EVENTS.iter().map(|data| format!("data: {data}\n\n")).collect();
    assert_eq!(response.text(), all);
    assert_eq!(rig.upstream.calls()[0].json(), body);
    Ok(())
}

#[tokio::test]
async fn a_gateway_can_forbid_it_and_other_providers_are_never_asked() -> Result<()> {
    let off = json!([{"id": "gw1", "inject_stream_usage": false}]);
    let rig = Rig::start_with(|config| config.set(&["bootstrap", "gateways"], off)).await?;
    rig.upstream.script("openai", [Answer::sse(&EVENTS)]);
    rig.weir.send(&chat_stream()).await?;
    let mut body = chat_body();
    body["stream"] = json!(true);
    rig.weir.send(&Request::call("mistral/v1/chat/completions", &body)).await?;
    for call in rig.upstream.calls() {
        assert_eq!(call.json(), body, "{}", call.provider);
    }
    Ok(())
}
