//! A streamed answer (spec: providers 4.4).

mod calls;

use std::borrow::Cow;

use calls::Calls;

use super::failure;
use super::quirks::Quirks;
use super::response::{finish, native_text, parse, sources};
use super::wire::{Body, Choice, Message};
use crate::canonical::{Event, EventSink, Failure, Finish, StreamDecoder};
use crate::provider::DecodeContext;
use crate::stream::joined::JoinedSse;

pub(super) struct Decoder {
    sse: JoinedSse,
    state: State,
}

/// What has been read so far.
struct State {
    quirks: &'static Quirks,
    begun: bool,
    /// Nothing more is told: the stream is whole, or has failed.
    over: bool,
    /// No more bytes come: what cannot be read now was cut off.
    ending: bool,
    calls: Calls,
    /// Choices whose end was told.
    finished: Vec<u32>,
}

impl Decoder {
    pub(super) fn new(context: DecodeContext) -> Self {
        let state = State {
            quirks: Quirks::of(&context.provider),
            begun: false,
            over: false,
            ending: false,
            calls: Calls::new(context.base),
            finished: Vec::new(),
        };
        Self { sse: JoinedSse::default(), state }
    }
}

impl StreamDecoder for Decoder {
    fn push(&mut self, bytes: &[u8], events: &mut dyn EventSink) {
        let Self { sse, state } = self;
        sse.push(bytes, |name, data| state.read(name, data, events));
        if self.sse.lost_one() {
            self.state.fail(Failure::unreadable("an event of the stream is too long"), events);
        }
    }

    fn finish(&mut self, events: &mut dyn EventSink) {
        let Self { sse, state } = self;
        state.ending = true;
        sse.finish(|name, data| state.read(name, data, events));
        if state.quirks.ends_without_done && !state.finished.is_empty() {
            state.done(events);
        }
    }
}

impl State {
    fn read(&mut self, name: &[u8], data: &[u8], events: &mut dyn EventSink) {
        let data = data.trim_ascii();
        if self.over || data.is_empty() {
            return;
        }
        if data == b"[DONE]" {
            return self.done(events);
        }
        if name == b"error" {
            return self.fail(failure::read(502, data), events);
        }
        match serde_json::from_slice::<Body<'_>>(data) {
            Ok(chunk) => self.chunk(chunk, events),
            Err(_) if self.ending => {}
            Err(error) => self.fail(Failure::unreadable(error), events),
        }
    }

    fn chunk(&mut self, chunk: Body<'_>, events: &mut dyn EventSink) {
        if let Some(error) = chunk.error {
            return self.fail(failure::inside(&parse(error)), events);
        }
        let (counts, broken) = chunk.x_groq.map_or((None, None), |groq| (groq.usage, groq.error));
        if let Some(error) = broken {
            return self.fail(Failure::new(502, error), events);
        }
        let choices = chunk.choices.unwrap_or_default();
        let is_native = chunk.response.is_some() || chunk.tool_calls.is_some();
        // Azure sends a chunk about its filters first, which knows neither id nor model.
        if !choices.is_empty() || is_native {
            self.begin(chunk.id.map(|text| text.0), chunk.model.map(|text| text.0), events);
        }
        if let Some(raw) = chunk.response {
            text(0, false, native_text(raw).into(), events);
        }
        for call in chunk.tool_calls.unwrap_or_default() {
            self.calls.fragment(0, call, events);
        }
        for choice in choices {
            if choice.finish_reason.is_some() && !self.finished.contains(&choice.index) {
                for annotation in sources(chunk.citations, chunk.search_results) {
                    events.event(Event::Annotation { choice: choice.index, annotation });
                }
            }
            self.choice(choice, events);
        }
        if let Some(usage) = chunk.usage.or(counts).and_then(super::usage::Counts::usage) {
            events.event(Event::Usage(usage));
        }
    }

    fn begin(
        &mut self,
        id: Option<Cow<'_, str>>,
        model: Option<Cow<'_, str>>,
        events: &mut dyn EventSink,
    ) {
        if !std::mem::replace(&mut self.begun, true) {
            let id = id.filter(|id| !id.is_empty());
            events.event(Event::Start { id, model: model.filter(|m| !m.is_empty()), usage: None });
        }
    }

    fn choice(&mut self, choice: Choice<'_>, events: &mut dyn EventSink) {
        let index = choice.index;
        if let Some(error) = choice.error {
            return self.fail(failure::inside(&parse(error)), events);
        }
        if let Some(delta) = choice.delta {
            self.delta(index, delta, events);
        }
        if let Some(raw) = choice.logprobs {
            events.event(Event::Logprobs { choice: index, logprobs: parse(raw) });
        }
        let word = choice.finish_reason.map(|text| text.0).filter(|word| !word.is_empty());
        let Some(word) = word else { return };
        match finish(&word, self.calls.any(index)) {
            Some(finish) => self.end(index, finish, events),
            None => {
                let message = "the provider broke the answer off with an error";
                self.fail(Failure::new(502, message), events);
            }
        }
    }

    fn delta(&mut self, choice: u32, mut delta: Message<'_>, events: &mut dyn EventSink) {
        if let Some(thoughts) = delta.thoughts() {
            text(choice, true, thoughts, events);
        }
        for block in delta.thinking_blocks.take().unwrap_or_default() {
            if let Some(data) = block.data {
                events.event(Event::RedactedThinking { choice, data: data.into() });
            } else if let Some(signature) = block.signature.filter(|seal| !seal.is_empty()) {
                events.event(Event::Signature { choice, signature: signature.into() });
            }
        }
        let all_thought = delta.extra_content.as_ref().is_some_and(super::wire::Extra::is_thought);
        if let Some(content) = delta.content.take() {
            content.each(|thought, piece| text(choice, thought || all_thought, piece, events));
        }
        if let Some(refusal) = delta.refusal.take().filter(|text| !text.0.is_empty()) {
            events.event(Event::Refusal { choice, text: refusal.0 });
        }
        for call in delta.tool_calls.take().unwrap_or_default() {
            self.calls.fragment(choice, call, events);
        }
        if let Some(function) = delta.function_call.take() {
            self.calls.older(choice, function, events);
        }
        for annotation in delta.annotations.take().unwrap_or_default() {
            events.event(Event::Annotation { choice, annotation });
        }
    }

    fn end(&mut self, choice: u32, finish: Finish, events: &mut dyn EventSink) {
        if !self.finished.contains(&choice) {
            self.finished.push(choice);
            events.event(Event::Finish { choice, finish });
        }
    }

    fn done(&mut self, events: &mut dyn EventSink) {
        if self.over {
            return;
        }
        self.begin(None, None, events);
        // Workers AI's own form has no word for the end of an answer.
        if self.finished.is_empty() {
            let finish = if self.calls.any(0) { Finish::ToolCalls } else { Finish::Stop };
            self.end(0, finish, events);
        }
        self.over = true;
        events.event(Event::Done);
    }

    fn fail(&mut self, failure: Failure, events: &mut dyn EventSink) {
        if !std::mem::replace(&mut self.over, true) {
            events.event(Event::Error(failure));
        }
    }
}

fn text(choice: u32, is_thought: bool, text: Cow<'_, str>, events: &mut dyn EventSink) {
    if text.is_empty() {
        return;
    }
    events.event(if is_thought {
        Event::Thinking { choice, text }
    } else {
        Event::Text { choice, text }
    });
}
