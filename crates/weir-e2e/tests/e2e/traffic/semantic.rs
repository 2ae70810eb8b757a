//! Like questions, like answers: vectors are scripted, so how alike two questions are is known.

mod beside;
mod failures;
mod hits;
mod keys;
mod scope;
mod time;

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::upstream::{Answer, Call};

use crate::rig::Rig;
use crate::traffic::rig::start;

/// A gateway that takes questions up to about 25 degrees apart for alike.
pub(super) fn settings() -> Value {
    json!({"cache_ttl": 300,
        "cache_semantic": {"provider": "mistral", "model": "embed", "threshold": 0.9}})
}

/// What Mistral says to a question: a vector at this angle, for 10 tokens.
pub(super) fn vector(degrees: f64) -> Answer {
    let radians = degrees.to_radians();
    Answer::json(
        200,
        &json!({"object": "list", "model": "embed",
            "data": [{"object": "embedding", "index": 0,
                "embedding": [radians.cos(), radians.sin(), 0.0]}],
            "usage": {"prompt_tokens": 10, "total_tokens": 10}}),
    )
}

/// Starts with vectors at these angles, one for each question that is not yet known.
pub(super) async fn start_at(settings: &Value, degrees: &[f64]) -> Result<Rig> {
    let rig = start(settings).await?;
    rig.upstream.script("mistral", degrees.iter().copied().map(vector).collect::<Vec<_>>());
    Ok(rig)
}

/// The calls of a provider.
pub(super) fn calls_of(rig: &Rig, provider: &str) -> Vec<Call> {
    rig.upstream.calls().into_iter().filter(|call| call.provider == provider).collect()
}

/// What is told about the call of a row.
pub(super) async fn explained(rig: &Rig, id: &str) -> Result<Value> {
    rig.weir.wait_for_row("gw1", id).await?;
    rig.weir.result("GET", &format!("/gateways/gw1/logs/{id}/explain"), None).await
}
