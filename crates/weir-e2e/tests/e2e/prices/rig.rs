//! Prices that are easy to reckon with: of the table, of the account, of gateways.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use weir_e2e::http::Request;
use weir_e2e::upstream::Answer;

use crate::rig::Rig;

/// Starts with gateways `gw1` and `gw2`; a token of `openai/listed` costs a tenth of a cent in and two
/// tenths out.
pub(crate) async fn start() -> Result<Rig> {
    let prices = json!({
        "openai/listed": {"in": 0.001, "out": 0.002},
        "openrouter/listed": {"in": 0.001, "out": 0.002},
    });
    Rig::start_with(|config| config.prices(&prices).gateway("gw2", &json!({}))).await
}

/// A chat with a model at OpenAI's own path.
pub(crate) fn chat(model: &str) -> Request {
    Request::call("openai/chat/completions", &asking(model))
}

/// The body of a chat.
pub(crate) fn asking(model: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": "hi"}]})
}

/// An answer of 1000 tokens in, of which 400 were read from the cache, and 500 out.
pub(crate) fn answer() -> Answer {
    Answer::json(200, &completion())
}

/// The body of that answer.
pub(crate) fn completion() -> Value {
    json!({"id": "c", "object": "chat.completion", "created": 1, "model": "answered",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "a"},
            "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500,
            "prompt_tokens_details": {"cached_tokens": 400}}})
}

/// Sets a price, in dollars for a million tokens.
pub(crate) async fn set(rig: &Rig, path: &str, model: &str, rates: Value) -> Result<()> {
    let row = json!({"provider": "openai", "model": model, "per_million_tokens": rates});
    rig.weir.result("PUT", path, Some(&json!({"models": [row]}))).await?;
    Ok(())
}

/// The newest row of `gw1` with everything, when there are so many.
pub(crate) async fn newest(rig: &Rig, count: usize) -> Result<Value> {
    let rows = rig.weir.wait_for_rows(count).await?;
    let newest = rows.iter().max_by_key(|row| row["id"].as_str().map(str::to_owned));
    let id = newest.context("a row")?["id"].as_str().context("its id")?;
    rig.weir.row("gw1", id).await
}

/// What the lines of a cost add up to, in dollars.
pub(crate) fn sum(row: &Value) -> f64 {
    let lines = row["cost_breakdown"].as_array().into_iter().flatten();
    lines.filter_map(|line| line["cost"].as_str()?.parse::<f64>().ok()).sum()
}

/// What analytics tell of all calls of the account: cost and calls without one.
pub(crate) async fn unpriced(rig: &Rig) -> Result<Vec<Value>> {
    let rows = rig.weir.result("GET", "/pricing/unknown", None).await?;
    Ok(rows.as_array().cloned().unwrap_or_default())
}
