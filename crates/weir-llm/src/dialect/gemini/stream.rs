//! A streamed answer: each piece is an answer of its own. Calls are whole, so their arguments are
//! kept until the answer they belong to ends; why it ended is said in the last piece, with the usage.

use serde_json::Value;
use weir_core::Usage;

use super::response::finish_word;
use super::{failure, grounding, parts, usage};
use crate::canonical::{Event, EventWriter, Finish};
use crate::dialect::ReplyContext;
use crate::json::push_string;

/// Most bytes of arguments that are kept, and most citations: no model writes as much.
const MAX_ARGUMENTS: usize = 16 * 1024 * 1024;
const MAX_CITATIONS: usize = 1024;

pub(super) struct Writer {
    context: ReplyContext,
    /// Everything behind a piece's candidates; empty before the first event.
    tail: Vec<u8>,
    /// Something has been written.
    has_begun: bool,
    calls: Vec<Call>,
    /// Bytes of arguments kept.
    kept: usize,
    citations: Vec<(u32, Value)>,
    ends: Vec<(u32, &'static str)>,
    usage: Option<Usage>,
}

/// A call whose arguments are still coming.
struct Call {
    choice: u32,
    call: u32,
    id: String,
    name: String,
    signature: Option<String>,
    arguments: String,
}

impl EventWriter for Writer {
    fn event(&mut self, event: Event<'_>, out: &mut Vec<u8>) {
        match event {
            Event::Start { id, model, usage } => {
                self.start(id.as_deref(), model.as_deref());
                self.usage = usage.or(self.usage);
            }
            Event::Text { choice, text } | Event::Refusal { choice, text } => {
                if !text.is_empty() {
                    self.part(choice, out, |out| parts::text(out, &text));
                }
            }
            Event::Thinking { choice, text } => {
                if !text.is_empty() {
                    self.part(choice, out, |out| parts::thought(out, &text, None));
                }
            }
            Event::Signature { choice, signature } => {
                self.part(choice, out, |out| parts::thought(out, "", Some(&signature)));
            }
            // There is no place for it.
            Event::RedactedThinking { .. } => {}
            Event::ToolStart { choice, call, id, name, signature } => self.calls.push(Call {
                choice,
                call,
                id: id.into_owned(),
                name: name.into_owned(),
                signature: signature.map(Into::into),
                arguments: String::new(),
            }),
            Event::ToolArguments { choice, call, json } => self.arguments(choice, call, &json),
            Event::Annotation { choice, annotation } => {
                if self.citations.len() < MAX_CITATIONS {
                    self.citations.push((choice, annotation));
                }
            }
            Event::Logprobs { choice, logprobs } => self.logprobs(choice, &logprobs, out),
            Event::Finish { choice, finish } => {
                let are_usable = self.whole_calls(choice, out);
                self.ends.push((choice, finish_word(&finish, are_usable)));
            }
            Event::Usage(usage) => self.usage = Some(usage),
            Event::Done => self.done(out),
            Event::Error(error) => {
                self.open(out);
                out.extend_from_slice(&failure::failure(&error));
                self.close(out);
                self.last(out);
            }
        }
    }
}

impl Writer {
    pub(super) fn new(context: ReplyContext) -> Self {
        Self {
            context,
            tail: Vec::new(),
            has_begun: false,
            calls: Vec::new(),
            kept: 0,
            citations: Vec::new(),
            ends: Vec::new(),
            usage: None,
        }
    }

    fn start(&mut self, id: Option<&str>, model: Option<&str>) {
        if !self.tail.is_empty() {
            return;
        }
        self.tail.extend_from_slice(b",\"modelVersion\":");
        push_string(&mut self.tail, model.unwrap_or(&self.context.model));
        self.tail.extend_from_slice(b",\"responseId\":");
        push_string(&mut self.tail, id.unwrap_or(&self.context.base));
        self.tail.push(b'}');
    }

    /// What stands before a piece: an event of a stream, or an item of a list.
    fn open(&mut self, out: &mut Vec<u8>) {
        let is_first = !std::mem::replace(&mut self.has_begun, true);
        out.extend_from_slice(match (self.context.sse, is_first) {
            (true, _) => b"data: ",
            (false, true) => b"[",
            (false, false) => b",\r\n",
        });
    }

    fn close(&self, out: &mut Vec<u8>) {
        if self.context.sse {
            out.extend_from_slice(b"\r\n\r\n");
        }
    }

    /// Behind the last piece.
    fn last(&self, out: &mut Vec<u8>) {
        if !self.context.sse {
            out.push(b']');
        }
    }

    /// A piece with one candidate, whose members before its index `write` appends.
    fn candidate(&mut self, choice: u32, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
        self.start(None, None);
        self.open(out);
        out.extend_from_slice(b"{\"candidates\":[{");
        write(out);
        out.extend_from_slice(b",\"index\":");
        parts::json(out, &choice);
        out.extend_from_slice(b"}]");
        out.extend_from_slice(&self.tail);
        self.close(out);
    }

    fn part(&mut self, choice: u32, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
        self.candidate(choice, out, |out| {
            out.extend_from_slice(b"\"content\":{\"parts\":[");
            write(out);
            out.extend_from_slice(b"],\"role\":\"model\"}");
        });
    }

    fn arguments(&mut self, choice: u32, call: u32, json: &str) {
        self.kept = self.kept.saturating_add(json.len());
        let found =
            self.calls.iter_mut().rev().find(|known| known.choice == choice && known.call == call);
        // Beyond the limit the arguments stay cut, hence no JSON, and are reported as such.
        if let Some(found) = found.filter(|_| self.kept <= MAX_ARGUMENTS) {
            found.arguments.push_str(json);
        }
    }

    /// Writes the calls of an answer; says whether all of them were usable.
    fn whole_calls(&mut self, choice: u32, out: &mut Vec<u8>) -> bool {
        let (ready, rest) = std::mem::take(&mut self.calls)
            .into_iter()
            .partition::<Vec<_>, _>(|call| call.choice == choice);
        self.calls = rest;
        let mut is_usable = true;
        for Call { id, name, signature, arguments, .. } in ready {
            self.kept = self.kept.saturating_sub(arguments.len());
            match parts::arguments(&arguments) {
                Some(args) => self.part(choice, out, |out| {
                    parts::call(out, [&id, &name], args, signature.as_deref());
                }),
                None => is_usable = false,
            }
        }
        is_usable
    }

    fn logprobs(&mut self, choice: u32, logprobs: &Value, out: &mut Vec<u8>) {
        if let Some(result) = grounding::likelihoods(logprobs) {
            self.candidate(choice, out, |out| {
                out.extend_from_slice(b"\"logprobsResult\":");
                parts::json(out, &result);
            });
        }
    }

    fn done(&mut self, out: &mut Vec<u8>) {
        self.start(None, None);
        // Nobody said that these answers ended, yet all is over.
        while let Some(choice) = self.calls.first().map(|call| call.choice) {
            let are_usable = self.whole_calls(choice, out);
            self.ends.push((choice, finish_word(&Finish::ToolCalls, are_usable)));
        }
        self.open(out);
        out.extend_from_slice(b"{\"candidates\":[");
        let ends = std::mem::take(&mut self.ends);
        for (at, (choice, word)) in ends.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            out.extend_from_slice(b"{\"content\":{\"parts\":[");
            parts::text(out, "");
            out.extend_from_slice(b"],\"role\":\"model\"},\"finishReason\":");
            push_string(out, word);
            out.extend_from_slice(b",\"index\":");
            parts::json(out, choice);
            let cited = self.citations.iter().filter(|(of, _)| of == choice);
            if let Some(metadata) = grounding::metadata(cited.map(|(_, cited)| cited), None) {
                out.extend_from_slice(b",\"groundingMetadata\":");
                parts::json(out, &metadata);
            }
            out.push(b'}');
        }
        out.push(b']');
        if let Some(counts) = &self.usage {
            out.extend_from_slice(b",\"usageMetadata\":");
            usage::push(out, counts);
        }
        out.extend_from_slice(&self.tail);
        self.close(out);
        self.last(out);
    }
}
