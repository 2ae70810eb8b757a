//! Tools on offer and the choice among them.

use serde_json::Value;

use super::node::Node;
use crate::canonical::{Request, Tool, ToolChoice};
use crate::fault::Fault;

/// Reads `tools`, `tool_choice`, `parallel_tool_calls`, and the older `functions` and
/// `function_call`, which mean the same.
pub(super) fn read(body: &mut Node<'_>, request: &mut Request) -> Result<(), Fault> {
    for node in body.nodes("tools")?.unwrap_or_default() {
        request.tools.push(tool(node)?);
    }
    for node in body.nodes("functions")?.unwrap_or_default() {
        request.tools.push(function(node, None)?);
    }
    let older = choice(body, "function_call")?;
    request.tool_choice = choice(body, "tool_choice")?.or(older);
    request.parallel_tools = body.take("parallel_tool_calls")?;
    Ok(())
}

fn tool(mut node: Node<'_>) -> Result<Tool, Fault> {
    only_functions(&mut node)?;
    let cache = node.take("cache_control")?;
    let inner = node.node("function")?.ok_or_else(|| node.missing("function"))?;
    function(inner, cache)
}

/// Custom tools and those that the provider runs exist at OpenAI only.
pub(super) fn only_functions(node: &mut Node<'_>) -> Result<(), Fault> {
    match node.take::<String>("type")?.as_deref() {
        None | Some("function") => Ok(()),
        Some(other) => {
            let why = format!("a tool of type {other} cannot be carried over; offer a function");
            Err(node.unsupported("type", &why))
        }
    }
}

fn function(mut node: Node<'_>, cache: Option<Value>) -> Result<Tool, Fault> {
    let name: String = node.need("name")?;
    if name.is_empty() {
        return Err(node.invalid("name", "has to name the function"));
    }
    let parameters: Option<Value> = node.take("parameters")?;
    if parameters.as_ref().is_some_and(|schema| !schema.is_object()) {
        return Err(node.invalid("parameters", "has to be a JSON schema, an object"));
    }
    let cache = cache.or(node.take("cache_control")?);
    Ok(Tool {
        name,
        description: node.take("description")?,
        parameters,
        strict: node.take("strict")?,
        cache,
    })
}

/// A word, or an object that names functions.
fn choice(body: &mut Node<'_>, name: &str) -> Result<Option<ToolChoice>, Fault> {
    let Some(raw) = body.raw(name) else { return Ok(None) };
    if !raw.get().starts_with('"') {
        return object(body, raw, name).map(Some);
    }
    let word: String = body.parse(raw, name)?;
    match word.as_str() {
        "auto" => Ok(Some(ToolChoice::Auto)),
        "none" => Ok(Some(ToolChoice::None)),
        // The second is the word of some OpenAI-shaped services.
        "required" | "any" => Ok(Some(ToolChoice::Required)),
        _ => Err(body.invalid(name, "has to be auto, none, required or an object")),
    }
}

fn object<'a>(body: &Node<'a>, raw: crate::json::Raw<'a>, name: &str) -> Result<ToolChoice, Fault> {
    let mut node = body.child(raw, name)?;
    // `function_call` has the name right here.
    if let Some(function) = node.take("name")? {
        return Ok(ToolChoice::Named(function));
    }
    let kind: Option<String> = node.take("type")?;
    match kind.as_deref() {
        None | Some("function") => {
            let mut inner = node.node("function")?.ok_or_else(|| node.missing("function"))?;
            Ok(ToolChoice::Named(inner.need("name")?))
        }
        Some("allowed_tools") => allowed(node),
        Some(_) => {
            Err(node.unsupported("type", "only function and allowed_tools can be carried over"))
        }
    }
}

fn allowed(mut node: Node<'_>) -> Result<ToolChoice, Fault> {
    let mut inner = node.node("allowed_tools")?.ok_or_else(|| node.missing("allowed_tools"))?;
    let mode: Option<String> = inner.take("mode")?;
    let required = match mode.as_deref() {
        None | Some("auto") => false,
        Some("required") => true,
        Some(_) => return Err(inner.invalid("mode", "has to be auto or required")),
    };
    let mut names = Vec::new();
    for mut tool in inner.nodes("tools")?.ok_or_else(|| inner.missing("tools"))? {
        only_functions(&mut tool)?;
        let mut function = tool.node("function")?.ok_or_else(|| tool.missing("function"))?;
        names.push(function.need("name")?);
    }
    Ok(ToolChoice::Allowed { names, required })
}
