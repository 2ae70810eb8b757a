//! Parameters that only the client's own dialect knows.

use serde_json::{Map, Value};

use crate::fault::{Fault, Losses, Param};

/// Names that change what is answered, or what else happens, and why a foreign target cannot take
/// them. Everything else only tunes (spec: providers 4.1, 4.5, 5).
const REFUSED: &[(&str, &str)] = &[
    ("audio", "cannot answer with sound; leave it out"),
    ("web_search_options", "has no web search behind this endpoint; leave it out"),
    ("functions", "takes tools; send `tools` instead"),
    ("function_call", "takes a tool choice; send `tool_choice` instead"),
    ("previous_response_id", "keeps no earlier answers; send the whole conversation"),
    ("conversation", "keeps no conversations; send the whole conversation"),
    ("prompt", "keeps no prompts; send the text itself"),
    ("background", "cannot answer in the background; leave it out"),
    ("mcp_servers", "cannot call MCP servers; offer their tools as `tools`"),
    ("container", "has no containers; leave it out"),
    ("cachedContent", "has no such cache; send the content itself"),
];

/// Refuses what changes the meaning, leaves out the rest. Members of `carried` have been dealt with.
///
/// # Errors
/// Names the parameter.
pub(super) fn settle(
    own: &Map<String, Value>,
    carried: &[&str],
    losses: &mut Losses,
) -> Result<(), Fault> {
    for (name, value) in own {
        if carried.contains(&name.as_str()) || says_nothing(name, value) {
            continue;
        }
        let param = Param::Own(name.as_str().into());
        if name == "modalities" {
            return Err(losses.refuse(&param, "answers with text only; leave it out"));
        }
        match REFUSED.iter().find(|(refused, _)| refused == name) {
            Some((_, why)) => return Err(losses.refuse(&param, why)),
            None => losses.drop(&param)?,
        }
    }
    Ok(())
}

/// Whether leaving the parameter out changes nothing: an empty or switched off one, or the modality
/// that every target has.
fn says_nothing(name: &str, value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) if name == "modalities" => items.iter().all(|item| item == "text"),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty() && name != "web_search_options",
        _ => false,
    }
}
