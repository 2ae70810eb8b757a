//! The answer as a stream: each event is a whole document with a piece of the content.

use serde_json::{Value, json};

use super::{Writer, finish_reason, is_signed};
use crate::simulate::answer::{Block, Choice, Finish};
use crate::simulate::events::{ErrorEvent, Events, Framing};
use crate::simulate::reply::Reply;
use crate::simulate::{signature, tokens};

/// Writes the pieces of all candidates; the usage grows from event to event.
pub(super) fn write(writer: &Writer<'_>, choices: &[Choice], sse: bool) -> Reply {
    let framing = if sse { Framing::SseCrlf } else { Framing::JsonArray };
    let mut events = Events::new(framing, ERROR);
    if choices.iter().any(|choice| choice.finish == Finish::Filtered) {
        events.data(&writer.blocked());
        events.finish();
        return Reply::stream(events);
    }
    let mut sent = 0;
    for (index, choice) in choices.iter().enumerate() {
        for block in choice.blocks(writer.shows_thoughts) {
            for (part, bytes) in parts(writer, block) {
                sent += bytes;
                let counted = (sent as u64).div_ceil(tokens::BYTES_PER_TOKEN as u64);
                let content = json!({ "parts": [part], "role": "model" });
                let candidates = json!([{ "content": content, "index": index }]);
                events.data(&writer.chunk(&candidates, &writer.usage_json(counted)));
            }
        }
        let mut part = json!({ "text": "" });
        let has_calls = choice.finish == Finish::ToolCall;
        if is_signed(writer.prompt.call.model) && !has_calls {
            part["thoughtSignature"] = json!(signature::of(""));
        }
        let last = json!([{
            "content": { "parts": [part], "role": "model" },
            "finishReason": finish_reason(choice.finish),
            "index": index,
        }]);
        let is_last = index + 1 == choices.len();
        let counted = (sent as u64).div_ceil(tokens::BYTES_PER_TOKEN as u64);
        let usage = writer.usage_json(if is_last { u64::MAX } else { counted });
        events.data(&writer.chunk(&last, &usage));
    }
    events.finish();
    Reply::stream(events)
}

/// The parts in which a block is sent, with the bytes of the answer in each. Calls come whole.
fn parts(writer: &Writer<'_>, block: Block<'_>) -> Vec<(Value, usize)> {
    if let Block::ToolCall(_, made) = block {
        let size = made.name.len() + made.arguments.len();
        return writer.part(block).map(|part| (part, size)).into_iter().collect();
    }
    let whole = writer.part(block).unwrap_or_default();
    let pieces = block.pieces(writer.prompt);
    let piece = |piece: &str| {
        let mut part = whole.clone();
        part["text"] = json!(piece);
        // Thoughts are counted apart.
        (part, if matches!(block, Block::Text(_)) { piece.len() } else { 0 })
    };
    pieces.into_iter().map(piece).collect()
}

const ERROR: ErrorEvent = |_| {
    let message = "This failure was ordered by the model's name.";
    ("", json!({ "error": { "code": 503, "message": message, "status": "UNAVAILABLE" } }))
};
