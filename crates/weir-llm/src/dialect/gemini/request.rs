//! A request, member by member.

use serde_json::{Map, Value};

use super::contents;
use super::fields::Fields;
use super::{generation, tools};
use crate::canonical::{Message, Request, Role};
use crate::dialect::Asked;
use crate::fault::Fault;
use crate::json::{self, Raw};

/// Reads a request of `generateContent` (spec: providers 6), or the one inside of a request of
/// `countTokens`.
pub(in crate::dialect) fn read(body: &[u8], asked: &Asked<'_>) -> Result<Request, Fault> {
    let mut body = Fields::body(body)?;
    if let Some(inner) = body.object("generateContentRequest")? {
        body = inner;
    }
    // The model is in the path; some clients repeat it.
    let named: Option<String> = body.take("model")?;
    let model = match asked.model {
        "" => named.ok_or_else(|| body.missing("model"))?,
        model => model.to_owned(),
    };
    let model = model.strip_prefix("models/").map_or_else(|| model.clone(), str::to_owned);
    if model.is_empty() {
        return Err(body.invalid("model", "has to name a model"));
    }
    let mut request = Request {
        model,
        stream: asked.stream,
        // A stream of this dialect always ends with its usage.
        include_usage: true,
        ..Request::default()
    };
    request.messages = messages(&mut body)?;
    tools::read(&mut body, &mut request)?;
    generation::read(&mut body, &mut request)?;
    records(&mut body, &mut request)?;
    for (name, raw) in body.rest() {
        request.own.insert(name.clone(), json::read::<Value>(raw, &name)?);
    }
    Ok(request)
}

fn messages(body: &mut Fields<'_>) -> Result<Vec<Message>, Fault> {
    let mut messages = Vec::new();
    if let Some(raw) = body.raw("systemInstruction") {
        let parts = contents::instruction(raw)?;
        if !parts.is_empty() {
            messages.push(Message { role: Role::System, parts, index: 0 });
        }
    }
    let raw: Raw<'_> = body.raw("contents").ok_or_else(|| body.missing("contents"))?;
    contents::messages(raw, &mut messages)?;
    if messages.iter().all(|message| message.role == Role::System) {
        return Err(body.invalid("contents", "has to hold at least one message"));
    }
    Ok(messages)
}

fn records(body: &mut Fields<'_>, request: &mut Request) -> Result<(), Fault> {
    if body.raw("cachedContent").is_some() {
        let why = "cached contents are kept by Google alone; send the whole contents";
        return Err(body.unsupported("cachedContent", why));
    }
    // Other providers have filters of their own, which nobody can set here.
    body.raw("safetySettings");
    request.metadata = body.take::<Map<String, Value>>("labels")?;
    if let Some(tier) = body.take::<String>("serviceTier")? {
        let tier = tier.to_lowercase();
        request.service_tier = match tier.strip_prefix("service_tier_").unwrap_or(&tier) {
            "unspecified" => None,
            "standard" => Some("default".to_owned()),
            tier => Some(tier.to_owned()),
        };
    }
    Ok(())
}
