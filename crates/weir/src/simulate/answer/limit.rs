//! Cuts an answer to the token limit, as providers do: in the middle of JSON if need be.

use super::{Choice, Content, Finish, ToolCall};
use crate::simulate::tokens;

/// A text to which no limit applies.
pub(super) fn whole(thoughts: String, text: String, finish: Finish) -> Choice {
    apply(thoughts, Content::Text(text), finish, None)
}

/// Thoughts come first and use the limit up first.
pub(super) fn apply(
    mut thoughts: String,
    mut content: Content,
    finish: Finish,
    max_tokens: Option<u64>,
) -> Choice {
    let mut room = max_tokens
        .and_then(|max| usize::try_from(max).ok())
        .map_or(usize::MAX, |max| max.saturating_mul(tokens::BYTES_PER_TOKEN));
    let mut longer = shorten(&mut thoughts, &mut room);
    let thought_tokens = tokens::of_text(&thoughts);
    let content_tokens = match &mut content {
        Content::Text(text) => {
            longer |= shorten(text, &mut room);
            tokens::of_text(text)
        }
        Content::ToolCalls(calls) => {
            longer |= shorten_calls(calls, &mut room);
            calls
                .iter()
                .map(|call| tokens::of_text(&call.name) + tokens::of_text(&call.arguments))
                .sum()
        }
    };
    Choice {
        thoughts,
        content,
        finish: if longer { Finish::Length } else { finish },
        stop_sequence: None,
        tokens: thought_tokens + content_tokens,
        thought_tokens,
    }
}

/// Cuts the calls. A name is always whole, so that a call stays recognisable as one; calls after
/// a cut one are not made.
fn shorten_calls(calls: &mut Vec<ToolCall>, room: &mut usize) -> bool {
    let count = calls.len();
    let mut kept = 0;
    for call in calls.iter_mut() {
        let name = call.name.len().next_multiple_of(tokens::BYTES_PER_TOKEN);
        *room = room.saturating_sub(name);
        kept += 1;
        if shorten(&mut call.arguments, room) {
            calls.truncate(kept);
            return true;
        }
        if *room == 0 && kept < count {
            calls.truncate(kept);
            return true;
        }
    }
    false
}

/// Cuts `text` to what `room` (bytes) has left and takes it from there in whole tokens; says
/// whether anything was cut off.
fn shorten(text: &mut String, room: &mut usize) -> bool {
    let longer = text.len() > *room;
    text.truncate(text.floor_char_boundary(*room));
    *room = room.saturating_sub(text.len().next_multiple_of(tokens::BYTES_PER_TOKEN));
    longer
}
