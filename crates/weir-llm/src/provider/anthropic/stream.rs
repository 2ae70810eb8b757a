//! A streamed answer (spec: providers 4.4).
//!
//! Blocks come one after another, never two at once, so one of them is all there is to remember.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use super::super::DecodeContext;
use super::answer::{self, Block, Citation, Count, Text, Tokens, Trouble};
use crate::canonical::{Event, EventSink, Failure, Finish, StreamDecoder};
use crate::stream::joined::JoinedSse;

/// Citations of one text that are kept; nobody reads more.
const MAX_CITATIONS: usize = 64;

pub(super) struct Decoder {
    sse: JoinedSse,
    state: State,
}

struct State {
    context: DecodeContext,
    open: Open,
    calls: u32,
    count: Count,
    /// Characters of text so far, and where the open block began.
    written: u64,
    begun: u64,
    /// Of the open block: they are told when its end is known.
    citations: Vec<Value>,
    over: bool,
}

/// The block that is being told.
enum Open {
    /// None, or one that needs no memory.
    Nothing,
    Tool(u32),
    /// The tool that stands in for a schema, and whether it said something yet.
    Schema(bool),
}

#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    delta: Option<Delta<'a>>,
    #[serde(borrow)]
    content_block: Option<Block<'a>>,
    #[serde(borrow)]
    message: Option<Head<'a>>,
    #[serde(borrow)]
    usage: Option<Tokens<'a>>,
    #[serde(borrow)]
    error: Option<Trouble<'a>>,
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    model: Option<Text<'a>>,
    #[serde(borrow)]
    usage: Option<Tokens<'a>>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    text: Option<Text<'a>>,
    #[serde(borrow)]
    partial_json: Option<Text<'a>>,
    #[serde(borrow)]
    thinking: Option<Text<'a>>,
    #[serde(borrow)]
    signature: Option<Text<'a>>,
    #[serde(borrow)]
    citation: Option<Citation<'a>>,
    #[serde(borrow)]
    stop_reason: Option<Text<'a>>,
    #[serde(borrow)]
    stop_sequence: Option<Text<'a>>,
}

impl Decoder {
    pub(super) fn new(context: DecodeContext) -> Self {
        let state = State {
            context,
            open: Open::Nothing,
            calls: 0,
            count: Count::default(),
            written: 0,
            begun: 0,
            citations: Vec::new(),
            over: false,
        };
        Self { sse: JoinedSse::default(), state }
    }

    fn check_loss(&mut self, events: &mut dyn EventSink) {
        if self.sse.lost_one() {
            self.state.fail(Failure::unreadable("an event is too long"), events);
        }
    }
}

impl StreamDecoder for Decoder {
    fn push(&mut self, bytes: &[u8], events: &mut dyn EventSink) {
        let state = &mut self.state;
        self.sse.push(bytes, |_, data| state.frame(data, events));
        self.check_loss(events);
    }

    fn finish(&mut self, events: &mut dyn EventSink) {
        let state = &mut self.state;
        self.sse.finish(|_, data| state.frame(data, events));
        self.check_loss(events);
    }
}

impl State {
    fn frame(&mut self, data: &[u8], events: &mut dyn EventSink) {
        if self.over {
            return;
        }
        let frame: Frame<'_> = match serde_json::from_slice(data) {
            Ok(frame) => frame,
            Err(error) => return self.fail(Failure::unreadable(error), events),
        };
        match (&*frame.kind, frame.delta) {
            ("content_block_delta", Some(delta)) => self.delta(delta, events),
            ("content_block_start", _) => self.start(frame.content_block, events),
            ("content_block_stop", _) => self.stop(events),
            ("message_delta", delta) => self.end(delta.as_ref(), frame.usage.as_ref(), events),
            ("message_start", _) => self.head(frame.message, events),
            ("message_stop", _) => {
                self.over = true;
                events.event(Event::Done);
            }
            ("error", _) => {
                let error = frame.error.unwrap_or(Trouble { kind: None, message: None });
                self.fail(error.failure(None), events);
            }
            // Pings, and what is yet to come.
            _ => {}
        }
    }

    fn fail(&mut self, failure: Failure, events: &mut dyn EventSink) {
        if !std::mem::replace(&mut self.over, true) {
            events.event(Event::Error(failure));
        }
    }

    fn head(&mut self, head: Option<Head<'_>>, events: &mut dyn EventSink) {
        let Some(head) = head else { return };
        if let Some(tokens) = &head.usage {
            self.count.add(tokens);
        }
        events.event(Event::Start {
            id: head.id.map(|id| id.0),
            model: head.model.map(|model| model.0),
            usage: head.usage.map(|_| self.count.usage()),
        });
    }

    fn start(&mut self, block: Option<Block<'_>>, events: &mut dyn EventSink) {
        self.open = Open::Nothing;
        let Some(block) = block else { return };
        match &*block.kind {
            "text" => {
                self.begun = self.written;
                self.text(block.text, events);
                for citation in block.citations.iter().flatten() {
                    self.cite(citation);
                }
            }
            "thinking" => {
                think(block.thinking, events);
                sign(block.signature, events);
            }
            "redacted_thinking" => {
                if let Some(data) = block.data {
                    events.event(Event::RedactedThinking { choice: 0, data: data.0 });
                }
            }
            "tool_use" => self.tool(block, events),
            _ => {}
        }
    }

    fn tool(&mut self, block: Block<'_>, events: &mut dyn EventSink) {
        let name = block.name.map(|name| name.0).unwrap_or_default();
        if self.context.schema_tool.as_deref() == Some(&*name) {
            self.open = Open::Schema(false);
        } else {
            let call = self.calls;
            self.calls += 1;
            self.open = Open::Tool(call);
            let id = match block.id {
                Some(id) if !id.0.is_empty() => id.0,
                _ => format!("call_{}_{call}", self.context.base).into(),
            };
            events.event(Event::ToolStart { choice: 0, call, id, name, signature: None });
        }
        // Anthropic begins with an empty object; some who speak its dialect say everything here.
        let input = block.input.map_or("", |input| input.get());
        if !matches!(input, "" | "{}" | "null") {
            self.arguments(input.into(), events);
        }
    }

    fn delta(&mut self, delta: Delta<'_>, events: &mut dyn EventSink) {
        match &*delta.kind {
            "text_delta" => self.text(delta.text, events),
            "input_json_delta" => {
                if let Some(json) = delta.partial_json {
                    self.arguments(json.0, events);
                }
            }
            "thinking_delta" => think(delta.thinking, events),
            "signature_delta" => sign(delta.signature, events),
            "citations_delta" => {
                if let Some(citation) = &delta.citation {
                    self.cite(citation);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: Option<Text<'_>>, events: &mut dyn EventSink) {
        let Some(Text(text)) = text.filter(|text| !text.0.is_empty()) else { return };
        self.written += text.chars().count() as u64;
        events.event(Event::Text { choice: 0, text });
    }

    fn arguments(&mut self, json: Cow<'_, str>, events: &mut dyn EventSink) {
        if json.is_empty() {
            return;
        }
        match &mut self.open {
            Open::Tool(call) => events.event(Event::ToolArguments { choice: 0, call: *call, json }),
            Open::Schema(said) => {
                *said = true;
                events.event(Event::Text { choice: 0, text: json });
            }
            _ => {}
        }
    }

    fn cite(&mut self, citation: &Citation<'_>) {
        if self.citations.len() < MAX_CITATIONS {
            self.citations.extend(citation.annotation(self.begun, self.begun));
        }
    }

    fn stop(&mut self, events: &mut dyn EventSink) {
        if matches!(self.open, Open::Schema(false)) {
            events.event(Event::Text { choice: 0, text: "{}".into() });
        }
        for mut annotation in self.citations.drain(..) {
            annotation["url_citation"]["end_index"] = self.written.into();
            events.event(Event::Annotation { choice: 0, annotation });
        }
        self.open = Open::Nothing;
    }

    fn end(
        &mut self,
        delta: Option<&Delta<'_>>,
        usage: Option<&Tokens<'_>>,
        events: &mut dyn EventSink,
    ) {
        if let Some(delta) = delta
            && let Some(reason) = &delta.stop_reason
        {
            let sequence = delta.stop_sequence.as_ref().map(|text| &*text.0);
            let mut finish = answer::finish(&reason.0, sequence);
            if finish == Finish::ToolCalls && self.context.schema_tool.is_some() {
                finish = Finish::Stop;
            }
            events.event(Event::Finish { choice: 0, finish });
        }
        if let Some(tokens) = usage {
            self.count.add(tokens);
            events.event(Event::Usage(self.count.usage()));
        }
    }
}

fn think(text: Option<Text<'_>>, events: &mut dyn EventSink) {
    if let Some(Text(text)) = text.filter(|text| !text.0.is_empty()) {
        events.event(Event::Thinking { choice: 0, text });
    }
}

fn sign(seal: Option<Text<'_>>, events: &mut dyn EventSink) {
    if let Some(Text(signature)) = seal.filter(|seal| !seal.0.is_empty()) {
        events.event(Event::Signature { choice: 0, signature });
    }
}
