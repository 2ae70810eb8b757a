//! What Cohere's chat refuses, beside unknown fields.

use super::{Message, Request};
use crate::simulate::fault::Fault;

/// Most stop sequences.
const MAX_STOPS: usize = 5;

/// Checks a request.
///
/// # Errors
/// 400 that names the field.
pub(super) fn check(request: &Request) -> Result<(), Fault> {
    let bad = |message: &'static str| Err(Fault::bad_request(message));
    if request.messages.is_empty() {
        return bad("invalid request: messages must not be empty");
    }
    if request.stop_sequences.iter().flatten().count() > MAX_STOPS {
        return bad("invalid request: stop_sequences may have up to 5 entries");
    }
    let ranges = [
        ("temperature", request.temperature, 0.0, 1.0),
        ("p", request.p, 0.01, 0.99),
        ("frequency_penalty", request.frequency_penalty, 0.0, 1.0),
        ("presence_penalty", request.presence_penalty, 0.0, 1.0),
    ];
    for (name, value, least, most) in ranges {
        if value.is_some_and(|value| !(least..=most).contains(&value)) {
            return Err(Fault::bad_request(format!(
                "invalid request: {name} must be between {least} and {most} inclusive"
            )));
        }
    }
    if request.k.is_some_and(|k| k > 500) {
        return bad("invalid request: k must be between 0 and 500 inclusive");
    }
    if request.max_tokens == Some(0) {
        return bad("invalid request: max_tokens must be at least 1");
    }
    tools(request)?;
    let thinking = request.thinking.as_ref().map(|thinking| thinking.kind.as_str());
    if !matches!(thinking, None | Some("enabled" | "disabled")) {
        return bad("invalid request: thinking.type must be enabled or disabled");
    }
    conversation(&request.messages)
}

fn tools(request: &Request) -> Result<(), Fault> {
    let bad = |message: &'static str| Err(Fault::bad_request(message));
    let has_tools = request.tools.as_ref().is_some_and(|tools| !tools.is_empty());
    if request.tools.iter().flatten().any(|tool| tool.kind != "function") {
        return bad("invalid request: tools must have the type function");
    }
    match request.tool_choice.as_deref() {
        None => {}
        Some(_) if !has_tools => {
            return bad("invalid request: tool_choice may only be given with tools");
        }
        Some("REQUIRED" | "NONE") => {}
        Some(_) => return bad("invalid request: tool_choice must be REQUIRED or NONE"),
    }
    let Some(format) = &request.response_format else { return Ok(()) };
    match format.get("type").and_then(serde_json::Value::as_str) {
        Some("text") => Ok(()),
        Some("json_object") if has_tools => {
            bad("invalid request: cannot specify both response_format and tools")
        }
        Some("json_object") => Ok(()),
        _ => bad("invalid request: response_format.type must be text or json_object"),
    }
}

/// Every call is answered by the messages that follow, and nothing else is.
fn conversation(messages: &[Message]) -> Result<(), Fault> {
    let mut open: Vec<&str> = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        let at =
            |text: String| Fault::bad_request(format!("invalid request: message {index} {text}"));
        let has_text = message.content.as_ref().is_some_and(|content| !content.text().is_empty());
        let calls = message.tool_calls.as_deref().unwrap_or_default();
        match message.role.as_str() {
            "tool" => {
                let id = message.tool_call_id.as_deref().unwrap_or_default();
                let Some(place) = open.iter().position(|known| *known == id) else {
                    return Err(at(format!("has the tool_call_id `{id}`, which is no open call")));
                };
                open.remove(place);
                continue;
            }
            "assistant" if !has_text && calls.is_empty() => {
                return Err(at("must have content or tool_calls".to_owned()));
            }
            "user" | "system" if !message.content.as_ref().is_some_and(is_given) => {
                return Err(at("must have non-empty content".to_owned()));
            }
            "user" | "system" | "assistant" => {}
            role => return Err(at(format!("has the unknown role `{role}`"))),
        }
        if let Some(id) = open.first() {
            return Err(at(format!("comes before the result of the tool call `{id}`")));
        }
        open.extend(calls.iter().map(|call| call.id.as_str()));
    }
    match (open.first(), messages.last()) {
        (Some(id), _) => {
            Err(Fault::bad_request(format!("invalid request: the tool call `{id}` has no result")))
        }
        (None, Some(last)) if last.role == "assistant" => {
            Err(Fault::bad_request("invalid request: the last message must not be the assistant's"))
        }
        _ => Ok(()),
    }
}

fn is_given(content: &crate::simulate::prompt::Content) -> bool {
    // A part that is no text, such as an image, is content too.
    content.tokens() > 0
}
