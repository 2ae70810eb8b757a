//! Tools and the choice among them.
//!
//! A `custom` tool takes free text (Codex's `apply_patch`). Elsewhere tools take JSON, so it is carried
//! as a function with one text argument; the answer is unwrapped again by the writer. A grammar cannot
//! be enforced and becomes part of the description.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{keep_rest, member};
use crate::canonical::{Request, Tool, ToolChoice};
use crate::fault::Fault;
use crate::json::{self, Object, Raw};

pub(super) fn read(
    body: &mut Object<'_>,
    request: &mut Request,
    own: &mut Map<String, Value>,
) -> Result<(), Fault> {
    let raw = body.take_raw("tools");
    let tools = raw.map(|raw| json::read::<Vec<Raw<'_>>>(raw, "tools")).transpose()?;
    for (index, raw) in tools.unwrap_or_default().into_iter().enumerate() {
        request.tools.push(tool(raw, &format!("tools[{index}]"), own)?);
    }
    if let Some(raw) = body.take_raw("tool_choice") {
        request.tool_choice = Some(choice(raw)?);
    }
    Ok(())
}

fn tool(raw: Raw<'_>, place: &str, own: &mut Map<String, Value>) -> Result<Tool, Fault> {
    let mut tool: Object<'_> = json::read(raw, place)?;
    let kind = required(&mut tool, place, "type")?;
    if !matches!(kind.as_str(), "function" | "custom") {
        return Err(hosted(&kind, &format!("{place}.type")));
    }
    let name = required(&mut tool, place, "name")?;
    let description = member(&mut tool, place, "description")?;
    let read = if kind == "custom" {
        let format = member::<GivenFormat>(&mut tool, place, "format")?;
        custom(name, description, format, own)
    } else {
        Tool {
            name,
            description,
            parameters: member(&mut tool, place, "parameters")?,
            strict: member(&mut tool, place, "strict")?,
            cache: None,
        }
    };
    // One mark for all tools, or the list of them could be long.
    keep_rest(&tool, "tools[]", own)?;
    Ok(read)
}

fn required(object: &mut Object<'_>, place: &str, name: &str) -> Result<String, Fault> {
    member(object, place, name)?.ok_or_else(|| {
        let place = format!("{place}.{name}");
        Fault::missing(&*place, format!("{place}: is missing"))
    })
}

/// The refusal of a tool that OpenAI runs itself.
fn hosted(kind: &str, place: &str) -> Fault {
    let hint = match kind {
        "web_search" | "web_search_preview" => {
            " (in Codex's configuration: web_search = \"disabled\")"
        }
        "local_shell" | "shell" => "; offer the shell as a function tool",
        "mcp" => "; connect the server in your client and offer its tools as functions",
        "namespace" => "; offer the functions in it one by one",
        _ => "",
    };
    let message = format!(
        "{place}: tools of type {kind:?} exist at OpenAI only; leave it out and use function or \
         custom tools{hint}"
    );
    Fault::unsupported(place, message)
}

/// What the text of a custom tool has to look like.
#[derive(Deserialize)]
struct GivenFormat {
    #[serde(rename = "type")]
    kind: String,
    syntax: Option<String>,
    definition: Option<String>,
}

fn custom(
    name: String,
    description: Option<String>,
    format: Option<GivenFormat>,
    own: &mut Map<String, Value>,
) -> Tool {
    let mut description = description.unwrap_or_default();
    if let Some(format) = format.filter(|format| format.kind != "text") {
        own.insert("tools[].format".to_owned(), Value::String(format.kind));
        let syntax = format.syntax.unwrap_or_default();
        let definition = format.definition.unwrap_or_default();
        description
            .push_str(&format!("\n\nThe input has to follow this {syntax} grammar:\n{definition}"));
    }
    let parameters = json!({
        "type": "object",
        "properties": {
            "input": {"type": "string", "description": "The whole input, as plain text."}
        },
        "required": ["input"],
        "additionalProperties": false,
    });
    let description = Some(description).filter(|text| !text.is_empty());
    Tool { name, description, parameters: Some(parameters), strict: None, cache: None }
}

#[derive(Deserialize)]
struct GivenChoice {
    #[serde(rename = "type")]
    kind: String,
    name: Option<String>,
    mode: Option<String>,
    #[serde(default)]
    tools: Vec<GivenChoice>,
}

fn choice(raw: Raw<'_>) -> Result<ToolChoice, Fault> {
    if raw.get().starts_with('"') {
        return match json::read::<String>(raw, "tool_choice")?.as_str() {
            "auto" => Ok(ToolChoice::Auto),
            "none" => Ok(ToolChoice::None),
            "required" => Ok(ToolChoice::Required),
            other => Err(Fault::invalid(
                "tool_choice",
                format!("tool_choice: {other:?} is not auto, none or required"),
            )),
        };
    }
    let given: GivenChoice = json::read(raw, "tool_choice")?;
    if given.kind != "allowed_tools" {
        return Ok(ToolChoice::Named(given.named("tool_choice")?));
    }
    let required = given.mode.as_deref() == Some("required");
    let named =
        |(index, tool): (usize, GivenChoice)| tool.named(&format!("tool_choice.tools[{index}]"));
    let names = given.tools.into_iter().enumerate().map(named).collect::<Result<_, _>>()?;
    Ok(ToolChoice::Allowed { names, required })
}

impl GivenChoice {
    fn named(self, place: &str) -> Result<String, Fault> {
        if !matches!(self.kind.as_str(), "function" | "custom") {
            return Err(hosted(&self.kind, &format!("{place}.type")));
        }
        self.name.ok_or_else(|| {
            let place = format!("{place}.name");
            Fault::missing(&*place, format!("{place}: is missing"))
        })
    }
}
