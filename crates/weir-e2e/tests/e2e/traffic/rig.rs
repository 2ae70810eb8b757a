//! What the tests of traffic control start from: a gateway with settings, prices that are easy to
//! reckon with, and a clock that the test moves.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use weir_e2e::http::{Request, Response};
use weir_e2e::upstream::{Answer, Call, Upstream};
use weir_e2e::weir::{Config, Weir, full_hour};

use crate::rig::Rig;

/// Starts with gateway `gw1` of these settings, at a full hour.
pub(crate) async fn start(settings: &Value) -> Result<Rig> {
    start_with(settings, |config| config).await
}

/// The same, with changes of the configuration.
pub(crate) async fn start_with(
    settings: &Value,
    change: impl FnOnce(Config) -> Config,
) -> Result<Rig> {
    let upstream = Upstream::start().await?;
    let prices = json!({
        "openai/gpt-4o-mini": {"in": 0.001, "out": 0.002},
        "groq/small": {"in": 0.01, "out": 0.02},
        "mistral/embed": {"in": 0.0001, "out": 0.0},
    });
    let config = Config::bare().gateway("gw1", settings).providers(&upstream);
    let weir = Weir::start(&change(config.prices(&prices).test_clock())).await?;
    weir.set_clock(full_hour()?)?;
    Ok(Rig { weir, upstream })
}

/// Moves the clock on.
pub(crate) fn advance(rig: &Rig, seconds: u64) -> Result<()> {
    rig.weir.advance(Duration::from_secs(seconds))
}

/// Changes settings of gateway `gw1`; with none it is saved as it is.
pub(crate) async fn change(rig: &Rig, settings: &Value) -> Result<()> {
    let mut gateway = rig.weir.result("GET", "/gateways/gw1", None).await?;
    for (name, value) in settings.as_object().into_iter().flatten() {
        gateway[name] = value.clone();
    }
    rig.weir.result("PUT", "/gateways/gw1", Some(&gateway)).await?;
    Ok(())
}

/// A chat body whose question is this.
pub(crate) fn asking(question: &str) -> Value {
    json!({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": question}]})
}

/// A chat at OpenAI's own path.
pub(crate) fn ask(question: &str) -> Request {
    Request::call("openai/chat/completions", &asking(question))
}

/// What OpenAI says, with 10 tokens in and 5 out.
pub(crate) fn completion(text: &str) -> Value {
    json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-4o-mini",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text},
            "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}})
}

/// The same as a stream.
pub(crate) fn streamed(text: &str) -> Answer {
    let chunk = |delta: Value, finish: Value| {
        json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1,
            "model": "gpt-4o-mini",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})
    };
    let usage = json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1,
        "model": "gpt-4o-mini", "choices": [],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}});
    let events = [
        chunk(json!({"role": "assistant", "content": text}), Value::Null),
        chunk(json!({}), json!("stop")),
        usage,
    ]
    .map(|event| event.to_string());
    Answer::sse(&[&events[0], &events[1], &events[2], "[DONE]"])
}

/// Good answers that can be told apart: `answer 0`, `answer 1`, ...
pub(crate) fn numbered(count: usize) -> Vec<Answer> {
    (0..count).map(|number| Answer::json(200, &completion(&format!("answer {number}")))).collect()
}

/// Sends, and gives the status and what the answer says of the cache.
pub(crate) async fn tell(rig: &Rig, request: &Request) -> Result<(u16, String)> {
    let answer = rig.weir.send(request).await?;
    Ok((answer.status, cache_status(&answer).to_owned()))
}

/// Fails unless each request in turn is answered with 200 and this cache status.
pub(crate) async fn expect(rig: &Rig, steps: &[(&str, &Request, &str)]) -> Result<()> {
    for (what, request, status) in steps {
        let told = tell(rig, request).await?;
        ensure!(told == (200, (*status).to_owned()), "{what}: {told:?} instead of {status}");
    }
    Ok(())
}

/// `HIT`, `MISS`, or nothing.
pub(crate) fn cache_status(answer: &Response) -> &str {
    answer.header("cf-aig-cache-status").unwrap_or_default()
}

/// Status and our own error number.
pub(crate) fn code(answer: &Response) -> (u16, Option<u64>) {
    (answer.status, answer.code())
}

/// Who was called, in order.
pub(crate) fn called(rig: &Rig) -> Vec<String> {
    rig.upstream.calls().into_iter().map(|call| call.provider).collect()
}

/// The time between each call and the one before.
pub(crate) fn gaps(calls: &[Call]) -> Vec<Duration> {
    calls.windows(2).map(|two| two[1].arrived.duration_since(two[0].arrived)).collect()
}

/// Waits for so many rows of gateway `gw1`, and fails if there are more. In the order of steps and
/// tries.
pub(crate) async fn rows(rig: &Rig, count: usize) -> Result<Vec<Value>> {
    let mut rows = rig.weir.wait_for_rows(count).await?;
    ensure!(rows.len() == count, "{} rows instead of {count}: {rows:#?}", rows.len());
    rows.sort_by_key(|row| (row["step"].as_u64(), row["attempt_index"].as_u64()));
    Ok(rows)
}

/// Fails unless a row has these values.
pub(crate) fn assert_row(row: &Value, expected: &Value) {
    for (key, expected) in expected.as_object().into_iter().flatten() {
        let same = match (row[key].as_f64(), expected.as_f64()) {
            (Some(got), Some(expected)) => (got - expected).abs() < 1e-9,
            _ => row[key] == *expected,
        };
        assert!(same, "{key} is not {expected} in {row:#}");
    }
}
