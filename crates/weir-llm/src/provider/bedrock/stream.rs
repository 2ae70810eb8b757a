//! A streamed answer: frames of AWS's binary event stream (spec: providers 4.4).

mod event;

use std::borrow::Cow;

use serde::Deserialize;
use weir_core::Usage;

use super::failure;
use crate::canonical::{Event, EventSink, Failure, Finish, StreamDecoder};
use crate::provider::DecodeContext;
use crate::stream::aws_event_stream::{AwsEventStream, Frames, Headers};
use event::{BlockDelta, BlockStart, BlockStop, MessageStop, Metadata};

/// Blocks that are open at the same time; more is no answer.
const MOST_OPEN: usize = 256;

pub(in crate::provider) fn decoder(context: DecodeContext) -> Box<dyn StreamDecoder> {
    Box::new(Decoder {
        frames: AwsEventStream::default(),
        state: State { schema_tool: context.schema_tool, ..State::default() },
    })
}

struct Decoder {
    frames: AwsEventStream,
    state: State,
}

#[derive(Default)]
struct State {
    schema_tool: Option<Box<str>>,
    started: bool,
    /// Tool calls that are open, by the index of their block.
    open: Vec<(u64, Call)>,
    calls: u32,
    /// Why the answer ended: held back until its usage is known, or the stream is over.
    finish: Option<Finish>,
    over: bool,
}

#[derive(Clone, Copy)]
enum Call {
    /// The client's, with its number.
    Client(u32),
    /// The one that stands in for a schema: its arguments are the text.
    Schema,
    /// The provider runs it itself.
    Provider,
}

struct Reader<'a, 's> {
    state: &'a mut State,
    events: &'s mut dyn EventSink,
}

impl StreamDecoder for Decoder {
    fn push(&mut self, bytes: &[u8], events: &mut dyn EventSink) {
        let mut reader = Reader { state: &mut self.state, events };
        self.frames.push(bytes, &mut reader);
    }

    fn finish(&mut self, events: &mut dyn EventSink) {
        let mut reader = Reader { state: &mut self.state, events };
        if !self.frames.is_cut() && reader.state.finish.is_some() {
            reader.close(None);
        }
    }
}

impl Frames for Reader<'_, '_> {
    fn frame(&mut self, headers: &Headers<'_>, payload: &[u8]) {
        if self.state.over {
            return;
        }
        let read = match headers.text(":message-type") {
            Some("exception") => {
                let name = headers.text(":exception-type").unwrap_or_default();
                Err(failure::exception(name, payload))
            }
            Some("error") => {
                let name = headers.text(":error-code").unwrap_or_default();
                let said = headers.text(":error-message").unwrap_or_default();
                Err(failure::exception(name, said.as_bytes()))
            }
            _ => self.read(headers.text(":event-type").unwrap_or_default(), payload),
        };
        if let Err(failure) = read {
            self.fail(failure);
        }
    }

    fn overlong(&mut self) {
        self.fail(Failure::unreadable("a frame of its stream is too long"));
    }
}

fn parse<'a, T: Deserialize<'a>>(payload: &'a [u8]) -> Result<T, Failure> {
    serde_json::from_slice(payload).map_err(Failure::unreadable)
}

impl Reader<'_, '_> {
    /// Events of names that are not listed say nothing that could be carried over.
    fn read(&mut self, name: &str, payload: &[u8]) -> Result<(), Failure> {
        match name {
            "messageStart" => self.start(),
            "contentBlockStart" => self.block_start(parse(payload)?)?,
            "contentBlockDelta" => self.delta(parse(payload)?)?,
            "contentBlockStop" => {
                let stop: BlockStop = parse(payload)?;
                self.state.open.retain(|(index, _)| *index != stop.content_block_index);
            }
            "messageStop" => {
                let stop: MessageStop = parse(payload)?;
                let stopped_at =
                    stop.additional_model_response_fields.and_then(|it| it.stop_sequence);
                let finish = failure::finish(&stop.stop_reason, stopped_at)?;
                let stands_in = self.state.schema_tool.is_some() && finish == Finish::ToolCalls;
                self.state.finish = Some(if stands_in { Finish::Stop } else { finish });
            }
            "metadata" => {
                let metadata: Metadata = parse(payload)?;
                let usage = metadata.usage.map(|tokens| tokens.usage());
                if self.state.finish.is_some() {
                    self.close(usage);
                } else if let Some(usage) = usage {
                    self.events.event(Event::Usage(usage));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn start(&mut self) {
        if !std::mem::replace(&mut self.state.started, true) {
            self.events.event(Event::Start { id: None, model: None, usage: None });
        }
    }

    fn block_start(&mut self, block: BlockStart<'_>) -> Result<(), Failure> {
        self.start();
        let Some(tool) = block.start.tool_use else { return Ok(()) };
        let call = if tool.kind.is_some() {
            Call::Provider
        } else if self.state.schema_tool.as_deref() == Some(&*tool.name) {
            Call::Schema
        } else {
            let call = self.state.calls;
            self.state.calls += 1;
            let (id, name) = (tool.tool_use_id, tool.name);
            self.events.event(Event::ToolStart { choice: 0, call, id, name, signature: None });
            Call::Client(call)
        };
        if self.state.open.len() == MOST_OPEN {
            return Err(Failure::unreadable("it opens more blocks than it closes"));
        }
        self.state.open.push((block.content_block_index, call));
        Ok(())
    }

    fn delta(&mut self, block: BlockDelta<'_>) -> Result<(), Failure> {
        self.start();
        let delta = block.delta;
        if let Some(text) = delta.text {
            self.text(text);
        }
        if let Some(tool) = delta.tool_use {
            let index = block.content_block_index;
            let open = self.state.open.iter().rev().find(|(of, _)| *of == index);
            match open.map(|(_, call)| *call) {
                Some(Call::Client(call)) if !tool.input.is_empty() => {
                    self.events.event(Event::ToolArguments { choice: 0, call, json: tool.input });
                }
                Some(Call::Schema) => self.text(tool.input),
                Some(Call::Client(_) | Call::Provider) => {}
                None => return Err(Failure::unreadable("arguments come without their call")),
            }
        }
        if let Some(thoughts) = delta.reasoning_content {
            if let Some(text) = thoughts.text.filter(|text| !text.is_empty()) {
                self.events.event(Event::Thinking { choice: 0, text });
            }
            if let Some(signature) = thoughts.signature.filter(|seal| !seal.is_empty()) {
                self.events.event(Event::Signature { choice: 0, signature });
            }
            if let Some(data) = thoughts.redacted_content {
                self.events.event(Event::RedactedThinking { choice: 0, data });
            }
        }
        if let Some(annotation) = delta.citation.and_then(|citation| citation.annotation()) {
            self.events.event(Event::Annotation { choice: 0, annotation });
        }
        Ok(())
    }

    fn text(&mut self, text: Cow<'_, str>) {
        if !text.is_empty() {
            self.events.event(Event::Text { choice: 0, text });
        }
    }

    fn close(&mut self, usage: Option<Usage>) {
        self.start();
        if let Some(finish) = self.state.finish.take() {
            self.events.event(Event::Finish { choice: 0, finish });
        }
        if let Some(usage) = usage {
            self.events.event(Event::Usage(usage));
        }
        self.events.event(Event::Done);
        self.state.over = true;
    }

    fn fail(&mut self, failure: Failure) {
        if !std::mem::replace(&mut self.state.over, true) {
            self.state.finish = None;
            self.events.event(Event::Error(failure));
        }
    }
}
