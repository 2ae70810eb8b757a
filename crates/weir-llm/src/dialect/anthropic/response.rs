//! An answer in one piece.

use serde_json::Value;
use serde_json::value::RawValue;

use super::usage;
use crate::canonical::{Choice, Finish, Part, PartKind, Response, ToolCall};
use crate::dialect::ReplyContext;
use crate::json::push_string;

/// Writes a message. Only the first answer: this dialect knows no others.
pub(in crate::dialect) fn write(response: &Response, context: &ReplyContext) -> Vec<u8> {
    let nothing = Choice::default();
    let choice = response.choices.first().unwrap_or(&nothing);
    let mut out = Vec::with_capacity(1024);
    out.extend_from_slice(b"{\"id\":");
    push_string(&mut out, &id(response.id.as_deref(), context));
    out.extend_from_slice(b",\"type\":\"message\",\"role\":\"assistant\",\"model\":");
    push_string(&mut out, response.model.as_deref().unwrap_or(&context.model));
    out.extend_from_slice(b",\"content\":[");
    let mut calls = 0;
    let mut first = true;
    for part in &choice.parts {
        block(part, context, &mut calls, &mut first, &mut out);
    }
    out.extend_from_slice(b"],\"stop_reason\":");
    reason(&choice.finish, calls > 0, &mut out);
    out.extend_from_slice(b",\"usage\":{");
    usage::push(&mut out, &response.usage.unwrap_or_default());
    if let Some(tier) = response.service_tier.as_deref() {
        out.extend_from_slice(b",\"service_tier\":");
        push_string(&mut out, if tier == "default" { "standard" } else { tier });
    }
    out.extend_from_slice(b"}}");
    out
}

/// The id of an answer: the provider's, in Anthropic's form.
pub(super) fn id(given: Option<&str>, context: &ReplyContext) -> String {
    match given {
        Some(id) if id.starts_with("msg_") => id.to_owned(),
        Some(id) if !id.is_empty() => {
            let bare = ["chatcmpl-", "resp_"].iter().find_map(|prefix| id.strip_prefix(prefix));
            format!("msg_{}", bare.unwrap_or(id))
        }
        _ => format!("msg_{}", context.base),
    }
}

/// Appends the values of `stop_reason` and `stop_sequence`. Calls are announced whatever the
/// provider said: clients act on the reason.
pub(super) fn reason(finish: &Finish, has_calls: bool, out: &mut Vec<u8>) {
    let (word, sequence) = match finish {
        Finish::Stop if has_calls => ("tool_use", None),
        Finish::Stop => ("end_turn", None),
        Finish::StopSequence(sequence) => ("stop_sequence", sequence.as_deref()),
        Finish::Length => ("max_tokens", None),
        Finish::ToolCalls => ("tool_use", None),
        Finish::ContentFilter => ("refusal", None),
    };
    push_string(out, word);
    out.extend_from_slice(b",\"stop_sequence\":");
    match sequence {
        Some(sequence) => push_string(out, sequence),
        None => out.extend_from_slice(b"null"),
    }
}

fn block(
    part: &Part,
    context: &ReplyContext,
    calls: &mut usize,
    first: &mut bool,
    out: &mut Vec<u8>,
) {
    // A text or a thought of nothing is no block here, and what no model answers with has none.
    let known = match &part.kind {
        PartKind::Text(text) | PartKind::Refusal(text) => !text.is_empty(),
        PartKind::Thinking { text, signature } => !text.is_empty() || signature.is_some(),
        PartKind::ToolCall(_) | PartKind::RedactedThinking(_) | PartKind::Image(_) => true,
        PartKind::Audio(_) | PartKind::File(_) | PartKind::ToolResult(_) => false,
    };
    if !known {
        return;
    }
    if !std::mem::replace(first, false) {
        out.push(b',');
    }
    match &part.kind {
        PartKind::Text(text) | PartKind::Refusal(text) => {
            member(out, b"{\"type\":\"text\",\"text\":", text);
        }
        PartKind::Thinking { text, signature } => {
            member(out, b"{\"type\":\"thinking\",\"thinking\":", text);
            member(out, b",\"signature\":", signature.as_deref().unwrap_or_default());
        }
        PartKind::RedactedThinking(data) => {
            member(out, b"{\"type\":\"redacted_thinking\",\"data\":", data);
        }
        PartKind::ToolCall(call) => {
            tool_use(call, context, *calls, out);
            *calls += 1;
        }
        // Models that paint: Claude does not, so this is the text a client can show.
        PartKind::Image(image) => {
            let url = image.source.to_url().unwrap_or_default();
            member(out, b"{\"type\":\"text\",\"text\":", &format!("![image]({url})"));
        }
        PartKind::Audio(_) | PartKind::File(_) | PartKind::ToolResult(_) => {}
    }
    out.push(b'}');
}

fn member(out: &mut Vec<u8>, name: &[u8], text: &str) {
    out.extend_from_slice(name);
    push_string(out, text);
}

fn tool_use(call: &ToolCall, context: &ReplyContext, number: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"type\":\"tool_use\",\"id\":");
    match call.id.as_str() {
        "" => push_string(out, &format!("call_{}_{number}", context.base)),
        id => push_string(out, id),
    }
    member(out, b",\"name\":", &call.name);
    out.extend_from_slice(b",\"input\":");
    out.extend_from_slice(&input(&call.arguments));
}

/// The arguments as the object they have to be here. What the model wrote wrongly is kept as a text,
/// so that the tool can complain of it.
fn input(arguments: &str) -> Vec<u8> {
    let text = arguments.trim();
    if text.is_empty() {
        return b"{}".to_vec();
    }
    let is_object = text.starts_with('{') && serde_json::from_str::<&RawValue>(text).is_ok();
    if is_object {
        return text.as_bytes().to_vec();
    }
    let kept = serde_json::json!({"invalid_json": Value::from(arguments)});
    serde_json::to_vec(&kept).unwrap_or_else(|_| b"{}".to_vec())
}
