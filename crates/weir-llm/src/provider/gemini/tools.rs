//! Tools and whether they are called.

use serde_json::{Map, Value, json};

use super::body::{Declaration, FunctionCalling, ToolConfig, ToolGroup};
use crate::canonical::{Tool, ToolChoice};
use crate::capability::Capabilities;
use crate::fault::{Fault, Losses, Param};

/// What of a request is about tools.
pub(super) struct Wanted<'a> {
    pub(super) tools: &'a [Tool],
    pub(super) choice: Option<&'a ToolChoice>,
    pub(super) parallel: Option<bool>,
    /// OpenAI's `web_search_options`.
    pub(super) web_search: Option<&'a Map<String, Value>>,
}

pub(super) fn tools<'a>(
    wanted: &Wanted<'a>,
    capabilities: &Capabilities,
    losses: &mut Losses,
) -> Result<(Vec<ToolGroup<'a>>, Option<ToolConfig<'a>>), Fault> {
    let mut groups = Vec::new();
    if let Some(options) = wanted.web_search {
        groups.push(search(options, wanted.tools, losses)?);
    }
    if wanted.tools.is_empty() {
        no_tools(wanted.choice, losses)?;
        return Ok((groups, None));
    }
    if capabilities.tools == Some(false) {
        return Err(losses.refuse(&Param::Tools, "cannot call tools with this model"));
    }
    if wanted.parallel == Some(false) {
        losses.drop(&Param::ParallelTools)?;
    }
    let (config, only) = choice(wanted, capabilities, losses)?;
    let mut declarations = Vec::with_capacity(wanted.tools.len());
    for tool in wanted.tools {
        if only.is_some_and(|names| !names.contains(&tool.name)) {
            continue;
        }
        if tool.strict == Some(true) {
            losses.drop(&Param::Own("tools.strict".into()))?;
        }
        if tool.cache.is_some() {
            losses.drop(&Param::CacheControl)?;
        }
        declarations.push(Declaration {
            name: &tool.name,
            description: tool.description.as_deref(),
            parameters_json_schema: tool.parameters.as_ref(),
        });
    }
    groups.push(ToolGroup { function_declarations: declarations, google_search: None });
    Ok((groups, config))
}

fn search<'a>(
    options: &Map<String, Value>,
    tools: &[Tool],
    losses: &mut Losses,
) -> Result<ToolGroup<'a>, Fault> {
    if !tools.is_empty() {
        let why = "cannot search the web while other tools are on offer; leave out one of the two";
        return Err(losses.refuse(&Param::Own("web_search_options".into()), why));
    }
    for name in options.keys() {
        losses.drop(&Param::Own(format!("web_search_options.{name}").into()))?;
    }
    Ok(ToolGroup { google_search: Some(json!({})), ..ToolGroup::default() })
}

/// A demand for a tool that is not there.
fn no_tools(choice: Option<&ToolChoice>, losses: &Losses) -> Result<(), Fault> {
    match choice {
        None | Some(ToolChoice::Auto | ToolChoice::None) => Ok(()),
        Some(ToolChoice::Allowed { required: false, .. }) => Ok(()),
        Some(_) => Err(losses.invalid(&Param::ToolChoice, "demands a tool, but tools is empty")),
    }
}

type Choice<'a> = (Option<ToolConfig<'a>>, Option<&'a [String]>);

/// The configuration, and which tools are left when only some are.
fn choice<'a>(
    wanted: &Wanted<'a>,
    capabilities: &Capabilities,
    losses: &Losses,
) -> Result<Choice<'a>, Fault> {
    let known = |name: &str| wanted.tools.iter().any(|tool| tool.name == name);
    let check = |names: &[String]| match names.iter().find(|name| !known(name)) {
        Some(name) => {
            let why = format!("names the tool {name:?}, which tools does not hold");
            Err(losses.invalid(&Param::ToolChoice, &why))
        }
        None => Ok(()),
    };
    let (mode, names, only) = match wanted.choice {
        None => return Ok((None, None)),
        Some(ToolChoice::Auto) => ("AUTO", Vec::new(), None),
        Some(ToolChoice::None) => ("NONE", Vec::new(), None),
        Some(ToolChoice::Required) => ("ANY", Vec::new(), None),
        Some(ToolChoice::Named(name)) => {
            check(std::slice::from_ref(name))?;
            ("ANY", vec![name.as_str()], None)
        }
        Some(ToolChoice::Allowed { names, required: true }) => {
            check(names)?;
            ("ANY", names.iter().map(String::as_str).collect(), None)
        }
        // Gemini takes names only together with a demand; without one, the others are not shown.
        Some(ToolChoice::Allowed { names, required: false }) => {
            check(names)?;
            ("AUTO", Vec::new(), Some(names.as_slice()))
        }
    };
    if mode == "ANY" && capabilities.forced_tool_choice == Some(false) {
        let why = "cannot be made to call a tool with this model; use auto";
        return Err(losses.refuse(&Param::ToolChoice, why));
    }
    let calling = FunctionCalling { mode, allowed_function_names: names };
    Ok((Some(ToolConfig { function_calling_config: calling }), only))
}
