//! The answer of chat as its chain of named events (spec: providers 4.4).

use serde_json::{Value, json};

use super::{PLAN, finish_reason, tool_call, usage_json};
use crate::simulate::answer::{Block, Choice, Finish, Usage};
use crate::simulate::events::{ErrorEvent, Events, Framing};
use crate::simulate::prompt::Prompt;
use crate::simulate::reply::Reply;

/// Writes the chain from `message-start` to `message-end`, which has the usage.
pub(super) fn write(prompt: &Prompt<'_>, choice: &Choice, usage: Usage) -> Reply {
    let call = prompt.call;
    let mut events = Events::new(Framing::Sse, ERROR);
    let empty = json!({
        "role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": [],
    });
    let start = json!({ "id": call.id("chat_"), "delta": { "message": empty } });
    add(&mut events, "message-start", start);
    if choice.finish == Finish::ToolCall {
        for word in PLAN.split_inclusive(' ') {
            let delta = json!({ "delta": { "message": { "tool_plan": word } } });
            add(&mut events, "tool-plan-delta", delta);
        }
    }
    let mut index = 0;
    for block in choice.blocks(true) {
        let (kind, key) = match block {
            Block::ToolCall(nth, made) => {
                let opened = tool_call(call, nth, made, true);
                let delta = json!({ "message": { "tool_calls": opened } });
                add(&mut events, "tool-call-start", json!({ "index": nth, "delta": delta }));
                for piece in block.pieces(prompt) {
                    let calls = json!({ "function": { "arguments": piece } });
                    let delta = json!({ "message": { "tool_calls": calls } });
                    add(&mut events, "tool-call-delta", json!({ "index": nth, "delta": delta }));
                }
                add(&mut events, "tool-call-end", json!({ "index": nth }));
                continue;
            }
            Block::Thoughts(_) => ("thinking", "thinking"),
            Block::Text(_) => ("text", "text"),
        };
        let mut content = |event: &str, content: Value| {
            let delta = json!({ "message": { "content": content } });
            add(&mut events, event, json!({ "index": index, "delta": delta }));
        };
        content("content-start", json!({ "type": kind, key: "" }));
        for piece in block.pieces(prompt) {
            content("content-delta", json!({ key: piece }));
        }
        add(&mut events, "content-end", json!({ "index": index }));
        index += 1;
    }
    let end = json!({ "finish_reason": finish_reason(choice), "usage": usage_json(usage) });
    add(&mut events, "message-end", json!({ "delta": end }));
    events.done();
    Reply::stream(events)
}

/// Adds the event `kind` with `fields` after its type.
fn add(events: &mut Events, kind: &str, fields: Value) {
    let mut event = json!({ "type": kind });
    if let (Some(event), Value::Object(fields)) = (event.as_object_mut(), fields) {
        event.extend(fields);
    }
    events.named(kind, &event);
}

/// Cohere ends a failed stream as it ends a good one.
const ERROR: ErrorEvent = |_| {
    let delta = json!({
        "finish_reason": "ERROR",
        "error": "This failure was ordered by the model's name.",
    });
    ("message-end", json!({ "type": "message-end", "delta": delta }))
};
