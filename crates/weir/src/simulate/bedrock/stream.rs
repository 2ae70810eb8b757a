//! The answer of Converse as frames (spec: providers 4.4). Usage comes after the stop reason.

use serde_json::{Value, json};

use super::{stop_reason, usage_json};
use crate::simulate::answer::{Block, Choice, Usage};
use crate::simulate::events::{ErrorEvent, Events, Framing};
use crate::simulate::prompt::Prompt;
use crate::simulate::reply::Reply;
use crate::simulate::signature;

/// Writes the frames from `messageStart` to `metadata`.
pub(super) fn write(prompt: &Prompt<'_>, choice: &Choice, usage: Usage) -> Reply {
    let mut events = Events::new(Framing::AwsEvents, ERROR);
    events.named("messageStart", &json!({ "role": "assistant" }));
    for (index, block) in choice.blocks(true).into_iter().enumerate() {
        // Only a tool's block is announced; texts begin with their first piece.
        if let Block::ToolCall(nth, made) = block {
            let start = json!({ "toolUse": {
                "toolUseId": prompt.call.nth_id("tooluse_", nth),
                "name": made.name,
            }});
            let event = json!({ "contentBlockIndex": index, "start": start });
            events.named("contentBlockStart", &event);
        }
        let mut delta = |delta: Value| {
            let event = json!({ "contentBlockIndex": index, "delta": delta });
            events.named("contentBlockDelta", &event);
        };
        for piece in block.pieces(prompt) {
            delta(match block {
                Block::Text(_) => json!({ "text": piece }),
                Block::Thoughts(_) => json!({ "reasoningContent": { "text": piece } }),
                Block::ToolCall(..) => json!({ "toolUse": { "input": piece } }),
            });
        }
        if let Block::Thoughts(text) = block {
            delta(json!({ "reasoningContent": { "signature": signature::of(text) } }));
        }
        events.named("contentBlockStop", &json!({ "contentBlockIndex": index }));
    }
    events.named("messageStop", &json!({ "stopReason": stop_reason(choice) }));
    let metadata = json!({ "usage": usage_json(usage), "metrics": { "latencyMs": 1 } });
    events.named("metadata", &metadata);
    Reply::stream(events)
}

const ERROR: ErrorEvent =
    |_| ("", json!({ "message": "This failure was ordered by the model's name." }));
