//! Parameters that only the client's dialect has.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::fault::{Fault, Losses, Param};

/// What Gemini can do of them.
#[derive(Debug, Default)]
pub(super) struct Own<'a> {
    pub(super) web_search: Option<&'a Map<String, Value>>,
    pub(super) modalities: Option<Vec<Cow<'static, str>>>,
    pub(super) safety_settings: Option<&'a Value>,
    pub(super) cached_content: Option<&'a Value>,
}

/// What changes the meaning of an answer, and why it cannot be.
const REFUSED: &[(&str, &str)] = &[
    ("audio", "does not answer in sound here; leave it out"),
    ("functions", "takes tools only; send them as tools"),
    ("function_call", "takes tools only; send it as tool_choice"),
    ("previous_response_id", "keeps no earlier answers; send the whole conversation"),
    ("conversation", "keeps no conversations; send the whole of it"),
    ("background", "does not answer in the background; leave it out"),
    ("prompt", "keeps no prompts; send the messages"),
    ("mcp_servers", "cannot reach MCP servers; offer their tools as tools"),
    ("container", "has no containers; leave it out"),
];

pub(super) fn own<'a>(
    given: &'a Map<String, Value>,
    losses: &mut Losses,
) -> Result<Own<'a>, Fault> {
    let mut own = Own::default();
    for (name, value) in given {
        match name.as_str() {
            "web_search_options" => own.web_search = Some(search(value, losses)?),
            "modalities" => own.modalities = modalities(value, losses)?,
            // Google's own names, for clients that know whom they talk to.
            "safetySettings" | "safety_settings" => own.safety_settings = Some(value),
            "cachedContent" | "cached_content" => own.cached_content = Some(value),
            // Nothing is stored anyway.
            "store" if *value == Value::Bool(false) => {}
            other => {
                let param = Param::Own(other.into());
                match REFUSED.iter().find(|(known, _)| *known == other) {
                    Some((_, why)) if *value != Value::Bool(false) => {
                        return Err(losses.refuse(&param, why));
                    }
                    Some(_) => {}
                    None => losses.drop(&param)?,
                }
            }
        }
    }
    Ok(own)
}

fn search<'a>(value: &'a Value, losses: &Losses) -> Result<&'a Map<String, Value>, Fault> {
    let why = "has to be an object";
    value.as_object().ok_or_else(|| losses.invalid(&Param::Own("web_search_options".into()), why))
}

/// `text` alone is what Gemini does anyway.
fn modalities(value: &Value, losses: &Losses) -> Result<Option<Vec<Cow<'static, str>>>, Fault> {
    let param = Param::Own("modalities".into());
    let words: Option<Vec<&str>> =
        value.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
    let Some(words) = words else {
        return Err(losses.invalid(&param, "has to be a list of words"));
    };
    if words.iter().any(|word| !matches!(*word, "text" | "image")) {
        let why = "answers in text and pictures only; leave the other modalities out";
        return Err(losses.refuse(&param, why));
    }
    let upper = |word: &&str| Cow::Owned(word.to_uppercase());
    Ok(words.contains(&"image").then(|| words.iter().map(upper).collect()))
}
