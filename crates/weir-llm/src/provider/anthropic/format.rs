//! Answers in the form of a schema: by Anthropic itself where the model can, else as the arguments of
//! a tool that has to be called (spec: providers 4.1).

use std::borrow::Cow;

use serde_json::Value;

use super::super::schema;
use super::body::{Block, Choice, Format as Native, Tool};
use crate::canonical::{Format, Request};
use crate::capability::Capabilities;
use crate::fault::{Fault, Losses, Param};

const JSON_ONLY: &str =
    "Answer with one JSON object and nothing else: no words around it, no code fence.";
/// Name of the tool whose schema has none that Anthropic takes.
const TOOL_NAME: &str = "answer";
const TOOL_DESCRIPTION: &str = "Gives the answer. Its arguments are the answer itself.";

/// How the form is asked for.
pub(super) enum Way<'a> {
    /// Nothing to ask for.
    Free,
    /// In words: lossy, the model may not obey.
    Words(Block<'static>),
    /// By Anthropic itself.
    Native(Native),
    /// This tool, and no other.
    Tool(Tool<'a>),
}

impl<'a> Way<'a> {
    pub(super) fn of(
        request: &'a Request,
        facts: &Capabilities,
        losses: &Losses,
    ) -> Result<Self, Fault> {
        let (name, description, schema) = match &request.format {
            Format::Text => return Ok(Self::Free),
            Format::JsonObject => return Ok(Self::Words(Block::text(JSON_ONLY))),
            Format::JsonSchema { name, description, schema, strict: _ } => {
                (name, description.as_deref(), schema)
            }
        };
        if is_native(facts) {
            let mut schema = schema::clean(schema);
            if let (Some(text), Value::Object(members)) = (description, &mut schema) {
                members.entry("description").or_insert_with(|| text.into());
            }
            return Ok(Self::Native(Native::JsonSchema { schema }));
        }
        let refuse = |why: &str| Err(losses.refuse(&Param::ResponseFormat, why));
        if facts.forced_tool_choice == Some(false) {
            return refuse("cannot hold this model to a schema; ask for `json_object`");
        }
        if !request.tools.is_empty() {
            return refuse("cannot hold this model to a schema while it has tools; leave out one");
        }
        let schema = schema::of_arguments(Some(schema));
        if schema.get("type").is_none_or(|kind| kind != "object") {
            return refuse("takes only schemas of objects for this model");
        }
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let usable = !name.is_empty() && name.len() <= 64 && name.chars().all(fits);
        Ok(Self::Tool(Tool {
            name: if usable { name } else { TOOL_NAME },
            description: description.or(Some(TOOL_DESCRIPTION)),
            input_schema: Cow::Owned(schema),
            strict: false,
            cache_control: None,
        }))
    }

    /// The choice that demands the tool.
    pub(super) fn demand(tool: &Tool<'a>) -> Choice<'a> {
        Choice::Tool { name: tool.name, disable_parallel_tool_use: true }
    }
}

/// A model nobody has facts about is taken for an old one, unless it cannot be made to call a tool:
/// then it is new enough.
fn is_native(facts: &Capabilities) -> bool {
    facts.native_json_schema.unwrap_or_else(|| {
        facts.forced_tool_choice == Some(false) || facts.thinking_adaptive == Some(true)
    })
}
