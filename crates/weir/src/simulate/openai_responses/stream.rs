//! The answer of Responses as its chain of events (spec: providers 4.5).

use serde::Serialize;
use serde_json::{Value, json};

use super::{Output, finished, item, response, status};
use crate::simulate::answer::{Block, ToolCall};
use crate::simulate::events::{ErrorEvent, Events, Framing};
use crate::simulate::prompt::Prompt;
use crate::simulate::reply::{Call, Reply};

/// An event that carries a fragment; a type of its own because there are many.
#[derive(Serialize)]
struct Delta<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    sequence_number: usize,
    item_id: &'a str,
    output_index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary_index: Option<usize>,
    delta: &'a str,
}

/// Writes events and numbers them.
struct Chain<'a> {
    events: Events,
    prompt: &'a Prompt<'a>,
    /// Place of the item that is being written.
    index: usize,
}

impl Chain<'_> {
    /// Adds the event `kind` with `fields` after its type and number.
    fn add(&mut self, kind: &str, fields: Value) {
        let mut event = json!({ "type": kind, "sequence_number": self.events.len() });
        if let (Some(event), Value::Object(fields)) = (event.as_object_mut(), fields) {
            event.extend(fields);
        }
        self.events.named(kind, &event);
    }

    /// Adds an event about the part number 0 of an item.
    fn part(&mut self, kind: &str, id: &str, place: &str, (key, value): (&str, Value)) {
        let index = self.index;
        self.add(kind, json!({ "item_id": id, "output_index": index, place: 0, key: value }));
    }

    fn deltas(&mut self, kind: &str, item_id: &str, place: &str, block: Block<'_>) {
        for delta in block.pieces(self.prompt) {
            let event = Delta {
                kind,
                sequence_number: self.events.len(),
                item_id,
                output_index: self.index,
                content_index: (place == CONTENT).then_some(0),
                summary_index: (place == SUMMARY).then_some(0),
                delta,
            };
            self.events.named(kind, &event);
        }
    }

    fn thoughts(&mut self, call: &Call<'_>, text: &str) {
        let id = call.id("rs_");
        let part = |text: &str| ("part", json!({ "type": "summary_text", "text": text }));
        self.part("response.reasoning_summary_part.added", &id, SUMMARY, part(""));
        self.deltas("response.reasoning_summary_text.delta", &id, SUMMARY, Block::Thoughts(text));
        let whole = ("text", json!(text));
        self.part("response.reasoning_summary_text.done", &id, SUMMARY, whole);
        self.part("response.reasoning_summary_part.done", &id, SUMMARY, part(text));
    }

    fn text(&mut self, call: &Call<'_>, text: &str) {
        let id = call.id("msg_");
        let part = |text: &str| {
            ("part", json!({ "type": "output_text", "text": text, "annotations": [] }))
        };
        self.part("response.content_part.added", &id, CONTENT, part(""));
        self.deltas("response.output_text.delta", &id, CONTENT, Block::Text(text));
        self.part("response.output_text.done", &id, CONTENT, ("text", json!(text)));
        self.part("response.content_part.done", &id, CONTENT, part(text));
    }

    fn tool_call(&mut self, call: &Call<'_>, nth: usize, made: &ToolCall) {
        let id = call.nth_id("fc_", nth);
        let kind = "response.function_call_arguments.delta";
        self.deltas(kind, &id, "", Block::ToolCall(nth, made));
        let index = self.index;
        self.add(
            "response.function_call_arguments.done",
            json!({
                "item_id": id,
                "output_index": index,
                "name": made.name,
                "arguments": made.arguments,
            }),
        );
    }
}

const CONTENT: &str = "content_index";
const SUMMARY: &str = "summary_index";

/// Writes the whole chain, from `response.created` to the final response with its usage.
pub(super) fn write(prompt: &Prompt<'_>, output: &Output<'_>) -> Reply {
    let call = prompt.call;
    let mut chain = Chain { events: Events::new(Framing::Sse, ERROR), prompt, index: 0 };
    for kind in ["response.created", "response.in_progress"] {
        chain.add(kind, json!({ "response": response(call, "in_progress") }));
    }
    for (index, block) in output.choice.blocks(true).into_iter().enumerate() {
        chain.index = index;
        let closed = item(call, output, block);
        let opened = opened(closed.clone());
        chain.add("response.output_item.added", json!({ "output_index": index, "item": opened }));
        match block {
            Block::Thoughts(text) if output.summarised => chain.thoughts(call, text),
            Block::Thoughts(_) => {}
            Block::Text(text) => chain.text(call, text),
            Block::ToolCall(nth, made) => chain.tool_call(call, nth, made),
        }
        chain.add("response.output_item.done", json!({ "output_index": index, "item": closed }));
    }
    let last = format!("response.{}", status(output.choice.finish));
    chain.add(&last, json!({ "response": finished(call, output) }));
    Reply::stream(chain.events)
}

/// An item as it is before its content comes.
fn opened(mut item: Value) -> Value {
    let Some(fields) = item.as_object_mut() else { return item };
    for (key, empty) in [
        ("status", json!("in_progress")),
        ("content", json!([])),
        ("summary", json!([])),
        ("arguments", json!("")),
    ] {
        if let Some(field) = fields.get_mut(key) {
            *field = empty;
        }
    }
    item
}

const ERROR: ErrorEvent = |events_before| {
    let error = json!({
        "type": "error",
        "sequence_number": events_before,
        "code": "server_error",
        "message": "This failure was ordered by the model's name.",
        "param": null,
    });
    ("error", error)
};
