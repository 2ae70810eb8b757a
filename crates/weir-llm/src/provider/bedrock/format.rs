//! The form of the answer: a schema where the model takes one, else a tool whose arguments are the
//! answer, or an instruction.

use std::borrow::Cow;

use serde_json::Value;

use super::body::{
    Block, Body, Choice, InputSchema, JsonSchema, Structure, TextFormat, ToolConfig, ToolEntry,
    ToolSpec,
};
use super::family::{Family, Forced, Tools};
use crate::canonical::Format;
use crate::fault::{Fault, Losses, Param};
use crate::provider::schema;

const INSTRUCTION: &str = "Answer with one JSON object and nothing else: no prose, no code fence.";
const INSTRUCTION_FOR_TOOL: &str = "Gives the answer in the form that was asked for.";

/// Whether the format will be asked for with a tool.
pub(super) fn needs_tool(format: &Format, family: &Family) -> bool {
    matches!(format, Format::JsonSchema { .. }) && !family.schema
}

/// Writes the format into the body. Gives the name of the tool that stands in for a schema.
pub(super) fn write<'a>(
    format: &'a Format,
    family: &Family,
    has_tools: bool,
    stream: bool,
    body: &mut Body<'a>,
    losses: &mut Losses,
) -> Result<Option<Box<str>>, Fault> {
    match format {
        Format::Text => Ok(None),
        Format::JsonObject => {
            instruct(family, body, losses)?;
            Ok(None)
        }
        Format::JsonSchema { name, description, schema, strict: _ } if family.schema => {
            body.output_config.text_format = Some(TextFormat {
                kind: "json_schema",
                structure: Structure {
                    json_schema: JsonSchema {
                        schema: schema::clean(schema).to_string(),
                        name,
                        description: description.as_deref(),
                    },
                },
            });
            Ok(None)
        }
        Format::JsonSchema { name, description, schema, strict: _ } => {
            check_tool(family, has_tools, stream, losses)?;
            super::tools::check_name(name, &Param::ResponseFormat, losses)?;
            body.tool_config = Some(stand_in(name, description.as_deref(), schema, family));
            Ok(Some(name.as_str().into()))
        }
    }
}

/// There is no switch for any JSON, so the model is asked. It may not comply: that is a loss.
fn instruct(family: &Family, body: &mut Body<'_>, losses: &mut Losses) -> Result<(), Fault> {
    if !family.system {
        let why = "cannot be held to JSON with this model; ask for it in the message";
        return Err(losses.refuse(&Param::ResponseFormat, why));
    }
    losses.drop(&Param::ResponseFormat)?;
    body.system.push(Block::Text(Cow::Borrowed(INSTRUCTION)));
    Ok(())
}

fn check_tool(
    family: &Family,
    has_tools: bool,
    stream: bool,
    losses: &Losses,
) -> Result<(), Fault> {
    let param = &Param::ResponseFormat;
    if has_tools {
        let why = "holds to a schema only without tools with this model; leave one of them out";
        return Err(losses.refuse(param, why));
    }
    let whole_only = family.tools == Tools::Whole && stream;
    if family.tools == Tools::None || family.choice == Forced::Never || whole_only {
        return Err(losses.refuse(param, "cannot be held to a schema with this model"));
    }
    Ok(())
}

fn stand_in<'a>(
    name: &'a str,
    description: Option<&'a str>,
    schema: &'a Value,
    family: &Family,
) -> ToolConfig<'a> {
    let spec = ToolSpec {
        name,
        description: Some(description.unwrap_or(INSTRUCTION_FOR_TOOL)),
        input_schema: InputSchema { json: Cow::Borrowed(schema) },
        strict: None,
    };
    let named = family.choice == Forced::Named;
    let choice = if named { Choice::Tool { name } } else { Choice::Any {} };
    ToolConfig { tools: vec![ToolEntry::ToolSpec(spec)], tool_choice: Some(choice) }
}
