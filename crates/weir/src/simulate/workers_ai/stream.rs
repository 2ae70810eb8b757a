//! The answer as a stream: pieces of text, then the usage. Not in the envelope.

use serde_json::{Value, json};

use super::{tool_call, usage_json};
use crate::simulate::answer::{Block, Choice, Usage};
use crate::simulate::events::{ErrorEvent, Events, Framing};
use crate::simulate::prompt::Prompt;
use crate::simulate::reply::Reply;

/// Writes the pieces and the usage.
pub(super) fn write(prompt: &Prompt<'_>, choice: &Choice, usage: Usage) -> Reply {
    let mut events = Events::new(Framing::Sse, ERROR);
    let mut calls: Vec<Value> = Vec::new();
    for block in choice.blocks(false) {
        if let Block::ToolCall(_, made) = block {
            calls.push(tool_call(made));
            continue;
        }
        for piece in block.pieces(prompt) {
            events.data(&json!({ "response": piece, "p": "abcdefgh" }));
        }
    }
    if !calls.is_empty() {
        events.data(&json!({ "response": "", "tool_calls": calls, "p": "abcd" }));
    }
    events.data(&json!({ "response": "", "usage": usage_json(usage) }));
    events.done();
    Reply::stream(events)
}

const ERROR: ErrorEvent = |_| {
    let message = "This failure was ordered by the model's name.";
    ("", json!({ "success": false, "errors": [{ "code": 3043, "message": message }] }))
};
