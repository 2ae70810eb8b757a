//! Sending the requests of a vector.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::request;
use super::world::World;
use crate::http::Response;
use crate::upstream::Call;

/// What was seen while one request item ran.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The answers: several when the item repeats.
    pub(super) responses: Vec<Response>,
    /// Calls that providers saw meanwhile.
    pub(super) calls: Vec<Call>,
}

/// Runs one item; `None` when it is not a request but a change of the world.
pub(super) async fn item(world: &mut World, item: &Value) -> Result<Option<Seen>> {
    if let Some(config) = item.get("config") {
        world.change(config).await?;
        return Ok(None);
    }
    if world.advance(item)? {
        return Ok(None);
    }
    if item.get("ws").is_some() {
        bail!("the runner does not speak WebSocket");
    }
    let times = item.get("repeat").and_then(Value::as_u64).unwrap_or(1);
    let inner = match item.get("repeat") {
        Some(_) => item.get("request").context("repeat without request")?,
        None => item,
    };
    let request = request::build(inner, &|name| world.token(name))?;
    let before = world.calls().len();
    let mut seen = Seen::default();
    for _ in 0..times {
        seen.responses.push(world.weir.send(&request).await?);
    }
    seen.calls = world.calls().split_off(before);
    Ok(Some(seen))
}
