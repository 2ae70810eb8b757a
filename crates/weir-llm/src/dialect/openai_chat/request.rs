//! A request, member by member.

use serde_json::Value;

use super::node::Node;
use super::{history, options, tools};
use crate::canonical::Request;
use crate::dialect::Asked;
use crate::fault::Fault;
use crate::json::{Raw, TextOr};

/// Reads a request of Chat Completions (spec: providers 4.1).
pub(in crate::dialect) fn read(body: &[u8], asked: &Asked<'_>) -> Result<Request, Fault> {
    let mut body = Node::body(body)?;
    let named: Option<String> = body.take("model")?;
    let model = match asked.model {
        "" => named.ok_or_else(|| body.missing("model"))?,
        model => model.to_owned(),
    };
    if model.is_empty() {
        return Err(body.invalid("model", "has to name a model"));
    }
    let mut request = Request { model, stream: asked.stream, ..Request::default() };
    request.messages = history::read(&mut body, &mut request.own)?;
    tools::read(&mut body, &mut request)?;
    sampling(&mut body, &mut request)?;
    likelihoods(&mut body, &mut request)?;
    request.format = options::format(&mut body)?;
    request.reasoning = options::reasoning(&mut body)?;
    records(&mut body, &mut request)?;
    streaming(&mut body, &mut request)?;
    rest(&body, &mut request)?;
    Ok(request)
}

fn sampling(body: &mut Node<'_>, request: &mut Request) -> Result<(), Fault> {
    let older = body.take("max_tokens")?;
    request.max_tokens = body.take("max_completion_tokens")?.or(older);
    request.temperature = body.take("temperature")?;
    request.top_p = body.take("top_p")?;
    request.top_k = body.take("top_k")?;
    request.seed = body.take("seed")?;
    request.frequency_penalty = body.take("frequency_penalty")?;
    request.presence_penalty = body.take("presence_penalty")?;
    request.stop = match body.take("stop")? {
        None => Vec::new(),
        Some(TextOr::Text(text)) => vec![text],
        Some(TextOr::List(list)) => list,
    };
    request.n = body.take("n")?;
    if request.n == Some(0) {
        return Err(body.invalid("n", "has to be 1 or more"));
    }
    Ok(())
}

fn likelihoods(body: &mut Node<'_>, request: &mut Request) -> Result<(), Fault> {
    request.logit_bias =
        body.take("logit_bias")?.filter(|bias: &serde_json::Map<_, _>| !bias.is_empty());
    request.logprobs = body.take("logprobs")?;
    request.top_logprobs = body.take("top_logprobs")?;
    Ok(())
}

fn records(body: &mut Node<'_>, request: &mut Request) -> Result<(), Fault> {
    let older = body.take("user")?;
    request.user = body.take("safety_identifier")?.or(older);
    request.metadata = body.take("metadata")?;
    request.service_tier = body.take("service_tier")?;
    Ok(())
}

fn streaming(body: &mut Node<'_>, request: &mut Request) -> Result<(), Fault> {
    request.stream |= body.take::<bool>("stream")?.unwrap_or_default();
    let Some(mut options) = body.node("stream_options")? else { return Ok(()) };
    request.include_usage = options.take("include_usage")?.unwrap_or_default();
    for (name, raw) in options.rest() {
        request.own.insert(options.path(name), options.parse(raw, name)?);
    }
    Ok(())
}

/// What has no place in the canonical form stays by name, unless it asks for nothing.
fn rest(body: &Node<'_>, request: &mut Request) -> Result<(), Fault> {
    for (name, raw) in body.rest() {
        if !asks_for_nothing(name, raw) {
            request.own.insert(name.to_owned(), body.parse::<Value>(raw, name)?);
        }
    }
    Ok(())
}

/// Parameters that only say what every provider does anyway.
fn asks_for_nothing(name: &str, raw: Raw<'_>) -> bool {
    match name {
        "store" => raw.get() == "false",
        "modalities" => matches!(
            serde_json::from_str::<Vec<String>>(raw.get()).as_deref(),
            Ok([only]) if only == "text"
        ),
        _ => false,
    }
}
