//! One row for each outcome.

use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use weir_e2e::http::Request;
use weir_e2e::upstream::{Answer, Ending};
use weir_e2e::{catalogue, ports};

use crate::rig::{Rig, chat, chat_body, chat_stream};

/// Compares some keys of a row.
fn assert_row(row: &Value, expected: &Value) {
    for (key, expected) in expected.as_object().into_iter().flatten() {
        assert_eq!(&row[key], expected, "{key} of {row:#}");
    }
}

#[tokio::test]
async fn a_good_answer_has_a_full_row_and_both_bodies() -> Result<()> {
    let prices = json!({"openai/gpt-4o-mini": {"in": 0.001, "out": 0.01}});
    let rig = Rig::start_with(|config| config.prices(&prices)).await?;
    let answer = json!({"model": "gpt-4o-mini-2024", "choices": [],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}});
    rig.upstream.script("openai", [Answer::json(200, &answer)]);
    let request = chat().header("user-agent", "ua/1").header("cf-aig-event-id", "my-event");
    let response = rig.weir.send(&request).await?;
    let row = rig.weir.only_row().await?;
    let id = row["id"].as_str().context("id")?;
    assert_eq!(response.header("cf-aig-log-id"), Some(id));
    assert_row(
        &row,
        &json!({"provider": "openai", "model": "gpt-4o-mini", "model_type": "text-generation",
            "path": "chat/completions", "status_code": 200, "success": true, "cached": false,
            "tokens_in": 10, "tokens_out": 5, "cost": 0.06, "custom_cost": false, "step": 0,
            "event_id": "my-event", "user_agent": "ua/1", "authentication": true,
            "request_content_type": "application/json",
            "response_content_type": "application/json",
            "request_size": chat_body().to_string().len(), "response_size": response.body.len(),
            "request_head": chat_body().to_string(), "request_head_complete": true,
            "response_head": answer.to_string(), "response_head_complete": true}),
    );
    let body = rig.weir.body("gw1", id, "request").await?;
    assert_eq!(body, Some(chat_body().to_string().into_bytes()));
    assert_eq!(rig.weir.body("gw1", id, "response").await?, Some(response.body));
    Ok(())
}

#[tokio::test]
async fn a_providers_error_costs_nothing_and_is_no_success() -> Result<()> {
    let rig = Rig::start().await?;
    let body = json!({"error": {"message": "slow down", "type": "rate_limit_error"}});
    rig.upstream.script("openai", [Answer::json(429, &body)]);
    assert_eq!(rig.chat().await?.status, 429);
    let row = rig.weir.only_row().await?;
    assert_row(&row, &json!({"status_code": 429, "upstream_status_code": 429, "success": false}));
    assert_eq!(row["cost"].as_f64(), Some(0.0), "{row:#}");
    Ok(())
}

#[tokio::test]
async fn a_whole_stream_has_its_usage() -> Result<()> {
    let rig = Rig::start().await?;
    let events = [
        r#"{"model":"m","choices":[{"delta":{"content":"pong"},"finish_reason":null}]}"#,
        r#"{"model":"m","choices":[{"delta":{},"finish_reason":"stop"}]}"#,
        r#"{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}"#,
        "[DONE]",
    ];
    rig.upstream.script("openai", [Answer::sse(&events)]);
    rig.weir.send(&chat_stream()).await?;
    let row = rig.weir.only_row().await?;
    assert_row(
        &row,
        &json!({"success": true, "tokens_in": 7, "tokens_out": 3, "finish_reason": "stop",
            "stream": true, "response_content_type": "text/event-stream"}),
    );
    Ok(())
}

#[tokio::test]
async fn a_stream_that_stops_short_is_no_success() -> Result<()> {
    let event = r#"{"model":"m","choices":[{"delta":{"content":"po"}}]}"#;
    let cut = || Answer::sse(&[event]).without_end().end_delay(Duration::from_millis(50));
    let answers = [
        ("ended without its last event", Answer::sse(&[event]), true),
        ("closed amid the body", cut().ending(Ending::Close), false),
        ("reset amid the body", cut().ending(Ending::Reset), false),
    ];
    for (how, answer, complete) in answers {
        let rig = Rig::start().await?;
        rig.upstream.script("openai", [answer]);
        let response = rig.weir.send(&chat_stream()).await?;
        assert_eq!((response.status, response.complete), (200, complete), "{how}");
        assert_eq!(response.text(), format!("data: {event}\n\n"), "{how}");
        let row = rig.weir.only_row().await?;
        assert_row(&row, &json!({"status_code": 200, "success": false}));
        assert_eq!(row["error"]["code"], "stream_truncated", "{how}: {row:#}");
    }
    Ok(())
}

#[tokio::test]
async fn a_provider_that_cannot_be_reached_leaves_a_row() -> Result<()> {
    let dead = catalogue::origin("openai", &format!("http://{}", ports::free()?));
    let rig = Rig::start_with(|config| config.origin("openai", &dead)).await?;
    let response = rig.chat().await?;
    assert_eq!((response.status, response.code()), (502, Some(2005)));
    let row = rig.weir.only_row().await?;
    assert_row(
        &row,
        &json!({"status_code": 502, "upstream_status_code": null, "success": false,
            "tokens_in": null, "provider": "openai", "model": "gpt-4o-mini"}),
    );
    assert_eq!(row["error"]["code"], "upstream_failed", "{row:#}");
    Ok(())
}

#[tokio::test]
async fn a_provider_that_hangs_up_leaves_a_row() -> Result<()> {
    let rig = Rig::start().await?;
    rig.upstream.script("openai", [Answer::refused()]);
    assert_eq!(rig.chat().await?.status, 502);
    let row = rig.weir.only_row().await?;
    assert_row(&row, &json!({"status_code": 502, "success": false}));
    assert_eq!(row["error"]["code"], "upstream_failed", "{row:#}");
    Ok(())
}

#[tokio::test]
async fn a_provider_that_is_too_slow_leaves_a_row() -> Result<()> {
    let rig = Rig::start().await?;
    rig.upstream.script("openai", [Answer::silence()]);
    let response = rig.weir.send(&chat().header("cf-aig-request-timeout", "200")).await?;
    assert_eq!((response.status, response.code()), (504, Some(2902)));
    assert!(response.elapsed() < Duration::from_secs(2), "{:?}", response.elapsed());
    let row = rig.weir.only_row().await?;
    assert_row(&row, &json!({"status_code": 504, "success": false}));
    assert_eq!(row["error"]["code"], "timeout", "{row:#}");
    assert!(row["duration"].as_u64().is_some_and(|took| (200..2000).contains(&took)), "{row:#}");
    Ok(())
}

#[tokio::test]
async fn a_provider_that_falls_silent_amid_an_answer_is_given_up() -> Result<()> {
    let limit =
        |config: weir_e2e::weir::Config| config.set(&["limits", "idle_timeout_ms"], json!(300));
    let rig = Rig::start_with(limit).await?;
    let stalls = Answer::sse(&["{\"a\":1}"]).without_end().ending(Ending::Stall);
    rig.upstream.script("openai", [stalls]);
    let response = rig.weir.send(&chat_stream()).await?;
    assert_eq!((response.status, response.complete), (200, false));
    let row = rig.weir.only_row().await?;
    assert_eq!((&row["success"], &row["error"]["code"]), (&json!(false), &json!("idle_timeout")));
    rig.upstream.wait_for(|calls| calls[0].left.is_some()).await?;
    Ok(())
}

#[tokio::test]
async fn an_error_inside_a_stream_is_no_success() -> Result<()> {
    let rig = Rig::start().await?;
    let event = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\
        \"message\":\"Overloaded\"}}\n\n";
    rig.upstream.script("anthropic", [Answer::chunked("text/event-stream", [event.into()])]);
    let request = Request::call("anthropic/v1/messages", &json!({"model": "m", "stream": true}));
    assert_eq!(rig.weir.send(&request).await?.status, 200);
    let row = rig.weir.only_row().await?;
    assert_row(&row, &json!({"status_code": 200, "success": false}));
    assert_eq!(row["error"]["code"], "overloaded_error", "{row:#}");
    Ok(())
}

#[tokio::test]
async fn refusals_before_the_body_leave_no_row() -> Result<()> {
    let rig = Rig::start().await?;
    let anonymous = Request::post("/v1/acc1/gw1/openai/chat/completions").json(&chat_body());
    assert_eq!(rig.weir.send(&anonymous).await?.status, 401);
    assert_eq!(rig.weir.send(&Request::call("opnai/x", &chat_body())).await?.status, 400);
    rig.chat().await?;
    rig.weir.only_row().await?;
    Ok(())
}
