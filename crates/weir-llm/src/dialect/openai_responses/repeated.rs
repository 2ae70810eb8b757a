//! What an answer repeats of its request.

use serde_json::{Map, Value};

use crate::json::{self, Object, Raw, push_string};

/// Members of an answer that come from its request, and what they are when the client did not send
/// them. Where the provider's own default is not known, that is `null`.
const REPEATED: [(&str, &str); 14] = [
    ("instructions", "null"),
    ("max_output_tokens", "null"),
    ("metadata", "{}"),
    ("parallel_tool_calls", "true"),
    ("prompt_cache_key", "null"),
    ("reasoning", r#"{"effort":null,"summary":null}"#),
    ("safety_identifier", "null"),
    ("temperature", "null"),
    ("text", r#"{"format":{"type":"text"}}"#),
    ("tool_choice", "\"auto\""),
    ("tools", "[]"),
    ("top_logprobs", "0"),
    ("top_p", "null"),
    ("user", "null"),
];

/// Members that are the same in every answer: nothing of the kind exists here, whatever was asked for.
const FIXED: &str = concat!(
    r#","background":false,"completed_at":null,"max_tool_calls":null"#,
    r#","previous_response_id":null,"store":false,"truncation":"disabled""#,
);

/// Takes them from a request. A body that cannot be read has none; the call fails elsewhere.
pub(in crate::dialect) fn echo(body: &[u8]) -> Map<String, Value> {
    let Ok(mut body) = Object::read(body) else { return Map::new() };
    let take = |(name, _): &(&str, &str)| {
        let raw: Raw<'_> = body.take_raw(name)?;
        Some(((*name).to_owned(), json::read(raw, name).ok()?))
    };
    REPEATED.iter().filter_map(take).collect()
}

/// The members as JSON text, each with a comma before it: the tail of every response object.
pub(super) fn tail(echo: &Map<String, Value>) -> Vec<u8> {
    let mut out = FIXED.as_bytes().to_vec();
    for (name, default) in REPEATED {
        out.push(b',');
        push_string(&mut out, name);
        out.push(b':');
        match (name, echo.get(name)) {
            (_, None) => out.extend_from_slice(default.as_bytes()),
            ("text" | "reasoning", Some(Value::Object(given))) => {
                completed(&mut out, given, default);
            }
            (_, Some(value)) => value_text(&mut out, value),
        }
    }
    out
}

/// An object of which the client sent only some members.
fn completed(out: &mut Vec<u8>, given: &Map<String, Value>, default: &str) {
    let mut whole: Map<String, Value> = serde_json::from_str(default).unwrap_or_default();
    whole.extend(given.iter().map(|(name, value)| (name.clone(), value.clone())));
    let _ = serde_json::to_writer(out, &whole);
}

fn value_text(out: &mut Vec<u8>, value: &Value) {
    // Into memory, and of a tree: it cannot fail.
    let _ = serde_json::to_writer(out, value);
}

/// Names of the tools whose calls are to be unwrapped.
pub(super) fn custom_tools(echo: &Map<String, Value>) -> Vec<Box<str>> {
    let tools = echo.get("tools").and_then(Value::as_array).into_iter().flatten();
    let custom = tools.filter(|tool| tool["type"] == "custom");
    custom.filter_map(|tool| tool["name"].as_str()).map(Box::from).collect()
}
