//! `tool_choice`.

use serde::Deserialize;

use crate::canonical::{Request, ToolChoice};
use crate::fault::Fault;
use crate::json::Object;

#[derive(Deserialize)]
struct Given {
    #[serde(rename = "type")]
    kind: String,
    name: Option<String>,
    disable_parallel_tool_use: Option<bool>,
}

pub(super) fn read(body: &mut Object<'_>, request: &mut Request) -> Result<(), Fault> {
    let Some(given) = body.take::<Given>("tool_choice")? else { return Ok(()) };
    request.parallel_tools = given.disable_parallel_tool_use.map(|disabled| !disabled);
    request.tool_choice = Some(match (given.kind.as_str(), given.name) {
        ("auto", _) => ToolChoice::Auto,
        ("any", _) => ToolChoice::Required,
        ("none", _) => ToolChoice::None,
        ("tool", Some(name)) => ToolChoice::Named(name),
        ("tool", None) => {
            return Err(Fault::missing("tool_choice.name", "tool_choice.name is missing"));
        }
        _ => {
            let message = "tool_choice.type has to be auto, any, tool or none";
            return Err(Fault::invalid("tool_choice.type", message));
        }
    });
    Ok(())
}
