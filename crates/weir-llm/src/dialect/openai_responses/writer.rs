//! The answer, in one piece and as a chain of events.
//!
//! Both come from one place: an answer in one piece is the last event of the chain alone. The last
//! event repeats the whole output, and so does the end of each item; so unlike in other dialects the
//! text has to be kept until then. What is kept is bounded by the longest answer of the model.

mod call;
mod frames;
mod message;
mod object;
mod reasoning;
mod whole;

use self::call::Call;
use self::frames::Frames;
use self::message::Message;
use self::object::Head;
use self::reasoning::Reasoning;
use crate::canonical::{Event, EventWriter, Failure, Finish};
use crate::dialect::ReplyContext;
use weir_core::Usage;

pub(in crate::dialect) use self::whole::write;

#[expect(clippy::needless_pass_by_value, reason = "the signature of every dialect")]
pub(in crate::dialect) fn writer(context: ReplyContext) -> Box<dyn EventWriter> {
    Box::new(Writer::new(&context))
}

/// An answer on its way.
struct Writer {
    head: Head,
    frames: Frames,
    started: bool,
    /// JSON of the items that are over, by their place in the output; empty for one that is not.
    items: Vec<Vec<u8>>,
    /// The item that grows is one of these two. Calls grow beside it: some providers send several at
    /// once, in turns.
    message: Option<Message>,
    reasoning: Option<Reasoning>,
    calls: Vec<Call>,
    finish: Option<Finish>,
    usage: Option<Usage>,
}

impl EventWriter for Writer {
    fn event(&mut self, event: Event<'_>, out: &mut Vec<u8>) {
        if let Event::Start { id, model, usage } = event {
            self.head.name(id.as_deref(), model.as_deref());
            self.usage = usage.or(self.usage);
            self.start(out);
            return;
        }
        self.start(out);
        match event {
            Event::Start { .. } => {}
            Event::Text { choice: 0, text } if !text.is_empty() => self.text(&text, out),
            Event::Refusal { choice: 0, text } if !text.is_empty() => {
                let (message, frames) = self.message(out);
                message.refusal(&text, frames, out);
            }
            Event::Thinking { choice: 0, text } if !text.is_empty() => {
                let (reasoning, frames) = self.reasoning(out);
                reasoning.text(&text, frames, out);
            }
            Event::Signature { choice: 0, signature } => {
                let (reasoning, frames) = self.reasoning(out);
                reasoning.sign(&signature, frames, out);
            }
            Event::RedactedThinking { choice: 0, data } => {
                let (reasoning, frames) = self.reasoning(out);
                reasoning.redacted(&data, frames, out);
            }
            Event::ToolStart { choice: 0, call, id, name, signature } => {
                if let Some(signature) = signature {
                    let (reasoning, frames) = self.reasoning(out);
                    reasoning.call(&id, &signature, frames, out);
                }
                self.call(call, &id, &name, out);
            }
            Event::ToolArguments { choice: 0, call, json } if !json.is_empty() => {
                if let Some(found) = self.calls.iter_mut().find(|known| known.number == call) {
                    found.arguments(&json, &mut self.frames, out);
                }
            }
            Event::Annotation { choice: 0, annotation } => {
                let (message, frames) = self.message(out);
                message.annotation(&annotation, frames, out);
            }
            Event::Logprobs { choice: 0, logprobs } => {
                // Those of a call's tokens have no place in the dialect.
                if let Some(message) = &mut self.message {
                    message.logprobs(&logprobs, &mut self.frames, out);
                }
            }
            Event::Finish { choice: 0, finish } => {
                self.finish = Some(finish);
                self.close_all(out);
            }
            Event::Usage(usage) => self.usage = Some(usage),
            Event::Done => {
                self.close_all(out);
                self.complete(out);
            }
            Event::Error(failure) => self.fail(&failure, out),
            // Another choice: the dialect has one answer, and no way to ask for more.
            _ => {}
        }
    }
}

impl Writer {
    fn new(context: &ReplyContext) -> Self {
        Self {
            head: Head::new(context),
            frames: Frames::default(),
            started: false,
            items: Vec::new(),
            message: None,
            reasoning: None,
            calls: Vec::new(),
            finish: None,
            usage: None,
        }
    }

    /// The first two events, before whatever comes.
    fn start(&mut self, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.started, true) {
            return;
        }
        for name in ["response.created", "response.in_progress"] {
            self.frames.begin(out, name);
            out.extend_from_slice(b",\"response\":");
            self.head.write(out, object::State::InProgress, &[], None);
            frames::end(out);
        }
    }

    /// The hot path.
    fn text(&mut self, text: &str, out: &mut Vec<u8>) {
        let (message, frames) = self.message(out);
        message.text(text, frames, out);
    }

    fn message(&mut self, out: &mut Vec<u8>) -> (&mut Message, &mut Frames) {
        let message = self.message.take().unwrap_or_else(|| {
            self.close_open(out);
            let index = self.next_item();
            Message::open(&self.head.base, index, &mut self.frames, out)
        });
        (self.message.insert(message), &mut self.frames)
    }

    fn reasoning(&mut self, out: &mut Vec<u8>) -> (&mut Reasoning, &mut Frames) {
        let reasoning = self.reasoning.take().unwrap_or_else(|| {
            self.close_open(out);
            let index = self.next_item();
            Reasoning::open(&self.head.base, index, &mut self.frames, out)
        });
        (self.reasoning.insert(reasoning), &mut self.frames)
    }

    fn call(&mut self, number: u32, id: &str, name: &str, out: &mut Vec<u8>) {
        self.close_open(out);
        let index = self.next_item();
        let custom = self.head.custom_tools.iter().any(|tool| **tool == *name);
        let start = call::Start { number, id, name, custom };
        self.calls.push(Call::open(&start, &self.head.base, index, &mut self.frames, out));
    }

    fn next_item(&mut self) -> usize {
        self.items.push(Vec::new());
        self.items.len() - 1
    }

    fn close_open(&mut self, out: &mut Vec<u8>) {
        let status = self.item_status();
        let message = self.message.take();
        let message = message.map(|message| message.close(status, &mut self.frames, out));
        let reasoning = self.reasoning.take();
        let reasoning = reasoning.map(|reasoning| reasoning.close(&mut self.frames, out));
        if let Some((index, item)) = message.or(reasoning) {
            self.items[index] = item;
        }
    }

    fn close_all(&mut self, out: &mut Vec<u8>) {
        self.close_open(out);
        let status = self.item_status();
        for call in std::mem::take(&mut self.calls) {
            let (index, item) = call.close(status, &mut self.frames, out);
            self.items[index] = item;
        }
    }

    /// Status of an item that ends now.
    fn item_status(&self) -> &'static str {
        match self.finish {
            Some(Finish::Length | Finish::ContentFilter) => "incomplete",
            _ => "completed",
        }
    }

    fn state(&self) -> object::State<'static> {
        match self.finish {
            Some(Finish::Length) => object::State::Incomplete("max_output_tokens"),
            Some(Finish::ContentFilter) => object::State::Incomplete("content_filter"),
            _ => object::State::Completed,
        }
    }

    fn complete(&mut self, out: &mut Vec<u8>) {
        let state = self.state();
        self.frames.begin(out, state.event());
        out.extend_from_slice(b",\"response\":");
        self.head.write(out, state, &self.items, self.usage.as_ref());
        frames::end(out);
    }

    /// SDKs raise on `error`, Codex reads `response.failed`: both are sent, as OpenAI does.
    fn fail(&mut self, failure: &Failure, out: &mut Vec<u8>) {
        object::error(&mut self.frames, failure, out);
        let state = object::State::Failed(failure);
        self.frames.begin(out, state.event());
        out.extend_from_slice(b",\"response\":");
        self.head.write(out, state, &self.items, self.usage.as_ref());
        frames::end(out);
    }
}
