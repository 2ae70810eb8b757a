//! Identical calls at the same time: one call of the provider, whose answer all get as it comes.

mod doors;
mod failures;
mod leaving;
mod sharing;
mod streams;

use std::time::Duration;

use anyhow::Result;
use futures_util::future::join_all;
use serde_json::{Value, json};
use weir_e2e::http::{Client, Request, Response};

use crate::rig::Rig;
use crate::traffic::rig::{ask, asking, called, start};

/// Long enough for every call of a test to be under way.
const SLOW: Duration = Duration::from_millis(500);

/// A gateway that shares calls.
async fn sharing() -> Result<Rig> {
    start(&settings()).await
}

fn settings() -> Value {
    json!({"cache_ttl": 3600, "cache_coalesce": true})
}

/// A chat that asks for a stream.
fn ask_stream(question: &str) -> Request {
    let mut body = asking(question);
    body["stream"] = json!(true);
    body["stream_options"] = json!({"include_usage": true});
    Request::call("openai/chat/completions", &body)
}

/// Sends the same so many times at once.
async fn all_at_once(rig: &Rig, request: &Request, count: usize) -> Result<Vec<Response>> {
    join_all((0..count).map(|_| rig.weir.send(request))).await.into_iter().collect()
}

/// Sends a request whose answer is not awaited, and waits until the provider has it.
async fn begin(rig: &Rig, request: &Request) -> Result<Client> {
    let mut client = Client::open(rig.weir.address()).await?;
    client.send(request.to_bytes()).await?;
    rig.upstream.wait_for(|calls| calls.iter().any(|call| call.body_complete)).await?;
    Ok(client)
}
