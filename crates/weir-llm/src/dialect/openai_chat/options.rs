//! The form of the answer, and how much to think.

use serde_json::{Value, json};

use super::node::Node;
use crate::canonical::{Effort, Format, Reasoning};
use crate::fault::Fault;

pub(super) fn format(body: &mut Node<'_>) -> Result<Format, Fault> {
    let Some(mut format) = body.node("response_format")? else { return Ok(Format::Text) };
    let kind: String = format.need("type")?;
    match kind.as_str() {
        "text" => Ok(Format::Text),
        "json_object" => Ok(Format::JsonObject),
        "json_schema" => schema(format),
        _ => Err(format.invalid("type", "has to be text, json_object or json_schema")),
    }
}

fn schema(mut format: Node<'_>) -> Result<Format, Fault> {
    let mut inner = format.node("json_schema")?.ok_or_else(|| format.missing("json_schema"))?;
    let schema: Value = inner.take("schema")?.unwrap_or_else(|| json!({}));
    if !schema.is_object() {
        return Err(inner.invalid("schema", "has to be a JSON schema, an object"));
    }
    Ok(Format::JsonSchema {
        name: inner.need("name")?,
        description: inner.take("description")?,
        schema,
        strict: inner.take("strict")?,
    })
}

/// `reasoning_effort`, or the objects that other OpenAI-shaped services take: `reasoning` and
/// `thinking`. The first that says something counts.
pub(super) fn reasoning(body: &mut Node<'_>) -> Result<Option<Reasoning>, Fault> {
    let effort = effort(body, "reasoning_effort")?;
    let own = body.node("reasoning")?.map(reasoning_object).transpose()?;
    let thinking = body.node("thinking")?.map(thinking_object).transpose()?;
    let given = own.or(thinking);
    Ok(match effort {
        Some(effort) => Some(Reasoning { effort: Some(effort), ..given.unwrap_or_default() }),
        None => given,
    })
}

fn effort(node: &mut Node<'_>, name: &str) -> Result<Option<Effort>, Fault> {
    let Some(word) = node.take::<String>(name)? else { return Ok(None) };
    let effort = Effort::parse(&word).ok_or_else(|| {
        node.invalid(name, "has to be none, minimal, low, medium, high, xhigh or max")
    })?;
    Ok(Some(effort))
}

fn reasoning_object(mut node: Node<'_>) -> Result<Reasoning, Fault> {
    let mut effort = effort(&mut node, "effort")?;
    if node.take("enabled")? == Some(false) {
        effort = Some(Effort::None);
    }
    let hidden: Option<bool> = node.take("exclude")?;
    Ok(Reasoning { effort, budget: node.take("max_tokens")?, show: hidden.map(|hidden| !hidden) })
}

fn thinking_object(mut node: Node<'_>) -> Result<Reasoning, Fault> {
    let kind: String = node.need("type")?;
    let budget = node.take("budget_tokens")?;
    match kind.as_str() {
        "enabled" => Ok(Reasoning { budget, ..Reasoning::default() }),
        // As much as the model likes.
        "adaptive" | "auto" => Ok(Reasoning::default()),
        "disabled" => Ok(Reasoning { effort: Some(Effort::None), ..Reasoning::default() }),
        _ => Err(node.invalid("type", "has to be enabled, adaptive or disabled")),
    }
}
