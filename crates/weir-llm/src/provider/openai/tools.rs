//! Tools on offer and the choice among them.

use serde_json::{Value, json};

use super::quirks::Fate;
use super::request::Writing;
use crate::canonical::{Request, Tool, ToolChoice};
use crate::fault::{Fault, Param};
use crate::json::push_string;

pub(super) fn push(
    w: &mut Writing<'_>,
    request: &Request,
    offered: &[Tool],
    choice: Option<&ToolChoice>,
) -> Result<(), Fault> {
    if offered.is_empty() {
        return match choice {
            Some(ToolChoice::Required | ToolChoice::Named(_)) => {
                Err(w.losses.invalid(&Param::ToolChoice, "there is no tool to call; offer one"))
            }
            _ => Ok(()),
        };
    }
    refuse(w, choice)?;
    w.name("tools");
    w.out.push(b'[');
    let whole = w.quirks.allowed_tools;
    let tools = offered.iter().filter(|tool| {
        whole || request.callable_tools().any(|callable| std::ptr::eq(callable, *tool))
    });
    for (index, tool) in tools.enumerate() {
        if index > 0 {
            w.out.push(b',');
        }
        push_tool(w, tool)?;
    }
    w.out.push(b']');
    if let Some(choice) = choice {
        let choice = choice_json(w, choice);
        w.member("tool_choice", &choice);
    }
    Ok(())
}

/// What the provider or the model cannot do.
fn refuse(w: &Writing<'_>, choice: Option<&ToolChoice>) -> Result<(), Fault> {
    if let Fate::Refuse(why) = w.quirks.fate("tools") {
        return Err(w.losses.refuse(&Param::Tools, why));
    }
    if w.capabilities.tools == Some(false) {
        let why = "calls no tools with this model; leave them out or use another model";
        return Err(w.losses.refuse(&Param::Tools, why));
    }
    let forced = matches!(
        choice,
        Some(
            ToolChoice::Required
                | ToolChoice::Named(_)
                | ToolChoice::Allowed { required: true, .. }
        )
    );
    if forced && w.capabilities.forced_tool_choice == Some(false) {
        let why = "cannot be made to call a tool with this model; use auto";
        return Err(w.losses.refuse(&Param::ToolChoice, why));
    }
    Ok(())
}

fn push_tool(w: &mut Writing<'_>, tool: &Tool) -> Result<(), Fault> {
    w.out.extend_from_slice(b"{\"type\":\"function\",\"function\":{\"name\":");
    push_string(&mut w.out, &tool.name);
    if let Some(description) = &tool.description {
        w.member("description", description);
    }
    match &tool.parameters {
        Some(schema) => w.member("parameters", schema),
        // Several providers want a schema even where there is nothing to say.
        None => w.member("parameters", &json!({"type": "object", "properties": {}})),
    }
    let param = Param::Own("tools[].strict".into());
    if let Some(strict) = tool.strict {
        match w.quirks.fate("tools[].strict") {
            Fate::Carry => w.member("strict", &strict),
            _ if strict => w.losses.drop(&param)?,
            _ => {}
        }
    }
    w.out.push(b'}');
    w.cache(tool.cache.as_ref())?;
    w.out.push(b'}');
    Ok(())
}

fn choice_json(w: &Writing<'_>, choice: &ToolChoice) -> Value {
    let function = |name: &str| json!({"type": "function", "function": {"name": name}});
    match choice {
        ToolChoice::Auto => "auto".into(),
        ToolChoice::None => "none".into(),
        ToolChoice::Required => w.quirks.required.into(),
        ToolChoice::Named(name) => function(name),
        ToolChoice::Allowed { names, required } if w.quirks.allowed_tools => {
            let mode = if *required { "required" } else { "auto" };
            let tools: Vec<Value> = names.iter().map(|name| function(name)).collect();
            json!({"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": tools}})
        }
        // The list of tools was cut down instead.
        ToolChoice::Allowed { required: true, .. } => w.quirks.required.into(),
        ToolChoice::Allowed { .. } => "auto".into(),
    }
}

impl Writing<'_> {
    /// Writes `cache_control` where the provider takes it.
    pub(super) fn cache(&mut self, cache: Option<&Value>) -> Result<(), Fault> {
        match cache {
            Some(cache) if self.quirks.cache_control => {
                self.member("cache_control", cache);
                Ok(())
            }
            Some(_) => self.losses.drop(&Param::CacheControl),
            None => Ok(()),
        }
    }
}
