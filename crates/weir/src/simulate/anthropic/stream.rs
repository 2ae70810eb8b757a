//! The answer of Messages as its chain of named events (spec: providers 4.4).

use serde::Serialize;
use serde_json::{Value, json};

use super::{block_json, message, stop_reason, usage_json};
use crate::simulate::answer::{Block, Choice, Usage};
use crate::simulate::events::{ErrorEvent, Events, Framing};
use crate::simulate::prompt::Prompt;
use crate::simulate::reply::Reply;
use crate::simulate::signature;

/// A `content_block_delta`; a type of its own because there are many.
#[derive(Serialize)]
struct BlockDelta<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    index: usize,
    delta: Fragment<'a>,
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum Fragment<'a> {
    #[serde(rename = "text_delta")]
    Text { text: &'a str },
    #[serde(rename = "input_json_delta")]
    InputJson { partial_json: &'a str },
    #[serde(rename = "thinking_delta")]
    Thinking { thinking: &'a str },
    #[serde(rename = "signature_delta")]
    Signature { signature: &'a str },
}

/// Writes the chain from `message_start`, which has the input usage, to `message_stop`.
pub(super) fn write(prompt: &Prompt<'_>, choice: &Choice, usage: Usage, framing: Framing) -> Reply {
    let mut events = Events::new(framing, ERROR);
    // Output is not known when a message starts; the providers report a first token.
    let mut at_start = usage_json(usage);
    at_start["output_tokens"] = json!(1);
    add(&mut events, "message_start", json!({ "message": message(prompt.call, &at_start) }));
    for (index, block) in choice.blocks(true).into_iter().enumerate() {
        write_block(&mut events, prompt, index, block);
    }
    let delta =
        json!({ "stop_reason": stop_reason(choice), "stop_sequence": choice.stop_sequence });
    let mut total = usage_json(usage);
    if let Some(total) = total.as_object_mut() {
        total.retain(|key, _| key.ends_with("_tokens"));
    }
    add(&mut events, "message_delta", json!({ "delta": delta, "usage": total }));
    let last = match framing {
        // Bedrock adds its own count to the last event.
        Framing::AwsChunks => json!({ "amazon-bedrock-invocationMetrics": {
            "inputTokenCount": usage.input - usage.cached - usage.cache_write,
            "outputTokenCount": usage.output,
            "cacheReadInputTokenCount": usage.cached,
            "cacheWriteInputTokenCount": usage.cache_write,
            "invocationLatency": 1,
            "firstByteLatency": 1,
        }}),
        _ => json!({}),
    };
    add(&mut events, "message_stop", last);
    Reply::stream(events)
}

fn write_block(events: &mut Events, prompt: &Prompt<'_>, index: usize, block: Block<'_>) {
    let mut opened = block_json(prompt.call, block);
    match block {
        Block::Text(_) => opened["text"] = json!(""),
        Block::ToolCall(..) => opened["input"] = json!({}),
        Block::Thoughts(_) => {
            opened["thinking"] = json!("");
            opened["signature"] = json!("");
        }
    }
    add(events, "content_block_start", json!({ "index": index, "content_block": opened }));
    if index == 0 {
        add(events, "ping", json!({}));
    }
    let mut fragment = |delta: Fragment<'_>| {
        let event = BlockDelta { kind: "content_block_delta", index, delta };
        events.named("content_block_delta", &event);
    };
    if let Block::ToolCall(..) = block {
        fragment(Fragment::InputJson { partial_json: "" });
    }
    for piece in block.pieces(prompt) {
        fragment(match block {
            Block::Text(_) => Fragment::Text { text: piece },
            Block::ToolCall(..) => Fragment::InputJson { partial_json: piece },
            Block::Thoughts(_) => Fragment::Thinking { thinking: piece },
        });
    }
    if let Block::Thoughts(text) = block {
        fragment(Fragment::Signature { signature: &signature::of(text) });
    }
    add(events, "content_block_stop", json!({ "index": index }));
}

/// Adds the event `kind` with `fields` after its type.
fn add(events: &mut Events, kind: &str, fields: Value) {
    let mut event = json!({ "type": kind });
    if let (Some(event), Value::Object(fields)) = (event.as_object_mut(), fields) {
        event.extend(fields);
    }
    events.named(kind, &event);
}

const ERROR: ErrorEvent = |_| {
    let message = "This failure was ordered by the model's name.";
    let error = json!({ "type": "overloaded_error", "message": message });
    ("error", json!({ "type": "error", "error": error }))
};
