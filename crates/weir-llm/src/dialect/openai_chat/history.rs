//! The list of messages, read in order: what a later message refers to stands in an earlier one.

use serde_json::{Map, Value};

use super::message;
use super::node::Node;
use crate::canonical::{Message, Role};
use crate::fault::Fault;

/// Reads `messages`. What a message says that has no canonical place goes into `own`.
pub(super) fn read(
    body: &mut Node<'_>,
    own: &mut Map<String, Value>,
) -> Result<Vec<Message>, Fault> {
    let nodes = body.nodes("messages")?.ok_or_else(|| body.missing("messages"))?;
    if nodes.is_empty() {
        return Err(body.invalid("messages", "has to hold at least one message"));
    }
    let mut calls = OlderCalls::default();
    let mut messages = Vec::with_capacity(nodes.len());
    for (index, node) in nodes.into_iter().enumerate() {
        messages.push(one(node, index, &mut calls, own)?);
    }
    Ok(messages)
}

fn one(
    mut node: Node<'_>,
    index: usize,
    calls: &mut OlderCalls,
    own: &mut Map<String, Value>,
) -> Result<Message, Fault> {
    let word = node.word("role")?;
    let (role, mut parts) = match &*word {
        "system" | "developer" => (Role::System, message::system(&mut node)?),
        "user" => (Role::User, message::user(&mut node)?),
        "assistant" => (Role::Assistant, message::assistant(&mut node, index, calls)?),
        "tool" => (Role::Tool, vec![message::tool(&mut node)?]),
        "function" => (Role::Tool, vec![message::function(&mut node, calls)?]),
        _ => {
            let why = "has to be system, developer, user, assistant, tool or function";
            return Err(node.invalid("role", why));
        }
    };
    if let Some(cache) = node.take("cache_control")?
        && let Some(last) = parts.last_mut()
    {
        last.cache.get_or_insert(cache);
    }
    // The other providers know no names of speakers.
    if let Some(name) = node.take::<String>("name")? {
        own.entry("messages[].name").or_insert(Value::String(name));
    }
    Ok(Message { role, parts, index })
}

/// Calls in the older form, `function_call`, have no ids. They get them here, so that the answers,
/// which only name the function, can be told which call they belong to.
#[derive(Default)]
pub(super) struct OlderCalls {
    open: Vec<(String, String)>,
}

impl OlderCalls {
    /// The id of a new call of `function` in this message.
    pub(super) fn call(&mut self, function: &str, index: usize) -> String {
        let id = format!("call_function_{index}");
        self.open.push((function.to_owned(), id.clone()));
        id
    }

    /// The id of the oldest call of `function` without an answer.
    pub(super) fn answer(&mut self, function: &str) -> Option<String> {
        let at = self.open.iter().position(|(name, _)| name == function)?;
        Some(self.open.remove(at).1)
    }
}
