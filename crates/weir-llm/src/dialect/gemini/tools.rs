//! Tools and whether they are called.

use serde_json::Value;

use super::fields::Fields;
use super::schema;
use crate::canonical::{Request, Tool, ToolChoice};
use crate::fault::Fault;
use crate::json;

pub(super) fn read(body: &mut Fields<'_>, request: &mut Request) -> Result<(), Fault> {
    for mut group in body.objects("tools")? {
        for declaration in group.objects("functionDeclarations")? {
            request.tools.push(tool(declaration)?);
        }
        if let Some(name) = group.other() {
            let why = "only Google runs this tool; offer functionDeclarations";
            return Err(group.unsupported(&name, why));
        }
    }
    if let Some(mut config) = body.object("toolConfig")? {
        if let Some(calling) = config.object("functionCallingConfig")? {
            request.tool_choice = choice(calling)?;
        }
        for (name, raw) in config.rest() {
            request.own.insert(name.clone(), json::read(raw, &name)?);
        }
    }
    Ok(())
}

fn tool(mut given: Fields<'_>) -> Result<Tool, Fault> {
    let name = given.take("name")?.ok_or_else(|| given.missing("name"))?;
    let openapi: Option<Value> = given.take("parameters")?;
    let json_schema = given.take("parametersJsonSchema")?;
    Ok(Tool {
        name,
        description: given.take("description")?,
        parameters: json_schema.or_else(|| openapi.map(schema::json_schema)),
        ..Tool::default()
    })
}

fn choice(mut given: Fields<'_>) -> Result<Option<ToolChoice>, Fault> {
    let mode = given.take::<String>("mode")?.unwrap_or_default();
    let names: Vec<String> = given.take("allowedFunctionNames")?.unwrap_or_default();
    Ok(match (mode.to_uppercase().as_str(), names.len()) {
        ("NONE", _) => Some(ToolChoice::None),
        ("ANY", 0) => Some(ToolChoice::Required),
        ("ANY", 1) => names.into_iter().next().map(ToolChoice::Named),
        ("ANY", _) => Some(ToolChoice::Allowed { names, required: true }),
        ("" | "MODE_UNSPECIFIED", 0) => None,
        ("AUTO" | "VALIDATED", 0) => Some(ToolChoice::Auto),
        ("" | "MODE_UNSPECIFIED" | "AUTO" | "VALIDATED", _) => {
            Some(ToolChoice::Allowed { names, required: false })
        }
        _ => return Err(given.invalid("mode", "has to be AUTO, ANY, NONE or VALIDATED")),
    })
}
