//! The answer of Responses as its chain of events (spec: providers 4.5).

use serde::Serialize;
use serde_json::{Value, json};

use super::{finished, item, response, status};
use crate::simulate::answer::{self, Choice, Content, Usage};
use crate::simulate::prompt::Prompt;
use crate::simulate::reply::Reply;
use crate::simulate::sse::Events;

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
    delta: &'a str,
}

/// Writes events and numbers them.
struct Chain(Events);

impl Chain {
    /// Adds the event `kind` with `fields` after its type and number.
    fn add(&mut self, kind: &str, fields: Value) {
        let mut event = json!({ "type": kind, "sequence_number": self.0.len() });
        if let (Some(event), Value::Object(fields)) = (event.as_object_mut(), fields) {
            event.extend(fields);
        }
        self.0.named(kind, &event);
    }

    fn deltas(&mut self, kind: &str, item_id: &str, content_index: Option<usize>, pieces: &[&str]) {
        for delta in pieces {
            let sequence_number = self.0.len();
            let event =
                Delta { kind, sequence_number, item_id, output_index: 0, content_index, delta };
            self.0.named(kind, &event);
        }
    }
}

/// Writes the whole chain, from `response.created` to the final response with its usage.
pub(super) fn write(prompt: &Prompt<'_>, choice: &Choice, usage: Usage) -> Reply {
    let call = prompt.call;
    let mut chain = Chain(Events::new(error));
    for kind in ["response.created", "response.in_progress"] {
        chain.add(kind, json!({ "response": response(call, "in_progress") }));
    }
    let mut opened = item(call, choice);
    opened["status"] = json!("in_progress");
    let pieces = answer::pieces(prompt, &choice.content);
    match &choice.content {
        Content::Text(text) => {
            let id = call.id("msg_");
            opened["content"] = json!([]);
            chain.add("response.output_item.added", json!({ "output_index": 0, "item": opened }));
            let part =
                |text: &str| json!({ "type": "output_text", "text": text, "annotations": [] });
            let place = |key: &str, value: Value| json!({ "item_id": id, "output_index": 0, "content_index": 0, key: value });
            chain.add("response.content_part.added", place("part", part("")));
            chain.deltas("response.output_text.delta", &id, Some(0), &pieces);
            chain.add("response.output_text.done", place("text", json!(text)));
            chain.add("response.content_part.done", place("part", part(text)));
        }
        Content::ToolCall { name, arguments } => {
            let id = call.id("fc_");
            opened["arguments"] = json!("");
            chain.add("response.output_item.added", json!({ "output_index": 0, "item": opened }));
            chain.deltas("response.function_call_arguments.delta", &id, None, &pieces);
            chain.add(
                "response.function_call_arguments.done",
                json!({ "item_id": id, "output_index": 0, "name": name, "arguments": arguments }),
            );
        }
    }
    let closed = item(call, choice);
    chain.add("response.output_item.done", json!({ "output_index": 0, "item": closed }));
    let last = format!("response.{}", status(choice.finish));
    chain.add(&last, json!({ "response": finished(call, choice, usage) }));
    Reply::Stream(chain.0)
}

fn error(events_before: usize) -> String {
    format!(
        "event: error\ndata: {{\"type\":\"error\",\"sequence_number\":{events_before},\
         \"code\":\"server_error\",\"message\":\"This failure was ordered by the model's name.\",\
         \"param\":null}}\n\n"
    )
}
