//! Tools and whether they are called.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::body::{Choice, InputSchema, ToolConfig, ToolEntry, ToolSpec};
use super::family::{Cache, Family, Forced, Tools};
use super::turns::cache_point;
use crate::canonical::{Request, Tool, ToolChoice};
use crate::fault::{Fault, Losses, Param};
use crate::provider::schema;

/// Whether a call is demanded.
pub(super) fn is_forced(choice: Option<&ToolChoice>) -> bool {
    match choice {
        Some(ToolChoice::Required | ToolChoice::Named(_)) => true,
        Some(ToolChoice::Allowed { required, .. }) => *required,
        Some(ToolChoice::Auto | ToolChoice::None) | None => false,
    }
}

/// The tools of a request. `used` says that the conversation has calls in it; `fields` are those
/// that only the model knows.
pub(super) fn config<'a>(
    request: &'a Request,
    family: &Family,
    used: bool,
    fields: &mut Map<String, Value>,
    losses: &mut Losses,
) -> Result<Option<ToolConfig<'a>>, Fault> {
    let declined = request.tool_choice == Some(ToolChoice::None);
    let choice = request.tool_choice.as_ref().filter(|_| !declined);
    let mut offered: Vec<&Tool> = request.callable_tools().collect();
    if declined {
        offered.clear();
    }
    if offered.is_empty() {
        return absent(choice, declined, used, losses).map(|()| None);
    }
    check_family(request, family, losses)?;
    if let (Some(ToolChoice::Named(name)), true) = (choice, family.choice == Forced::Any) {
        // There is no word for one tool, but it can be the only one.
        offered.retain(|tool| tool.name == *name);
    }
    let known = |name: &String| offered.iter().any(|tool| tool.name == *name);
    if matches!(choice, Some(ToolChoice::Named(name)) if !known(name)) {
        return Err(losses.invalid(&Param::ToolChoice, "has to name one of the tools"));
    }
    let mut entries = Vec::with_capacity(offered.len());
    for tool in offered {
        entry(tool, family, &mut entries, losses)?;
    }
    let mut tool_choice = wanted(choice, family, losses)?;
    if request.parallel_tools == Some(false) {
        if family.is_claude() {
            fields.insert("tool_choice".to_owned(), one_by_one(tool_choice.take().as_ref()));
        } else {
            losses.drop(&Param::ParallelTools)?;
        }
    }
    Ok(Some(ToolConfig { tools: entries, tool_choice }))
}

/// Without tools nothing may ask for one, and the conversation may not have used any.
fn absent(
    choice: Option<&ToolChoice>,
    declined: bool,
    used: bool,
    losses: &Losses,
) -> Result<(), Fault> {
    if is_forced(choice) {
        return Err(losses.invalid(&Param::ToolChoice, "demands a tool, and none is on offer"));
    }
    match (used, declined) {
        (false, _) => Ok(()),
        (true, true) => {
            let why = "cannot be forbidden to call tools when earlier messages have tool calls; \
                       leave tool_choice out";
            Err(losses.refuse(&Param::ToolChoice, why))
        }
        (true, false) => {
            let why = "wants the tools again when earlier messages have tool calls; send them";
            Err(losses.refuse(&Param::Tools, why))
        }
    }
}

fn check_family(request: &Request, family: &Family, losses: &Losses) -> Result<(), Fault> {
    match family.tools {
        Tools::None => Err(losses.refuse(&Param::Tools, "takes no tools with this model")),
        Tools::Whole if request.stream => {
            let why = "streams no tool calls with this model; ask without stream";
            Err(losses.refuse(&Param::Tools, why))
        }
        Tools::Whole | Tools::Streamed => Ok(()),
    }
}

fn entry<'a>(
    tool: &'a Tool,
    family: &Family,
    entries: &mut Vec<ToolEntry<'a>>,
    losses: &mut Losses,
) -> Result<(), Fault> {
    check_name(&tool.name, &Param::Tools, losses)?;
    let strict = tool.strict.filter(|strict| *strict);
    if strict.is_some() && !family.schema {
        losses.drop(&Param::Own("tools.strict".into()))?;
    }
    entries.push(ToolEntry::ToolSpec(ToolSpec {
        name: &tool.name,
        description: tool.description.as_deref().filter(|text| !text.is_empty()),
        input_schema: InputSchema {
            json: Cow::Owned(schema::of_arguments(tool.parameters.as_ref())),
        },
        strict: strict.filter(|_| family.schema),
    }));
    let mark = if tool.cache.is_some() && family.cache == Cache::Messages {
        losses.drop(&Param::CacheControl)?;
        None
    } else {
        cache_point(tool.cache.as_ref(), family, losses)?
    };
    entries.extend(mark.map(ToolEntry::CachePoint));
    Ok(())
}

fn wanted<'a>(
    choice: Option<&'a ToolChoice>,
    family: &Family,
    losses: &Losses,
) -> Result<Option<Choice<'a>>, Fault> {
    let forced = is_forced(choice);
    if forced && family.choice == Forced::Never {
        let why = "cannot be made to call a tool with this model; use auto";
        return Err(losses.refuse(&Param::ToolChoice, why));
    }
    Ok(match choice {
        Some(ToolChoice::Named(name)) if family.choice == Forced::Named => {
            Some(Choice::Tool { name })
        }
        _ if forced => Some(Choice::Any {}),
        Some(_) if family.choice > Forced::Never => Some(Choice::Auto {}),
        _ => None,
    })
}

/// Claude's own words for a choice, which know of calling one at a time.
fn one_by_one(choice: Option<&Choice<'_>>) -> Value {
    let mut value = match choice {
        Some(Choice::Tool { name }) => json!({"type": "tool", "name": name}),
        Some(Choice::Any {}) => json!({"type": "any"}),
        Some(Choice::Auto {}) | None => json!({"type": "auto"}),
    };
    value["disable_parallel_tool_use"] = Value::Bool(true);
    value
}

pub(super) fn check_name(name: &str, place: &Param, losses: &Losses) -> Result<(), Fault> {
    let permitted = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if (1..=64).contains(&name.len()) && name.bytes().all(permitted) {
        return Ok(());
    }
    let why = "the name of a tool has to be 1 to 64 letters, digits, _ or -";
    Err(losses.invalid(place, why))
}
