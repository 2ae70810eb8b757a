//! `weir-explain`: what was decided on a call, told in a header of its answer. What the call cost
//! and how it ended are not known yet when the head goes out; the log row's trail has them later.

use http::HeaderValue;
use serde::Serialize;
use weir_core::trail::Trail;
use weir_core::{LogId, Permission};

use crate::exchange::Facts;
use crate::finish;

/// Name of the header, of requests that ask and of answers that tell.
pub(crate) const NAME: &str = "weir-explain";

/// Bytes of the value at most: many clients and proxies take 8 KB for all headers together.
const MOST: usize = 4096;

/// Bytes kept free for the names of parts that were left out.
const MARK: usize = 96;

/// What is told besides the trail.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Known<'a> {
    /// The client's request.
    pub(crate) request_id: LogId,
    /// The log row of the answer, unless none is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log_id: Option<LogId>,
    /// Position in a chain of steps.
    pub(crate) step: u32,
    /// Who was called; empty when nobody was.
    pub(crate) provider: &'a str,
    /// What the provider answered with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) upstream_status: Option<u16>,
}

/// The header for the answer to a call, if its caller asked for one and may know: explanations are
/// for those who may read log rows.
pub(crate) fn of(facts: &Facts) -> Option<HeaderValue> {
    let token = facts.caller.token.as_ref().filter(|_| facts.options.explain)?;
    if !token.grants(Permission::MetadataRead) {
        return None;
    }
    let known = Known {
        request_id: facts.request_id,
        log_id: facts.options.collect.then_some(facts.id),
        step: facts.step,
        provider: facts.call.provider.as_str(),
        upstream_status: facts.trace.upstream_status,
    };
    if facts.trail.credential.is_some() {
        return header(&facts.trail, &known);
    }
    let credential = finish::trail::credential(facts);
    header(&Trail { credential, ..facts.trail.clone() }, &known)
}

/// The value: one line of JSON in ASCII. Parts that do not fit into 4 KB are left out whole, and
/// named in `cut`.
pub(crate) fn header(trail: &Trail, known: &Known<'_>) -> Option<HeaderValue> {
    // All of it named, so that a new kind of decision cannot be forgotten here. The parts come in
    // the order in which they are most likely to be asked for.
    let Trail { route, cache, limits, budgets, credential, attempt, phases, price, estimated } =
        trail;
    let parts = [
        ("attempt", attempt.as_ref().map(json)),
        ("credential", credential.as_ref().map(json)),
        ("cache", cache.as_ref().map(json)),
        ("limits", (!limits.is_empty()).then(|| json(limits))),
        ("budgets", (!budgets.is_empty()).then(|| json(budgets))),
        ("phases", phases.as_ref().map(json)),
        ("price", price.as_ref().map(json)),
        ("estimated", estimated.then(|| json(estimated))),
        ("route", route.as_ref().map(json)),
    ];
    let mut text = json(known)?;
    // The closing brace comes back at the end.
    text.pop();
    let mut cut = Vec::new();
    for (name, part) in parts {
        let Some(part) = part.flatten() else { continue };
        if text.len() + name.len() + part.len() + MARK > MOST {
            cut.push(name);
        } else {
            text.push_str(&format!(r#","{name}":{part}"#));
        }
    }
    if !cut.is_empty() {
        text.push_str(&format!(r#","cut":{}"#, json(&cut)?));
    }
    text.push('}');
    HeaderValue::try_from(text).ok()
}

/// JSON with every character beyond ASCII, and the one control character that JSON leaves as it is,
/// written as an escape.
fn json(value: &(impl Serialize + ?Sized)) -> Option<String> {
    let text = serde_json::to_string(value).ok()?;
    if text.bytes().all(|byte| byte.is_ascii() && byte != 0x7f) {
        return Some(text);
    }
    let mut ascii = String::with_capacity(text.len() + 16);
    let mut units = [0; 2];
    for character in text.chars() {
        if character.is_ascii() && character != '\x7f' {
            ascii.push(character);
        } else {
            for unit in character.encode_utf16(&mut units) {
                ascii.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    Some(ascii)
}

#[cfg(test)]
mod tests;
