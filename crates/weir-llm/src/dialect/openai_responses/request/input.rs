//! The conversation: items into messages.
//!
//! A turn of the model is a row of items (thoughts, text, calls) here and one message elsewhere, so
//! neighbouring items of the model are put together.

use serde::Deserialize;
use serde_json::json;

use super::super::thoughts::{self, Thought};
use super::content::{self, Given};
use crate::canonical::{Message, Part, PartKind, Role, ToolCall, ToolResult};
use crate::fault::Fault;
use crate::json::{self, Raw, TextOr};

/// What was read.
#[derive(Default)]
pub(super) struct Conversation {
    pub(super) messages: Vec<Message>,
    /// Thoughts were sealed by somebody else and cannot be carried over.
    pub(super) foreign_thoughts: bool,
    /// Seals of calls that are still to come, by the call's id.
    call_signatures: Vec<(String, String)>,
}

/// An item of any kind, as sent.
#[derive(Deserialize)]
struct Item {
    #[serde(rename = "type")]
    kind: Option<String>,
    role: Option<String>,
    content: Option<TextOr<Given>>,
    call_id: Option<String>,
    name: Option<String>,
    arguments: Option<String>,
    input: Option<String>,
    output: Option<TextOr<Given>>,
    summary: Option<Vec<Given>>,
    encrypted_content: Option<String>,
}

/// What of an item says what it is.
#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    kind: Option<String>,
    role: Option<String>,
}

pub(super) fn read(raw: Raw<'_>) -> Result<Conversation, Fault> {
    let mut conversation = Conversation::default();
    match json::read::<TextOr<Raw<'_>>>(raw, "input")? {
        TextOr::Text(text) => conversation.messages.push(Message::text(Role::User, 0, text)),
        TextOr::List(items) => {
            for (index, item) in items.into_iter().enumerate() {
                conversation.item(item, index)?;
            }
        }
    }
    Ok(conversation)
}

impl Conversation {
    fn item(&mut self, raw: Raw<'_>, index: usize) -> Result<(), Fault> {
        let place = format!("input[{index}]");
        let item: Item = match json::read(raw, &place) {
            Ok(item) => item,
            // An item of another kind may use the same names for other things: say what it is.
            Err(fault) => {
                let kind: Kind = json::read(raw, &place)?;
                return Err(refusal(kind.kind.as_deref(), kind.role.is_some(), &place, fault));
            }
        };
        let missing = |name: &str| {
            let place = format!("{place}.{name}");
            Fault::missing(&*place, format!("{place}: is missing"))
        };
        match item.kind.as_deref() {
            Some("message") | None if item.role.is_some() => {
                let content = item.content.ok_or_else(|| missing("content"))?;
                let parts = content::read(content, &format!("{place}.content"))?;
                self.message(&item.role.unwrap_or_default(), parts, index, &place)?;
            }
            Some("message") => return Err(missing("role")),
            Some("function_call") => {
                let id = item.call_id.ok_or_else(|| missing("call_id"))?;
                let name = item.name.ok_or_else(|| missing("name"))?;
                self.call(id, name, item.arguments.unwrap_or_default(), index);
            }
            // Carried as a function with one argument, see `tools`.
            Some("custom_tool_call") => {
                let id = item.call_id.ok_or_else(|| missing("call_id"))?;
                let name = item.name.ok_or_else(|| missing("name"))?;
                let input = item.input.ok_or_else(|| missing("input"))?;
                self.call(id, name, json!({"input": input}).to_string(), index);
            }
            Some("function_call_output" | "custom_tool_call_output") => {
                let id = item.call_id.ok_or_else(|| missing("call_id"))?;
                let output = item.output.ok_or_else(|| missing("output"))?;
                let parts = content::read(output, &format!("{place}.output"))?;
                let result = ToolResult { id, name: item.name, parts, is_error: false };
                let part = PartKind::ToolResult(result).into();
                self.messages.push(Message { role: Role::Tool, parts: vec![part], index });
            }
            Some("reasoning") => self.reasoning(item, index),
            kind => return Err(refusal(kind, item.role.is_some(), &place, missing("type"))),
        }
        Ok(())
    }

    fn message(
        &mut self,
        role: &str,
        parts: Vec<Part>,
        index: usize,
        place: &str,
    ) -> Result<(), Fault> {
        let role = match role {
            "user" => Role::User,
            "system" | "developer" => Role::System,
            "assistant" => {
                self.model_says(parts, index);
                return Ok(());
            }
            other => {
                let place = format!("{place}.role");
                let message =
                    format!("{place}: {other:?} is not user, assistant, system or developer");
                return Err(Fault::invalid(place, message));
            }
        };
        self.messages.push(Message { role, parts, index });
        Ok(())
    }

    fn call(&mut self, id: String, name: String, arguments: String, index: usize) {
        let at = self.call_signatures.iter().position(|(call, _)| *call == id);
        let signature = at.map(|at| self.call_signatures.swap_remove(at).1);
        let call = ToolCall { id, name, arguments, signature };
        self.model_says(vec![PartKind::ToolCall(call).into()], index);
    }

    fn reasoning(&mut self, item: Item, index: usize) {
        let sealed = item.encrypted_content.as_deref();
        let opened = sealed.and_then(thoughts::open);
        self.foreign_thoughts |= sealed.is_some() && opened.is_none();
        let mut parts: Vec<Part> = Vec::new();
        match opened {
            Some(list) => {
                for thought in list {
                    self.thought(thought, &mut parts);
                }
            }
            None => {
                let text = match item.content {
                    Some(TextOr::List(content)) if !content.is_empty() => content::joined(&content),
                    _ => content::joined(item.summary.as_deref().unwrap_or_default()),
                };
                if !text.is_empty() {
                    parts.push(PartKind::Thinking { text, signature: None }.into());
                }
            }
        }
        if !parts.is_empty() {
            self.model_says(parts, index);
        }
    }

    fn thought(&mut self, thought: Thought, parts: &mut Vec<Part>) {
        let Thought { text, redacted, call, signature } = thought;
        if let Some(text) = text {
            parts.push(PartKind::Thinking { text, signature }.into());
        } else if let Some(redacted) = redacted {
            parts.push(PartKind::RedactedThinking(redacted).into());
        } else if let (Some(call), Some(signature)) = (call, signature) {
            self.call_signatures.push((call, signature));
        }
    }

    /// Continues the model's turn, or begins one. Two texts in a row stay two messages: nobody said
    /// that they belong together.
    fn model_says(&mut self, parts: Vec<Part>, index: usize) {
        let is_text = |part: &Part| matches!(part.kind, PartKind::Text(_));
        if let Some(last) = self.messages.last_mut()
            && last.role == Role::Assistant
            && !(last.parts.last().is_some_and(is_text) && parts.first().is_some_and(is_text))
        {
            last.parts.extend(parts);
        } else {
            self.messages.push(Message { role: Role::Assistant, parts, index });
        }
    }
}

/// Why an item cannot be taken. `otherwise` is for those that should have been readable.
fn refusal(kind: Option<&str>, has_role: bool, place: &str, otherwise: Fault) -> Fault {
    let why = match kind {
        None if has_role => return otherwise,
        None | Some("item_reference") => {
            "names an item by its id, but nothing is kept between calls; send the item itself"
        }
        Some(
            "message"
            | "function_call"
            | "function_call_output"
            | "custom_tool_call"
            | "custom_tool_call_output"
            | "reasoning",
        ) => return otherwise,
        Some("compaction" | "compaction_summary" | "compaction_trigger") => {
            "is a conversation that OpenAI has sealed; send the items themselves"
        }
        Some(_) => {
            "belongs to a tool that this door cannot carry; use function or custom tools, and leave \
             this item out"
        }
    };
    let place = format!("{place}.type");
    let message = format!("{place}: {:?} {why}", kind.unwrap_or("item_reference"));
    Fault::unsupported(place, message)
}
