//! Tools on offer, and whether one is called.

use std::borrow::Cow;

use serde_json::Value;

use super::super::schema;
use super::body::{Choice, Tool};
use crate::canonical::{Request, ToolChoice};
use crate::capability::Capabilities;
use crate::fault::{Fault, Losses, Param};

/// The tools that may be called.
pub(super) fn offered<'a>(
    request: &'a Request,
    capabilities: &Capabilities,
    losses: &mut Losses,
) -> Result<Vec<Tool<'a>>, Fault> {
    if !request.tools.is_empty() && capabilities.tools == Some(false) {
        return Err(losses.refuse(&Param::Tools, "cannot call tools with this model"));
    }
    let mut tools = Vec::with_capacity(request.tools.len());
    for tool in request.callable_tools() {
        // Holding arguments to a schema came with structured outputs: one flag tells of both.
        let strict = tool.strict == Some(true) && capabilities.native_json_schema == Some(true);
        if tool.strict == Some(true) && !strict {
            losses.drop(&Param::Own("tools[].strict".into()))?;
        }
        tools.push(Tool {
            name: &tool.name,
            description: tool.description.as_deref().filter(|text| !text.is_empty()),
            input_schema: arguments(tool.parameters.as_ref(), strict),
            strict,
            cache_control: tool.cache.as_ref(),
        });
    }
    Ok(tools)
}

fn arguments(parameters: Option<&Value>, strict: bool) -> Cow<'_, Value> {
    match parameters {
        Some(given) if !strict && given.get("type").is_some() => Cow::Borrowed(given),
        _ if strict => Cow::Owned(schema::clean(&schema::of_arguments(parameters))),
        _ => Cow::Owned(schema::of_arguments(parameters)),
    }
}

/// The choice, as Anthropic words it; `None` where it says nothing.
pub(super) fn choice<'a>(
    request: &'a Request,
    tools: &[Tool<'_>],
    capabilities: &Capabilities,
    losses: &Losses,
) -> Result<Option<Choice<'a>>, Fault> {
    let one_at_a_time = request.parallel_tools == Some(false);
    let Some(choice) = &request.tool_choice else {
        let needed = one_at_a_time && !tools.is_empty();
        return Ok(needed.then_some(Choice::Auto { disable_parallel_tool_use: true }));
    };
    if tools.is_empty() {
        return match choice {
            ToolChoice::Auto | ToolChoice::None => Ok(None),
            _ => Err(losses.invalid(&Param::ToolChoice, "there is no tool to be called")),
        };
    }
    let forced = is_forced(request);
    if forced && capabilities.forced_tool_choice == Some(false) {
        let why = "cannot be made to call a tool with this model; choose `auto`";
        return Err(losses.refuse(&Param::ToolChoice, why));
    }
    Ok(Some(match choice {
        ToolChoice::None => Choice::None,
        ToolChoice::Named(name) => {
            if !tools.iter().any(|tool| tool.name == name) {
                let why = format!("no tool on offer is called `{name}`");
                return Err(losses.invalid(&Param::ToolChoice, &why));
            }
            Choice::Tool { name, disable_parallel_tool_use: one_at_a_time }
        }
        _ if forced => Choice::Any { disable_parallel_tool_use: one_at_a_time },
        _ => Choice::Auto { disable_parallel_tool_use: one_at_a_time },
    }))
}

/// Whether some tool has to be called.
pub(super) fn is_forced(request: &Request) -> bool {
    matches!(
        request.tool_choice,
        Some(
            ToolChoice::Required
                | ToolChoice::Named(_)
                | ToolChoice::Allowed { required: true, .. }
        )
    )
}
