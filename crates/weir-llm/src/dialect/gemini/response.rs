//! An answer in one piece.

use super::{grounding, parts, usage};
use crate::canonical::{Choice, Finish, PartKind, Response};
use crate::dialect::ReplyContext;
use crate::json::push_string;

/// Writes a `GenerateContentResponse`.
pub(in crate::dialect) fn write(response: &Response, context: &ReplyContext) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    out.extend_from_slice(b"{\"candidates\":[");
    for (index, choice) in (0u32..).zip(&response.choices) {
        if index > 0 {
            out.push(b',');
        }
        candidate(&mut out, choice, index);
    }
    out.push(b']');
    if let Some(counts) = &response.usage {
        out.extend_from_slice(b",\"usageMetadata\":");
        usage::push(&mut out, counts);
    }
    out.extend_from_slice(b",\"modelVersion\":");
    push_string(&mut out, response.model.as_deref().unwrap_or(&context.model));
    out.extend_from_slice(b",\"responseId\":");
    push_string(&mut out, response.id.as_deref().unwrap_or(&context.base));
    out.push(b'}');
    out
}

fn candidate(out: &mut Vec<u8>, choice: &Choice, index: u32) {
    out.extend_from_slice(b"{\"content\":{\"parts\":[");
    let mut is_malformed = false;
    let mut text = String::new();
    let begin = out.len();
    for part in &choice.parts {
        let before = out.len();
        if before > begin {
            out.push(b',');
        }
        if !parts::part(out, &part.kind) {
            out.truncate(before);
            is_malformed |= matches!(part.kind, PartKind::ToolCall(_));
        }
        if let PartKind::Text(said) = &part.kind {
            text.push_str(said);
        }
    }
    out.extend_from_slice(b"],\"role\":\"model\"},\"finishReason\":");
    push_string(out, finish_word(&choice.finish, !is_malformed));
    out.extend_from_slice(b",\"index\":");
    parts::json(out, &index);
    if let Some(result) = choice.logprobs.as_ref().and_then(grounding::likelihoods) {
        out.extend_from_slice(b",\"logprobsResult\":");
        parts::json(out, &result);
    }
    if let Some(metadata) = grounding::metadata(choice.annotations.iter(), Some(&text)) {
        out.extend_from_slice(b",\"groundingMetadata\":");
        parts::json(out, &metadata);
    }
    out.push(b'}');
}

/// Why an answer ended. Calls have no word of their own, except those that are not usable, unless it
/// is known why.
pub(super) const fn finish_word(finish: &Finish, has_usable_calls: bool) -> &'static str {
    match finish {
        Finish::Length => "MAX_TOKENS",
        Finish::ContentFilter => "SAFETY",
        _ if !has_usable_calls => "MALFORMED_FUNCTION_CALL",
        Finish::Stop | Finish::StopSequence(_) | Finish::ToolCalls => "STOP",
    }
}
