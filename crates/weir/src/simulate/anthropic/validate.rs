//! What the Messages API refuses, beside unknown fields.

use super::family::ModelRules;
use super::{OfferedTool, Request, Surface, conversation, format, thinking};
use crate::simulate::fault::Fault;

/// The version that the clients of Anthropic send by themselves since October 2026, wherever the
/// model is.
const NEWER: &str = "2026-10-21";

/// Checks a request as it came to `surface` for `model` (without its script).
///
/// # Errors
/// 400 that begins with the place of the fault.
pub(super) fn check(request: &Request, surface: Surface, model: &str) -> Result<(), Fault> {
    let rules = ModelRules::of(model);
    envelope(request, surface)?;
    if request.anthropic_version.as_deref() == Some(NEWER) {
        retired(request)?;
    }
    if request.max_tokens.is_none_or(|max| max == 0) {
        return Err(refused("max_tokens: a number above zero is required"));
    }
    sampling(request, rules)?;
    tools(request, rules)?;
    conversation::check(&request.messages, rules)?;
    if request.system.as_ref().is_some_and(conversation::has_empty_text) {
        return Err(refused("system: text content blocks must be non-empty"));
    }
    thinking::check(request, rules)?;
    format::check(request)
}

/// On the provider's own API the version is not in the body.
pub(super) fn only_in_header(request: &Request) -> Result<(), Fault> {
    match request.anthropic_version {
        Some(_) => Err(refused("anthropic_version: Extra inputs are not permitted")),
        None => Ok(()),
    }
}

/// What the newer version of the API takes no longer.
fn retired(request: &Request) -> Result<(), Fault> {
    if request.temperature.is_some() || request.top_p.is_some() || request.top_k.is_some() {
        return Err(refused("temperature, top_p, top_k: not supported by this API version"));
    }
    let mut own = request.messages.iter().filter(|message| message.role == "assistant");
    if own.any(|message| message.content.has("document")) {
        return Err(refused("messages: `document` blocks are not allowed in assistant messages"));
    }
    Ok(())
}

/// The fields that say where a body is meant for.
fn envelope(request: &Request, surface: Surface) -> Result<(), Fault> {
    let version = request.anthropic_version.as_deref().unwrap_or_default();
    let extra = |field: &str| Err(refused(format!("{field}: Extra inputs are not permitted")));
    match surface {
        Surface::Api if !["2023-06-01", NEWER].contains(&version) => {
            return Err(refused(format!("anthropic-version: `{version}` is not a valid version")));
        }
        Surface::Api => return Ok(()),
        Surface::Vertex if !["vertex-2023-10-16", NEWER].contains(&version) => {
            return Err(refused("anthropic_version: must be \"vertex-2023-10-16\""));
        }
        Surface::Bedrock if !["bedrock-2023-05-31", NEWER].contains(&version) => {
            return Err(refused("anthropic_version: must be \"bedrock-2023-05-31\""));
        }
        Surface::Bedrock if request.stream.is_some() => return extra("stream"),
        Surface::Vertex | Surface::Bedrock => {}
    }
    if request.model.is_some() { extra("model") } else { Ok(()) }
}

fn sampling(request: &Request, rules: ModelRules) -> Result<(), Fault> {
    let given = request.temperature.is_some() || request.top_p.is_some() || request.top_k.is_some();
    if given && !rules.sampling {
        return Err(refused("temperature, top_p, top_k: this model takes none of them"));
    }
    for (name, value) in [("temperature", request.temperature), ("top_p", request.top_p)] {
        if value.is_some_and(|value| !(0.0..=1.0).contains(&value)) {
            return Err(refused(format!("{name}: range: 0..1")));
        }
    }
    let blank = |stop: &String| stop.trim().is_empty();
    if request.stop_sequences.iter().flatten().any(blank) {
        return Err(refused("stop_sequences: each stop sequence must contain non-whitespace"));
    }
    Ok(())
}

fn tools(request: &Request, rules: ModelRules) -> Result<(), Fault> {
    let tools = request.tools.as_deref().unwrap_or_default();
    for (index, tool) in tools.iter().enumerate() {
        check_tool(tool).map_err(|text| refused(format!("tools.{index}.{text}")))?;
        if tools.iter().take(index).any(|before| before.name == tool.name) {
            return Err(refused("tools: Tool names must be unique."));
        }
    }
    let Some(choice) = &request.tool_choice else { return Ok(()) };
    if tools.is_empty() {
        return Err(refused("tool_choice: may only be specified while providing tools"));
    }
    match (choice.kind.as_str(), &choice.name) {
        ("any" | "tool", _) if !rules.forced_tools => {
            Err(refused("tool_choice: this model cannot be forced to use a tool"))
        }
        ("auto" | "any", None) => Ok(()),
        ("none", None) if choice.disable_parallel_tool_use.is_none() => Ok(()),
        ("tool", Some(name)) if tools.iter().any(|tool| tool.name == *name) => Ok(()),
        ("tool", Some(name)) => Err(refused(format!("Tool '{name}' not found in provided tools"))),
        _ => Err(refused("tool_choice: not one of auto, any, none, or tool with a name")),
    }
}

/// What is wrong with a tool, after its place.
fn check_tool(tool: &OfferedTool) -> Result<(), &'static str> {
    let good = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if !(1..=128).contains(&tool.name.len()) || !tool.name.bytes().all(good) {
        return Err("custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'");
    }
    if tool.kind.as_deref().is_some_and(|kind| kind != "custom") {
        return Ok(());
    }
    let Some(schema) = &tool.input_schema else {
        return Err("custom.input_schema: Field required");
    };
    match schema.get("type").and_then(serde_json::Value::as_str) {
        Some("object") => Ok(()),
        Some(_) => Err("custom.input_schema.type: Input should be 'object'"),
        None => Err("custom.input_schema.type: Field required"),
    }
}

pub(super) fn refused(message: impl Into<String>) -> Fault {
    Fault::bad_request(message.into())
}
