//! The rules of a conversation: who may speak when, and what must be answered.

use super::Message;
use super::family::ModelRules;
use super::validate::refused;
use crate::simulate::fault::Fault;
use crate::simulate::prompt::{Content, Part};
use crate::simulate::signature;

/// Checks all messages.
///
/// # Errors
/// 400 that begins with the place of the message.
pub(super) fn check(messages: &[Message], rules: ModelRules) -> Result<(), Fault> {
    let Some(first) = messages.first() else {
        return Err(refused("messages: at least one message is required"));
    };
    if first.role != "user" {
        return Err(refused("messages: first message must use the \"user\" role"));
    }
    let mut called: Vec<&str> = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        let at = |text: String| refused(format!("messages.{index}{text}"));
        match message.role.as_str() {
            "user" | "assistant" => {}
            "system" if rules.system_messages => continue,
            _ => return Err(at(".role: Input should be 'user' or 'assistant'".to_owned())),
        }
        let is_last = index + 1 == messages.len();
        if is_empty(&message.content) && !(is_last && message.role == "assistant") {
            return Err(at(": all messages must have non-empty content".to_owned()));
        }
        if has_empty_text(&message.content) {
            return Err(at(": text content blocks must be non-empty".to_owned()));
        }
        let parts = parts(&message.content);
        if message.role == "assistant" {
            unanswered(&called).map_or(Ok(()), |text| Err(at(text)))?;
            called = assistant(parts).map_err(at)?;
        } else {
            results(parts, &mut called).map_err(at)?;
        }
    }
    unanswered(&called).map_or(Ok(()), |text| Err(refused(format!("messages{text}"))))?;
    let last = messages.last().filter(|last| last.role == "assistant");
    match last {
        Some(_) if !rules.prefill => {
            Err(refused("This model does not support assistant message prefill."))
        }
        Some(last) if last.content.text().ends_with(char::is_whitespace) => {
            Err(refused("messages: final assistant content cannot end with trailing whitespace"))
        }
        _ => Ok(()),
    }
}

/// With a budget for thoughts, a turn that waits for a tool's result began with thoughts.
///
/// # Errors
/// 400 where the assistant's message before the results does not begin with them.
pub(super) fn check_thoughts_of_turn(messages: &[Message]) -> Result<(), Fault> {
    let [.., asked, result] = messages else { return Ok(()) };
    if !result.content.has("tool_result") || asked.role != "assistant" {
        return Ok(());
    }
    let first = parts(&asked.content).first().map_or("text", |part| part.kind.as_str());
    if matches!(first, "thinking" | "redacted_thinking") {
        return Ok(());
    }
    let index = messages.len() - 2;
    Err(refused(format!(
        "messages.{index}.content.0.type: Expected `thinking` or `redacted_thinking`, but found \
         `{first}`. With thinking enabled, the final assistant message must begin with it."
    )))
}

/// Whether any text has nothing in it.
pub(super) fn has_empty_text(content: &Content) -> bool {
    let empty = |part: &Part| {
        part.kind == "text" && part.text.as_deref().is_none_or(|text| text.trim().is_empty())
    };
    parts(content).iter().any(empty)
}

fn parts(content: &Content) -> &[Part] {
    match content {
        Content::Parts(parts) => parts,
        Content::Text(_) => &[],
    }
}

fn is_empty(content: &Content) -> bool {
    match content {
        Content::Parts(parts) => parts.is_empty(),
        Content::Text(text) => text.trim().is_empty(),
    }
}

/// Checks an assistant's message and tells the calls in it.
fn assistant(parts: &[Part]) -> Result<Vec<&str>, String> {
    let mut called = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let at = |text: &str| Err(format!(".content.{index}{text}"));
        match part.kind.as_str() {
            "thinking" => {
                let thoughts = part.thinking.as_deref().unwrap_or_default();
                if part.signature.as_deref() != Some(&signature::of(thoughts)) {
                    return at(": Invalid `signature` in `thinking` block");
                }
            }
            "tool_use" => {
                if part.name.is_none() {
                    return at(".tool_use.name: Field required");
                }
                if !part.input.as_ref().is_some_and(serde_json::Value::is_object) {
                    return at(".tool_use.input: Input should be an object");
                }
                let id = part.id.as_deref().unwrap_or_default();
                let good = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
                if id.is_empty() || !id.bytes().all(good) {
                    return at(".tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'");
                }
                if called.contains(&id) {
                    return at(".tool_use.id: `tool_use` ids must be unique");
                }
                called.push(id);
            }
            "tool_result" => return at(": `tool_result` blocks can only be in `user` messages"),
            _ => {}
        }
    }
    Ok(called)
}

/// Takes the results of a user's message from the open calls. They stand before all else.
fn results<'a>(parts: &'a [Part], called: &mut Vec<&'a str>) -> Result<(), String> {
    let mut others = false;
    for (index, part) in parts.iter().enumerate() {
        match part.kind.as_str() {
            "tool_result" => {
                let id = part.tool_use_id.as_deref().unwrap_or_default();
                let Some(place) = called.iter().position(|known| *known == id) else {
                    return Err(format!(
                        ".content.{index}: unexpected `tool_use_id` found in `tool_result` \
                         blocks: {id}. Each `tool_result` block must have a corresponding \
                         `tool_use` block in the previous message."
                    ));
                };
                if others {
                    return Err(format!(
                        ".content.{index}: `tool_result` blocks must come before all others"
                    ));
                }
                called.remove(place);
            }
            "tool_use" | "thinking" | "redacted_thinking" => {
                return Err(format!(
                    ".content.{index}: `{}` blocks can only be in `assistant` messages",
                    part.kind
                ));
            }
            _ => others = true,
        }
    }
    unanswered(called).map_or(Ok(()), Err)
}

fn unanswered(called: &[&str]) -> Option<String> {
    (!called.is_empty()).then(|| {
        format!(
            ": `tool_use` ids were found without `tool_result` blocks immediately after: {}. Each \
             `tool_use` block must have a corresponding `tool_result` block in the next message.",
            called.join(", ")
        )
    })
}
