//! A streamed answer (spec: providers 4.4).
//!
//! What all chunks have in common is put together once, so that a chunk costs two copies and the
//! quoting of its piece.

use serde::Serialize;
use weir_core::Usage;

use super::{response, usage};
use crate::canonical::{Event, EventWriter};
use crate::dialect::ReplyContext;
use crate::json::push_string;

/// The seal of thoughts whose text has gone by already, as `reasoning_content`.
const SEALED: &[u8] = br#""thinking_blocks":[{"type":"thinking","thinking":"","signature":"#;
const REDACTED: &[u8] = br#""thinking_blocks":[{"type":"redacted_thinking","data":"#;

pub(super) struct Writer {
    context: ReplyContext,
    /// Everything up to the inside of `choices`; empty before the first event.
    head: Vec<u8>,
    /// Everything behind `choices`.
    tail: &'static [u8],
    usage: Option<Usage>,
    /// Choices that have had their first chunk.
    begun: Vec<u32>,
    /// Tool calls that have no arguments yet: choice and call.
    bare: Vec<(u32, u32)>,
}

impl EventWriter for Writer {
    fn event(&mut self, event: Event<'_>, out: &mut Vec<u8>) {
        match event {
            Event::Start { id, model, usage } => {
                self.start(id.as_deref(), model.as_deref());
                self.usage = usage.or(self.usage);
                self.begin(0, out);
            }
            Event::Text { choice, text } => self.text(choice, "content", &text, out),
            Event::Refusal { choice, text } => self.text(choice, "refusal", &text, out),
            Event::Thinking { choice, text } => self.text(choice, "reasoning_content", &text, out),
            Event::Signature { choice, signature } => self.block(choice, SEALED, &signature, out),
            Event::RedactedThinking { choice, data } => self.block(choice, REDACTED, &data, out),
            Event::ToolStart { choice, call, id, name, signature } => {
                self.tool_start(choice, call, [&id, &name], signature.as_deref(), out);
            }
            Event::ToolArguments { choice, call, json } => self.arguments(choice, call, &json, out),
            Event::Annotation { choice, annotation } => {
                self.delta(choice, "\"annotations\":", [&annotation], out);
            }
            Event::Logprobs { choice, logprobs } => {
                self.open(choice, out);
                out.extend_from_slice(b"},\"logprobs\":");
                push_json(out, &logprobs);
                self.close("null", out);
            }
            Event::Finish { choice, finish } => {
                self.complete_calls(choice, out);
                self.open(choice, out);
                out.extend_from_slice(b"},\"logprobs\":null");
                let reason = match response::finish_word(&finish) {
                    "stop" => "\"stop\"",
                    "length" => "\"length\"",
                    "tool_calls" => "\"tool_calls\"",
                    _ => "\"content_filter\"",
                };
                self.close(reason, out);
            }
            Event::Usage(usage) => self.usage = Some(usage),
            Event::Done => self.done(out),
            Event::Error(failure) => {
                out.extend_from_slice(b"data: ");
                out.extend_from_slice(&super::failure(&failure));
                out.extend_from_slice(b"\n\n");
            }
        }
    }
}

impl Writer {
    pub(super) fn new(context: ReplyContext) -> Self {
        // With the usage asked for, every chunk has the member, and only the last one a value.
        let tail: &[u8] = if context.include_usage { b"],\"usage\":null}\n\n" } else { b"]}\n\n" };
        Self { context, head: Vec::new(), tail, usage: None, begun: Vec::new(), bare: Vec::new() }
    }

    fn start(&mut self, id: Option<&str>, model: Option<&str>) {
        if !self.head.is_empty() {
            return;
        }
        let head = &mut self.head;
        head.extend_from_slice(b"data: {\"id\":");
        push_string(head, &response::id(id, &self.context));
        head.extend_from_slice(b",\"object\":\"chat.completion.chunk\",\"created\":");
        usage::number(head, self.context.created);
        head.extend_from_slice(b",\"model\":");
        push_string(head, model.unwrap_or(&self.context.model));
        head.extend_from_slice(b",\"choices\":[");
    }

    /// The first chunk of a choice, once.
    fn begin(&mut self, choice: u32, out: &mut Vec<u8>) {
        if self.begun.contains(&choice) {
            return;
        }
        self.start(None, None);
        self.begun.push(choice);
        self.open(choice, out);
        out.extend_from_slice(b"\"role\":\"assistant\",\"content\":\"\",\"refusal\":null");
        self.close_delta(out);
    }

    /// A chunk up to the inside of its delta.
    fn open(&mut self, choice: u32, out: &mut Vec<u8>) {
        self.begin(choice, out);
        out.extend_from_slice(&self.head);
        out.extend_from_slice(b"{\"index\":");
        usage::number(out, choice);
        out.extend_from_slice(b",\"delta\":{");
    }

    fn close_delta(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"},\"logprobs\":null");
        self.close("null", out);
    }

    /// The rest of a chunk behind `logprobs`.
    fn close(&self, finish_reason: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(b",\"finish_reason\":");
        out.extend_from_slice(finish_reason.as_bytes());
        out.push(b'}');
        out.extend_from_slice(self.tail);
    }

    fn text(&mut self, choice: u32, name: &str, text: &str, out: &mut Vec<u8>) {
        if text.is_empty() {
            return;
        }
        self.open(choice, out);
        out.push(b'"');
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        push_string(out, text);
        self.close_delta(out);
    }

    /// A delta with one member.
    fn delta(&mut self, choice: u32, name: &str, value: impl Serialize, out: &mut Vec<u8>) {
        self.open(choice, out);
        out.extend_from_slice(name.as_bytes());
        push_json(out, &value);
        self.close_delta(out);
    }

    /// A block of thoughts, begun by `fields`; `text` is the value of the last of them.
    fn block(&mut self, choice: u32, fields: &[u8], text: &str, out: &mut Vec<u8>) {
        self.open(choice, out);
        out.extend_from_slice(fields);
        push_string(out, text);
        out.extend_from_slice(b"}]");
        self.close_delta(out);
    }

    fn tool_start(
        &mut self,
        choice: u32,
        call: u32,
        [id, name]: [&str; 2],
        signature: Option<&str>,
        out: &mut Vec<u8>,
    ) {
        self.bare.push((choice, call));
        self.open(choice, out);
        out.extend_from_slice(b"\"tool_calls\":[{\"index\":");
        usage::number(out, call);
        out.extend_from_slice(b",\"id\":");
        if id.is_empty() {
            push_string(out, &format!("call_{}_{choice}_{call}", self.context.base));
        } else {
            push_string(out, id);
        }
        out.extend_from_slice(b",\"type\":\"function\",\"function\":{\"name\":");
        push_string(out, name);
        out.extend_from_slice(b",\"arguments\":\"\"}");
        if let Some(signature) = signature {
            out.extend_from_slice(b",\"extra_content\":{\"google\":{\"thought_signature\":");
            push_string(out, signature);
            out.extend_from_slice(b"}}");
        }
        out.extend_from_slice(b"}]");
        self.close_delta(out);
    }

    fn arguments(&mut self, choice: u32, call: u32, json: &str, out: &mut Vec<u8>) {
        if json.is_empty() {
            return;
        }
        self.bare.retain(|bare| *bare != (choice, call));
        self.open(choice, out);
        out.extend_from_slice(b"\"tool_calls\":[{\"index\":");
        usage::number(out, call);
        out.extend_from_slice(b",\"function\":{\"arguments\":");
        push_string(out, json);
        out.extend_from_slice(b"}}]");
        self.close_delta(out);
    }

    /// Clients parse the arguments of every call, so those without any become an empty object.
    fn complete_calls(&mut self, choice: u32, out: &mut Vec<u8>) {
        while let Some(at) = self.bare.iter().position(|(of, _)| *of == choice) {
            let (_, call) = self.bare.swap_remove(at);
            self.arguments(choice, call, "{}", out);
        }
    }

    fn done(&mut self, out: &mut Vec<u8>) {
        self.start(None, None);
        if let Some(usage) = self.usage.filter(|_| self.context.include_usage) {
            out.extend_from_slice(&self.head);
            out.extend_from_slice(b"],\"usage\":");
            usage::push(out, &usage);
            out.extend_from_slice(b"}\n\n");
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
    }
}

fn push_json(out: &mut Vec<u8>, value: &impl Serialize) {
    // Writing into memory cannot fail.
    let _ = serde_json::to_writer(out, value);
}
