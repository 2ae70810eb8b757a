//! Scripts as the vectors write them (spec: data-plane 16, `given.upstream`).

use std::fmt;
use std::time::Duration;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use serde_json::Value;

use super::answer::{Answer, Body};

/// A key of a script that nobody here understands.
#[derive(Debug)]
pub struct UnknownKey(pub String);

impl fmt::Display for UnknownKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown key {:?} in a scripted answer", self.0)
    }
}

impl std::error::Error for UnknownKey {}

/// An answer from `{status, headers?, body?, body_size_bytes?, sse?, delay_ms?, first_delay_ms?,
/// chunk_delay_ms?, connect_error?}`.
///
/// # Errors
/// [`UnknownKey`], or a value of the wrong kind.
pub fn answer_from_json(script: &Value) -> Result<Answer> {
    let script = script.as_object().context("a scripted answer is an object")?;
    let mut answer = Answer::new(200);
    for (key, value) in script {
        match key.as_str() {
            "status" => answer.status = u16::try_from(number(key, value)?)?,
            "headers" => {
                for (name, value) in value.as_object().context("headers")? {
                    answer = answer.header(name, value.as_str().context("header value")?);
                }
            }
            "body" => answer = with_body(answer, value),
            "body_size_bytes" => answer = with_type(answer, Body::Filled(number(key, value)?)),
            "sse" => answer = with_events(answer, value.as_array().context("sse")?),
            "delay_ms" => answer.delay = Duration::from_millis(number(key, value)?),
            "first_delay_ms" => answer.first_delay = Duration::from_millis(number(key, value)?),
            "chunk_delay_ms" => answer.chunk_delay = Duration::from_millis(number(key, value)?),
            "connect_error" if value == &Value::Bool(true) => return Ok(Answer::refused()),
            "connect_error" => {}
            _ => return Err(UnknownKey(key.clone()).into()),
        }
    }
    Ok(answer)
}

fn number(key: &str, value: &Value) -> Result<u64> {
    value.as_u64().with_context(|| format!("{key} is {value}, not a whole number"))
}

fn with_body(answer: Answer, body: &Value) -> Answer {
    let bytes = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
    with_type(answer, Body::Whole(bytes.into()))
}

fn with_events(answer: Answer, events: &[Value]) -> Answer {
    let event = |data: &Value| {
        let data = data.as_str().map_or_else(|| data.to_string(), str::to_owned);
        Bytes::from(format!("data: {data}\n\n"))
    };
    let pieces = events.iter().map(event).collect();
    with_type(answer, Body::Chunked { pieces, ended: true })
}

/// Sets the body, and the content type that goes with it unless the script says one.
fn with_type(mut answer: Answer, body: Body) -> Answer {
    let kind =
        if matches!(body, Body::Chunked { .. }) { "text/event-stream" } else { "application/json" };
    let said = answer.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if !said {
        answer = answer.header("content-type", kind);
    }
    answer.body = body;
    answer
}
