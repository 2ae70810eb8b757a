//! Steps, and requests of them.

use serde_json::{Value, json};
use weir_e2e::http::Request;

use crate::traffic::rig::asking;

/// A chat at a provider, with a key.
pub(crate) fn step(provider: &str) -> Value {
    json!({"provider": provider, "endpoint": "chat/completions",
        "headers": {"authorization": "Bearer sk-step"}, "query": asking("a")})
}

/// The same with a member more, or another one.
pub(crate) fn step_with(provider: &str, member: &str, value: Value) -> Value {
    let mut step = step(provider);
    step[member] = value;
    step
}

/// A request of these steps.
pub(crate) fn request(steps: &[Value]) -> Request {
    Request::post("/v1/acc1/gw1")
        .header("cf-aig-authorization", "Bearer tok-run")
        .json(&json!(steps))
}
