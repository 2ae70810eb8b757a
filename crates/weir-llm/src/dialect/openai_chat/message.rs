//! One message of each role.

use serde::Deserialize;

use super::content::{self, Speaker};
use super::history::OlderCalls;
use super::node::Node;
use super::tools::only_functions;
use crate::canonical::{Part, PartKind, ToolCall, ToolResult};
use crate::fault::Fault;

pub(super) fn system(node: &mut Node<'_>) -> Result<Vec<Part>, Fault> {
    content::read(node, Speaker::System)?.ok_or_else(|| node.missing("content"))
}

pub(super) fn user(node: &mut Node<'_>) -> Result<Vec<Part>, Fault> {
    let parts = content::read(node, Speaker::User)?.ok_or_else(|| node.missing("content"))?;
    if parts.is_empty() {
        return Err(node.invalid("content", "has to hold at least one part"));
    }
    Ok(parts)
}

/// Thoughts come before what they led to, calls come last, whatever their order in the body.
pub(super) fn assistant(
    node: &mut Node<'_>,
    index: usize,
    older: &mut OlderCalls,
) -> Result<Vec<Part>, Fault> {
    let mut parts = thoughts(node)?;
    if let Some(content) = content::read(node, Speaker::Assistant)? {
        parts.extend(content);
    }
    if let Some(refusal) = node.take::<String>("refusal")?.filter(|text| !text.is_empty()) {
        parts.push(PartKind::Refusal(refusal).into());
    }
    if node.raw("audio").is_some() {
        let why = "an earlier spoken answer is kept by its provider alone; send its transcript";
        return Err(node.unsupported("audio", why));
    }
    for call in node.nodes("tool_calls")?.unwrap_or_default() {
        parts.push(PartKind::ToolCall(tool_call(call)?).into());
    }
    if let Some(mut function) = node.node("function_call")? {
        let name: String = function.need("name")?;
        let arguments = arguments(&mut function)?;
        let id = older.call(&name, index);
        parts.push(PartKind::ToolCall(ToolCall { id, name, arguments, signature: None }).into());
    }
    let is_empty = |part: &Part| matches!(&part.kind, PartKind::Text(text) if text.is_empty());
    if parts.len() > 1 {
        // Clients repeat the empty text beside a tool call; several providers refuse it.
        parts.retain(|part| !is_empty(part));
    }
    if parts.is_empty() {
        return Err(node.invalid("content", "has to be there, or tool_calls has to"));
    }
    Ok(parts)
}

#[derive(Deserialize)]
struct Block {
    #[serde(rename = "type")]
    kind: String,
    thinking: Option<String>,
    signature: Option<String>,
    data: Option<String>,
}

/// `thinking_blocks`, which carry signatures, or else the plain `reasoning_content`.
fn thoughts(node: &mut Node<'_>) -> Result<Vec<Part>, Fault> {
    let older: Option<String> = node.take("reasoning")?;
    let plain = node.take("reasoning_content")?.or(older).filter(|text: &String| !text.is_empty());
    let blocks: Vec<Block> = node.take("thinking_blocks")?.unwrap_or_default();
    let mut parts = Vec::with_capacity(blocks.len());
    for block in blocks {
        parts.push(match (block.kind.as_str(), block.data) {
            ("redacted_thinking", Some(sealed)) => PartKind::RedactedThinking(sealed),
            ("thinking", _) => PartKind::Thinking {
                text: block.thinking.unwrap_or_default(),
                signature: block.signature,
            },
            _ => return Err(node.invalid("thinking_blocks", "is not as it was answered")),
        });
    }
    let texts = parts.iter_mut().filter_map(|kind| match kind {
        PartKind::Thinking { text, .. } => Some(text),
        _ => None,
    });
    let mut texts: Vec<&mut String> = texts.collect();
    match (texts.as_mut_slice(), plain) {
        // Streamed signatures come without the text, which the client has as `reasoning_content`.
        ([only], Some(plain)) if only.is_empty() => **only = plain,
        ([], Some(text)) => parts.insert(0, PartKind::Thinking { text, signature: None }),
        _ => {}
    }
    Ok(parts.into_iter().map(Part::from).collect())
}

#[derive(Deserialize)]
struct Extra {
    google: Option<Google>,
}

#[derive(Deserialize)]
struct Google {
    thought_signature: Option<String>,
}

fn tool_call(mut node: Node<'_>) -> Result<ToolCall, Fault> {
    only_functions(&mut node)?;
    let id: String = node.need("id")?;
    let extra: Option<Extra> = node.take("extra_content")?;
    let mut function = node.node("function")?.ok_or_else(|| node.missing("function"))?;
    Ok(ToolCall {
        id,
        name: function.need("name")?,
        arguments: arguments(&mut function)?,
        signature: extra.and_then(|extra| extra.google?.thought_signature),
    })
}

/// A text; some clients send the object itself.
fn arguments(function: &mut Node<'_>) -> Result<String, Fault> {
    match function.raw("arguments") {
        None => Ok(String::new()),
        Some(raw) if raw.get().starts_with('{') => Ok(raw.get().to_owned()),
        Some(raw) => function.parse(raw, "arguments"),
    }
}

pub(super) fn tool(node: &mut Node<'_>) -> Result<Part, Fault> {
    let id: String = node.need("tool_call_id")?;
    if id.is_empty() {
        return Err(node.invalid("tool_call_id", "has to be the id of a call"));
    }
    let parts = content::read(node, Speaker::Tool)?.ok_or_else(|| node.missing("content"))?;
    let name = node.take("name")?;
    Ok(PartKind::ToolResult(ToolResult { id, name, parts, is_error: false }).into())
}

/// The older form of [`tool`].
pub(super) fn function(node: &mut Node<'_>, older: &mut OlderCalls) -> Result<Part, Fault> {
    let name: String = node.need("name")?;
    let parts = content::read(node, Speaker::Tool)?.unwrap_or_default();
    let Some(id) = older.answer(&name) else {
        return Err(node.invalid("name", "answers no function_call of an earlier message"));
    };
    Ok(PartKind::ToolResult(ToolResult { id, name: Some(name), parts, is_error: false }).into())
}
