//! An answer in one piece (spec: providers 4.3).

use serde_json::{Map, Value, json};

use super::usage;
use crate::canonical::{Choice, Finish, Part, PartKind, Response, ToolCall};
use crate::dialect::ReplyContext;
use crate::json::push_string;

/// Writes a `chat.completion`.
pub(in crate::dialect) fn write(response: &Response, context: &ReplyContext) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    out.extend_from_slice(b"{\"id\":");
    push_string(&mut out, &id(response.id.as_deref(), context));
    out.extend_from_slice(b",\"object\":\"chat.completion\",\"created\":");
    usage::number(&mut out, response.created.unwrap_or(context.created));
    out.extend_from_slice(b",\"model\":");
    push_string(&mut out, response.model.as_deref().unwrap_or(&context.model));
    out.extend_from_slice(b",\"choices\":[");
    let mut ids = Ids { base: &context.base, used: 0 };
    for (index, choice) in response.choices.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        let choice = json!({
            "index": index,
            "message": message(choice, &mut ids),
            "logprobs": choice.logprobs,
            "finish_reason": finish_word(&choice.finish),
        });
        usage::number(&mut out, choice);
    }
    out.push(b']');
    if let Some(counts) = &response.usage {
        out.extend_from_slice(b",\"usage\":");
        usage::push(&mut out, counts);
    }
    if let Some(tier) = &response.service_tier {
        out.extend_from_slice(b",\"service_tier\":");
        push_string(&mut out, tier);
    }
    out.push(b'}');
    out
}

/// The id of an answer: the provider's, in OpenAI's form.
pub(super) fn id(given: Option<&str>, context: &ReplyContext) -> String {
    match given {
        Some(id) if id.starts_with("chatcmpl-") => id.to_owned(),
        Some(id) if !id.is_empty() => format!("chatcmpl-{id}"),
        _ => format!("chatcmpl-{}", context.base),
    }
}

pub(super) const fn finish_word(finish: &Finish) -> &'static str {
    match finish {
        Finish::Stop | Finish::StopSequence(_) => "stop",
        Finish::Length => "length",
        Finish::ToolCalls => "tool_calls",
        Finish::ContentFilter => "content_filter",
    }
}

/// Ids for tool calls that have none.
struct Ids<'a> {
    base: &'a str,
    used: usize,
}

/// What a message is put together from.
#[derive(Default)]
struct Pieces {
    content: Option<String>,
    refusal: Option<String>,
    reasoning: Option<String>,
    blocks: Vec<Value>,
    /// A block has something that plain text would lose.
    has_seal: bool,
    calls: Vec<Value>,
    images: Vec<Value>,
}

fn message(choice: &Choice, ids: &mut Ids<'_>) -> Value {
    let mut pieces = Pieces::default();
    for part in &choice.parts {
        pieces.add(part, ids);
    }
    let silent = pieces.calls.is_empty() && pieces.refusal.is_none();
    if silent && pieces.content.is_none() {
        pieces.content = Some(String::new());
    }
    let mut message = Map::new();
    message.insert("role".to_owned(), "assistant".into());
    message.insert("content".to_owned(), pieces.content.into());
    message.insert("refusal".to_owned(), pieces.refusal.into());
    let mut add = |name: &str, list: Vec<Value>| {
        if !list.is_empty() {
            message.insert(name.to_owned(), list.into());
        }
    };
    add("annotations", choice.annotations.clone());
    add("tool_calls", pieces.calls);
    add("images", pieces.images);
    if pieces.has_seal {
        add("thinking_blocks", pieces.blocks);
    }
    if let Some(reasoning) = pieces.reasoning {
        message.insert("reasoning_content".to_owned(), reasoning.into());
    }
    Value::Object(message)
}

impl Pieces {
    fn add(&mut self, part: &Part, ids: &mut Ids<'_>) {
        match &part.kind {
            PartKind::Text(text) => join(&mut self.content, text),
            PartKind::Refusal(text) => join(&mut self.refusal, text),
            PartKind::Thinking { text, signature } => {
                if !text.is_empty() {
                    join(&mut self.reasoning, text);
                }
                self.has_seal |= signature.is_some();
                self.blocks.push(json!({
                    "type": "thinking", "thinking": text, "signature": signature,
                }));
            }
            PartKind::RedactedThinking(sealed) => {
                self.has_seal = true;
                self.blocks.push(json!({"type": "redacted_thinking", "data": sealed}));
            }
            PartKind::ToolCall(call) => self.calls.push(tool_call(call, ids)),
            // Not OpenAI's own: the form that services with models that paint have settled on.
            PartKind::Image(image) => self.images.push(json!({
                "type": "image_url", "image_url": {"url": image.source.to_url()},
            })),
            // No model answers with these in the form that reaches here.
            PartKind::Audio(_) | PartKind::File(_) | PartKind::ToolResult(_) => {}
        }
    }
}

fn join(to: &mut Option<String>, text: &str) {
    to.get_or_insert_default().push_str(text);
}

fn tool_call(call: &ToolCall, ids: &mut Ids<'_>) -> Value {
    let id = if call.id.is_empty() {
        ids.used += 1;
        format!("call_{}_{}", ids.base, ids.used - 1)
    } else {
        call.id.clone()
    };
    let arguments = if call.arguments.is_empty() { "{}" } else { &call.arguments };
    let mut value = json!({
        "id": id,
        "type": "function",
        "function": {"name": call.name, "arguments": arguments},
    });
    if let Some(signature) = &call.signature {
        value["extra_content"] = json!({"google": {"thought_signature": signature}});
    }
    value
}
