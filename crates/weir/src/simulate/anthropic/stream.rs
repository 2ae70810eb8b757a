//! The answer of Messages as its chain of named events (spec: providers 4.4).

use serde::Serialize;
use serde_json::{Value, json};

use super::{block, message, stop_reason, usage_json};
use crate::simulate::answer::{self, Choice, Content, Usage};
use crate::simulate::prompt::Prompt;
use crate::simulate::reply::Reply;
use crate::simulate::sse::Events;

/// A `content_block_delta`; a type of its own because there are many.
#[derive(Serialize)]
struct BlockDelta<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    index: usize,
    delta: Fragment<'a>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Fragment<'a> {
    TextDelta { text: &'a str },
    InputJsonDelta { partial_json: &'a str },
}

/// Writes the chain from `message_start`, which has the input usage, to `message_stop`.
pub(super) fn write(prompt: &Prompt<'_>, choice: &Choice, usage: Usage) -> Reply {
    let mut events = Events::new(error);
    // Output is not known when a message starts; the providers report a first token.
    let mut at_start = usage_json(usage);
    at_start["output_tokens"] = json!(1);
    add(&mut events, "message_start", json!({ "message": message(prompt.call, &at_start) }));
    let mut opened = block(prompt.call, choice);
    match choice.content {
        Content::Text(_) => opened["text"] = json!(""),
        Content::ToolCall { .. } => opened["input"] = json!({}),
    }
    add(&mut events, "content_block_start", json!({ "index": 0, "content_block": opened }));
    add(&mut events, "ping", json!({}));
    if matches!(choice.content, Content::ToolCall { .. }) {
        fragment(&mut events, Fragment::InputJsonDelta { partial_json: "" });
    }
    for piece in answer::pieces(prompt, &choice.content) {
        fragment(
            &mut events,
            match choice.content {
                Content::Text(_) => Fragment::TextDelta { text: piece },
                Content::ToolCall { .. } => Fragment::InputJsonDelta { partial_json: piece },
            },
        );
    }
    add(&mut events, "content_block_stop", json!({ "index": 0 }));
    let delta = json!({ "stop_reason": stop_reason(choice.finish), "stop_sequence": null });
    let mut total = usage_json(usage);
    if let Some(total) = total.as_object_mut() {
        total.retain(|key, _| key.ends_with("_tokens"));
    }
    add(&mut events, "message_delta", json!({ "delta": delta, "usage": total }));
    add(&mut events, "message_stop", json!({}));
    Reply::Stream(events)
}

/// Adds the event `kind` with `fields` after its type.
fn add(events: &mut Events, kind: &str, fields: Value) {
    let mut event = json!({ "type": kind });
    if let (Some(event), Value::Object(fields)) = (event.as_object_mut(), fields) {
        event.extend(fields);
    }
    events.named(kind, &event);
}

fn fragment(events: &mut Events, delta: Fragment<'_>) {
    let event = BlockDelta { kind: "content_block_delta", index: 0, delta };
    events.named("content_block_delta", &event);
}

fn error(_events_before: usize) -> String {
    "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\
     \"message\":\"This failure was ordered by the model's name.\"}}\n\n"
        .to_owned()
}
