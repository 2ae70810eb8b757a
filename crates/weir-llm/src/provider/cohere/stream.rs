//! A streamed answer: server-sent events, each with its type inside (spec: providers 4.4).

mod event;

use std::borrow::Cow;

use serde_json::value::RawValue;

use self::event::{Delta, End, Head, Message};
use super::super::{DecodeContext, Wire};
use super::answer::{self, Citation};
use crate::canonical::{Event, EventSink, Failure, Finish, StreamDecoder};
use crate::stream::joined::JoinedSse;

/// Reads the stream.
pub(super) struct Decoder {
    sse: JoinedSse,
    state: State,
}

struct State {
    context: DecodeContext,
    /// Calls begun so far; the last of them grows.
    calls: u32,
    started: bool,
    ended: bool,
    /// The stream turned out to be in OpenAI's shape.
    openai: Option<Box<dyn StreamDecoder>>,
}

impl Decoder {
    pub(super) fn new(context: DecodeContext) -> Self {
        let state = State { context, calls: 0, started: false, ended: false, openai: None };
        Self { sse: JoinedSse::default(), state }
    }
}

impl StreamDecoder for Decoder {
    fn push(&mut self, bytes: &[u8], events: &mut dyn EventSink) {
        self.sse.push(bytes, |_, data| self.state.data(data, events));
        if self.sse.lost_one() {
            self.state.fail(Failure::unreadable("an event is too long"), events);
        }
    }

    fn finish(&mut self, events: &mut dyn EventSink) {
        self.sse.finish(|_, data| self.state.data(data, events));
        if let Some(openai) = &mut self.state.openai {
            openai.finish(events);
        }
    }
}

impl State {
    fn data(&mut self, data: &[u8], events: &mut dyn EventSink) {
        if let Some(openai) = &mut self.openai {
            forward(openai.as_mut(), data, events);
            return;
        }
        if self.ended || data == b"[DONE]" {
            return;
        }
        match serde_json::from_slice::<Head<'_>>(data) {
            Ok(head) => self.event(&head, data, events),
            Err(error) => self.fail(Failure::unreadable(error), events),
        }
    }

    fn event(&mut self, head: &Head<'_>, data: &[u8], events: &mut dyn EventSink) {
        let outcome = match (head.kind(), head.delta) {
            ("message-start", _) => {
                self.started = true;
                let id = head.id.as_ref().map(|id| Cow::Borrowed(&*id.0));
                events.event(Event::Start { id, model: None, usage: None });
                Ok(())
            }
            ("content-start" | "content-delta", Some(delta)) => {
                content(delta, events).map(|()| likelihood(head, events))
            }
            ("tool-plan-delta", Some(delta)) => plan(delta, events),
            ("tool-call-start", Some(delta)) => self.call(delta, events),
            ("tool-call-delta", Some(delta)) => self.arguments(delta, events),
            ("citation-start", Some(delta)) => citation(delta, events),
            ("message-end", delta) => {
                self.end(delta, events);
                Ok(())
            }
            ("", _) => {
                self.nameless(head, data, events);
                Ok(())
            }
            // Ends of blocks, `debug`, and what is new.
            _ => Ok(()),
        };
        if let Err(error) = outcome {
            self.fail(Failure::unreadable(error), events);
        }
    }

    /// No event of Cohere's: OpenAI's shape, or an error.
    fn nameless(&mut self, head: &Head<'_>, data: &[u8], events: &mut dyn EventSink) {
        if !self.started && (head.choices.is_some() || head.error.is_some()) {
            let mut openai = Wire::OpenAi.decoder(self.context.clone());
            forward(openai.as_mut(), data, events);
            self.openai = Some(openai);
        } else if let Some(message) = &head.message {
            self.fail(Failure::new(502, message.0.clone()), events);
        }
    }

    fn call(&mut self, delta: &RawValue, events: &mut dyn EventSink) -> serde_json::Result<()> {
        let Some(call) = parse(delta)?.and_then(|message| message.tool_calls) else {
            return Ok(());
        };
        let number = self.calls;
        self.calls += 1;
        let function = call.function.unwrap_or_default();
        events.event(Event::ToolStart {
            choice: 0,
            call: number,
            id: match call.id {
                Some(id) => id.0,
                None => format!("call_{}_{number}", self.context.base).into(),
            },
            name: function.name.map(|name| name.0).unwrap_or_default(),
            signature: None,
        });
        if let Some(json) = function.arguments.filter(|json| !json.0.is_empty()) {
            events.event(Event::ToolArguments { choice: 0, call: number, json: json.0 });
        }
        Ok(())
    }

    fn arguments(&self, delta: &RawValue, events: &mut dyn EventSink) -> serde_json::Result<()> {
        let call = parse(delta)?.and_then(|message| message.tool_calls);
        let json = call.and_then(|call| call.function).and_then(|function| function.arguments);
        // A piece before any call would belong to nobody.
        if let (Some(json), Some(call)) = (json, self.calls.checked_sub(1)) {
            events.event(Event::ToolArguments { choice: 0, call, json: json.0 });
        }
        Ok(())
    }

    fn end(&mut self, delta: Option<&RawValue>, events: &mut dyn EventSink) {
        let end: End<'_> = match delta.map(|delta| serde_json::from_str(delta.get())) {
            None => End::default(),
            Some(Ok(end)) => end,
            Some(Err(error)) => return self.fail(Failure::unreadable(error), events),
        };
        if let Some(usage) = &end.usage {
            events.event(Event::Usage(usage.usage()));
        }
        if let Some(error) = end.error {
            return self.fail(Failure::new(502, error.0), events);
        }
        let reason = end.finish_reason.as_ref().map(|reason| &*reason.0);
        let finish = match reason.map_or(Ok(Finish::Stop), answer::finish) {
            Err(failure) => return self.fail(failure, events),
            Ok(Finish::Stop) if self.calls > 0 => Finish::ToolCalls,
            Ok(finish) => finish,
        };
        events.event(Event::Finish { choice: 0, finish });
        self.ended = true;
        events.event(Event::Done);
    }

    fn fail(&mut self, failure: Failure, events: &mut dyn EventSink) {
        if !std::mem::replace(&mut self.ended, true) {
            events.event(Event::Error(failure));
        }
    }
}

/// Hands an event to the reader of another shape, framed anew.
fn forward(openai: &mut dyn StreamDecoder, data: &[u8], events: &mut dyn EventSink) {
    let mut framed = Vec::with_capacity(data.len() + 16);
    for line in data.split(|byte| *byte == b'\n') {
        framed.extend_from_slice(b"data: ");
        framed.extend_from_slice(line);
        framed.push(b'\n');
    }
    framed.push(b'\n');
    openai.push(&framed, events);
}

fn parse(delta: &RawValue) -> serde_json::Result<Option<Message<'_>>> {
    serde_json::from_str::<Delta<'_>>(delta.get()).map(|delta| delta.message)
}

fn content(delta: &RawValue, events: &mut dyn EventSink) -> serde_json::Result<()> {
    let Some(content) = parse(delta)?.and_then(|message| message.content) else { return Ok(()) };
    if let Some(text) = content.thinking.filter(|text| !text.0.is_empty()) {
        events.event(Event::Thinking { choice: 0, text: text.0 });
    }
    if let Some(text) = content.text.filter(|text| !text.0.is_empty()) {
        events.event(Event::Text { choice: 0, text: text.0 });
    }
    Ok(())
}

fn likelihood(head: &Head<'_>, events: &mut dyn EventSink) {
    if let Some(likelihood) = &head.logprobs {
        let logprobs = answer::logprobs(&[likelihood.token()]);
        events.event(Event::Logprobs { choice: 0, logprobs });
    }
}

fn plan(delta: &RawValue, events: &mut dyn EventSink) -> serde_json::Result<()> {
    let plan = parse(delta)?.and_then(|message| message.tool_plan);
    if let Some(text) = plan.filter(|text| !text.0.is_empty()) {
        events.event(Event::Thinking { choice: 0, text: text.0 });
    }
    Ok(())
}

fn citation(delta: &RawValue, events: &mut dyn EventSink) -> serde_json::Result<()> {
    let citation = parse(delta)?.and_then(|message| message.citations);
    for annotation in citation.into_iter().flat_map(Citation::annotations) {
        events.event(Event::Annotation { choice: 0, annotation });
    }
    Ok(())
}
