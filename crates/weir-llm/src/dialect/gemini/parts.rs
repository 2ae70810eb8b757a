//! Parts of an answer, as bytes.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::canonical::{PartKind, Source};
use crate::json::{compact, push_string};

/// A text.
pub(super) fn text(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(b"{\"text\":");
    push_string(out, text);
    out.push(b'}');
}

/// A thought, and the seal over it.
pub(super) fn thought(out: &mut Vec<u8>, text: &str, signature: Option<&str>) {
    out.extend_from_slice(b"{\"text\":");
    push_string(out, text);
    out.extend_from_slice(b",\"thought\":true");
    seal(out, signature);
    out.push(b'}');
}

/// A whole call. What is no JSON object is none: the caller has checked [`arguments`].
pub(super) fn call(
    out: &mut Vec<u8>,
    [id, name]: [&str; 2],
    arguments: &str,
    signature: Option<&str>,
) {
    out.extend_from_slice(b"{\"functionCall\":{");
    if !id.is_empty() {
        out.extend_from_slice(b"\"id\":");
        push_string(out, id);
        out.push(b',');
    }
    out.extend_from_slice(b"\"name\":");
    push_string(out, name);
    out.extend_from_slice(b",\"args\":");
    // Models break lines where they like, and a line break would cut an event in two.
    out.extend_from_slice(compact(arguments).as_bytes());
    out.push(b'}');
    seal(out, signature);
    out.push(b'}');
}

/// The arguments of a call as a JSON object; `None` when the model wrote something else.
pub(super) fn arguments(json: &str) -> Option<&str> {
    let json = if json.trim().is_empty() { "{}" } else { json };
    let raw = serde_json::from_str::<&RawValue>(json).ok()?.get();
    raw.starts_with('{').then_some(raw)
}

/// Any part of a whole answer, if this dialect can say it: sealed thoughts without words it cannot,
/// and results are not answers.
pub(super) fn part(out: &mut Vec<u8>, kind: &PartKind) -> bool {
    match kind {
        PartKind::Text(said) | PartKind::Refusal(said) => text(out, said),
        PartKind::Thinking { text, signature } => thought(out, text, signature.as_deref()),
        PartKind::Image(image) => return blob(out, &image.source),
        PartKind::Audio(media) | PartKind::File(media) => return blob(out, &media.source),
        PartKind::ToolCall(given) => match arguments(&given.arguments) {
            Some(args) => call(out, [&given.id, &given.name], args, given.signature.as_deref()),
            None => return false,
        },
        PartKind::ToolResult(_) | PartKind::RedactedThinking(_) => return false,
    }
    true
}

fn blob(out: &mut Vec<u8>, source: &Source) -> bool {
    let Source::Data { media_type, base64 } = source else { return false };
    out.extend_from_slice(b"{\"inlineData\":{\"mimeType\":");
    push_string(out, media_type);
    out.extend_from_slice(b",\"data\":");
    push_string(out, base64);
    out.extend_from_slice(b"}}");
    true
}

/// Clients decode signatures as base64, so only what can be is handed on.
fn seal(out: &mut Vec<u8>, signature: Option<&str>) {
    let is_base64 = |text: &&str| {
        !text.is_empty()
            && text.len().is_multiple_of(4)
            && text.bytes().all(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=')
            })
    };
    if let Some(signature) = signature.filter(is_base64) {
        out.extend_from_slice(b",\"thoughtSignature\":");
        push_string(out, signature);
    }
}

/// Appends a value.
pub(super) fn json(out: &mut Vec<u8>, value: &impl Serialize) {
    // Writing into memory cannot fail.
    let _ = serde_json::to_writer(out, value);
}
