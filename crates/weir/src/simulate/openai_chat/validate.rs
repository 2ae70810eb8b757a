//! What OpenAI refuses, and with it the many that speak its dialect. Unknown fields are not among
//! it here: the others have fields of their own.

use super::{Message, Request};
use crate::simulate::fault::Fault;
use crate::simulate::prompt::OneOrMany;

/// Most choices of one request, as at OpenAI.
const MAX_CHOICES: u32 = 128;
/// Most stop sequences.
const MAX_STOPS: usize = 4;
const ROLES: [&str; 6] = ["developer", "system", "user", "assistant", "tool", "function"];

/// Checks a request.
///
/// # Errors
/// 400 that names the parameter.
pub(super) fn check(request: &Request) -> Result<(), Fault> {
    if request.messages.is_empty() {
        return Err(Fault::bad_request("`messages` must not be empty.").with_param("messages"));
    }
    if !(1..=MAX_CHOICES).contains(&request.n.unwrap_or(1)) {
        return Err(Fault::bad_request("`n` must be from 1 to 128.").with_param("n"));
    }
    let stops = request.stop.as_ref().map(OneOrMany::all).unwrap_or_default();
    if stops.len() > MAX_STOPS {
        let fault = Fault::bad_request("`stop` may have up to 4 entries.");
        return Err(fault.with_param("stop"));
    }
    if request.max_completion_tokens.or(request.max_tokens) == Some(0) {
        let fault = Fault::bad_request("The token limit must be at least 1.");
        return Err(fault.with_param("max_tokens"));
    }
    let offered = request.tools.iter().flatten().filter_map(|tool| tool.function.as_ref());
    for function in offered {
        let good = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if function.name.is_empty() || function.name.len() > 64 || !function.name.bytes().all(good)
        {
            let fault = Fault::bad_request(
                "A function's name must have 1 to 64 of a-z, A-Z, 0-9, underscore and hyphen.",
            );
            return Err(fault.with_param("tools"));
        }
    }
    let choice_without_tools = request.tool_choice.is_some() && request.tools.is_none();
    if choice_without_tools {
        let fault = Fault::bad_request("`tool_choice` needs `tools`.");
        return Err(fault.with_param("tool_choice"));
    }
    conversation(&request.messages).map_err(|fault| fault.with_param("messages"))
}

/// Every tool call is answered by the messages that follow, and nothing else is.
fn conversation(messages: &[Message]) -> Result<(), Fault> {
    let mut open: Vec<&str> = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        let at = |text: String| Fault::bad_request(format!("messages[{index}]: {text}"));
        if !ROLES.contains(&message.role.as_str()) {
            return Err(at(format!("the role `{}` is unknown.", message.role)));
        }
        if message.role == "tool" {
            let id = message.tool_call_id.as_deref().unwrap_or_default();
            let Some(place) = open.iter().position(|known| *known == id) else {
                return Err(at(format!(
                    "a message of role `tool` must answer a call of the message before it; \
                     `{id}` is none."
                )));
            };
            open.remove(place);
            continue;
        }
        if let Some(id) = open.first() {
            return Err(at(format!(
                "the tool call `{id}` must be answered by a message of role `tool` first."
            )));
        }
        let calls = message.tool_calls.as_deref().unwrap_or_default();
        if message.content.is_none() && calls.is_empty() && message.role != "assistant" {
            return Err(at("`content` is required.".to_owned()));
        }
        for call in calls {
            let (Some(id), Some(_)) = (call.id.as_deref(), &call.function) else {
                return Err(at("a tool call needs `id` and `function`.".to_owned()));
            };
            open.push(id);
        }
    }
    match open.first() {
        None => Ok(()),
        Some(id) => Err(Fault::bad_request(format!("The tool call `{id}` was not answered."))),
    }
}
