//! The order of turns in Converse, which AWS enforces for all models.

use super::request::{Body, Message};
use super::validate::refused;
use crate::simulate::fault::Fault;
use crate::simulate::signature;

/// Checks alternation, results of tools, and signatures of thoughts.
///
/// # Errors
/// 400 that names the message.
pub(super) fn check(body: &Body) -> Result<(), Fault> {
    let Some(first) = body.messages.first() else {
        return Err(refused("messages must have at least 1 member."));
    };
    if first.role != "user" {
        return Err(refused(
            "A conversation must start with a user message. Try again with a conversation that \
             starts with a user message.",
        ));
    }
    let mut expected = "user";
    let mut open: Vec<&str> = Vec::new();
    for (index, message) in body.messages.iter().enumerate() {
        if message.role != "user" && message.role != "assistant" {
            return Err(refused(format!(
                "Value '{}' at messages.{index}.role must be one of user, assistant.",
                message.role
            )));
        }
        if message.role != expected {
            return Err(refused(
                "A conversation must alternate between user and assistant roles. Make sure the \
                 conversation alternates between user and assistant roles and try again.",
            ));
        }
        expected = if message.role == "user" { "assistant" } else { "user" };
        results(message, index, &open)?;
        open = uses(message, index)?;
    }
    if let Some(id) = open.first() {
        return Err(refused(format!("Expected a toolResult block for the Id {id} to follow.")));
    }
    let uses_tools = body.messages.iter().flat_map(|message| &message.content);
    let mut uses_tools = uses_tools.filter(|it| it.tool_use.is_some() || it.tool_result.is_some());
    if uses_tools.next().is_some() && body.tool_config.is_none() {
        return Err(refused(
            "The toolConfig field must be defined when using toolUse and toolResult content \
             blocks.",
        ));
    }
    Ok(())
}

/// The tools that a message uses. The blocks of its role alone may be in it.
fn uses(message: &Message, index: usize) -> Result<Vec<&str>, Fault> {
    let mut ids = Vec::new();
    for (nth, block) in message.content.iter().enumerate() {
        if let Some(call) = &block.tool_use {
            if message.role != "assistant" {
                return Err(refused(format!(
                    "messages.{index}.content.{nth}: User messages cannot contain tool uses."
                )));
            }
            if ids.contains(&call.tool_use_id.as_str()) {
                return Err(refused(format!(
                    "messages.{index}.content has duplicate Ids: {}.",
                    call.tool_use_id
                )));
            }
            ids.push(call.tool_use_id.as_str());
        }
        let thoughts = block.reasoning_content.as_ref().and_then(|it| it.reasoning_text.as_ref());
        let empty =
            block.reasoning_content.as_ref().is_some_and(|it| it.redacted_content.is_none());
        let signed = |text: &str| Some(signature::of(text));
        match thoughts {
            Some(it) if it.signature != signed(&it.text) => {
                return Err(refused(format!(
                    "messages.{index}.content.{nth}: Invalid `signature` in `thinking` block."
                )));
            }
            None if empty => {
                return Err(refused(format!(
                    "messages.{index}.content.{nth}.reasoningContent must set one member."
                )));
            }
            _ => {}
        }
    }
    Ok(ids)
}

/// The results in a message are those of the tools used in the message before, all of them.
fn results(message: &Message, index: usize, open: &[&str]) -> Result<(), Fault> {
    let given: Vec<&str> = message
        .content
        .iter()
        .filter_map(|block| Some(block.tool_result.as_ref()?.tool_use_id.as_str()))
        .collect();
    if given.iter().any(|id| !open.contains(id)) || given.len() > open.len() {
        return Err(refused(format!(
            "The number of toolResult blocks at messages.{index}.content exceeds the number of \
             toolUse blocks of previous turn."
        )));
    }
    let missing: Vec<&str> = open.iter().copied().filter(|id| !given.contains(id)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(refused(format!(
        "Expected toolResult blocks at messages.{index}.content for the following Ids: {}",
        missing.join(", ")
    )))
}
