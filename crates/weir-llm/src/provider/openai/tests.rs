mod arbitrary;
mod decode;
mod failure;
mod request;
mod rewrite;
mod stream;

use serde_json::Value;

use crate::canonical::Request;
use crate::capability::Capabilities;
use crate::dialect::Dialect;
use crate::fault::{Fault, Losses, Strictness};
use crate::provider::{Place, Wire};

/// An account of losses for a client of another dialect.
fn losses(provider: &str) -> Losses {
    Losses::new(Strictness::Lenient, Dialect::Anthropic, provider.to_owned())
}

/// The body that a provider gets, and what was left out.
fn prepared_with(
    provider: &str,
    capabilities: Capabilities,
    request: &Request,
) -> Result<(Value, Vec<String>), Fault> {
    let mut losses = losses(provider);
    let place = Place { provider, path: "chat/completions", region: "", project: "", capabilities };
    let prepared = Wire::OpenAi.prepare(request, &place, &mut losses)?;
    assert_eq!(prepared.path, "chat/completions");
    let dropped = losses.dropped().iter().map(|name| name.to_string()).collect();
    Ok((serde_json::from_slice(&prepared.body).unwrap(), dropped))
}

fn prepared(provider: &str, request: &Request) -> Result<(Value, Vec<String>), Fault> {
    prepared_with(provider, Capabilities::default(), request)
}
