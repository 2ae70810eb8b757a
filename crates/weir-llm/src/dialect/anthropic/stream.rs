//! A streamed answer: named events, one block open at a time (spec: providers 6).
//!
//! Text, thoughts and the first tool call go through as they come. A second call that begins before
//! the first one's arguments are whole waits for its turn, and so does text: this dialect cannot
//! tell two blocks at once.

mod frame;
mod waiting;

use weir_core::Usage;

use super::response;
use crate::canonical::{Event, EventWriter, Failure, Finish};
use crate::dialect::ReplyContext;
use frame::Frames;
use waiting::{Arguments, Call, Waiting};

pub(super) struct Writer {
    context: ReplyContext,
    started: bool,
    over: bool,
    frames: Frames,
    open: Open,
    waiting: Waiting,
    /// How many calls have been told.
    calls: u32,
    usage: Usage,
    finish: Finish,
}

/// The block that is open.
enum Open {
    Nothing,
    Text,
    Thinking,
    Call(u32, Arguments),
}

impl EventWriter for Writer {
    fn event(&mut self, event: Event<'_>, out: &mut Vec<u8>) {
        if self.over {
            return;
        }
        match event {
            Event::Start { id, model, usage } => {
                self.usage = usage.unwrap_or(self.usage);
                self.start(id.as_deref(), model.as_deref(), out);
            }
            Event::Text { choice: 0, text } | Event::Refusal { choice: 0, text } => {
                self.text(&text, out);
            }
            Event::Thinking { choice: 0, text } => self.think(&text, out),
            Event::Signature { choice: 0, signature } => self.sign(&signature, out),
            Event::RedactedThinking { choice: 0, data } => {
                self.begin(out);
                self.close(out);
                self.frames.redacted(&data, out);
            }
            Event::ToolStart { choice: 0, call, id, name, signature: _ } => {
                self.begin(out);
                self.tool(Call::new(call, &id, &name, &self.context.base), out);
            }
            Event::ToolArguments { choice: 0, call, json } => self.arguments(call, &json, out),
            Event::Finish { choice: 0, finish } => {
                self.finish = finish;
                self.begin(out);
                self.close_all(out);
            }
            Event::Usage(usage) => self.usage = usage,
            Event::Done => self.done(out),
            Event::Error(failure) => self.fail(&failure, out),
            // Further answers, and what this dialect has no form for.
            _ => {}
        }
    }
}

impl Writer {
    pub(super) fn new(context: ReplyContext) -> Self {
        Self {
            context,
            started: false,
            over: false,
            frames: Frames::default(),
            open: Open::Nothing,
            waiting: Waiting::default(),
            calls: 0,
            usage: Usage::default(),
            finish: Finish::Stop,
        }
    }

    fn start(&mut self, id: Option<&str>, model: Option<&str>, out: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.started, true) {
            let id = response::id(id, &self.context);
            frame::message_start(&id, model.unwrap_or(&self.context.model), &self.usage, out);
        }
    }

    /// The beginning, where the provider's stream had none.
    fn begin(&mut self, out: &mut Vec<u8>) {
        if !self.started {
            self.start(None, None, out);
        }
    }

    fn text(&mut self, text: &str, out: &mut Vec<u8>) {
        if text.is_empty() {
            return;
        }
        self.begin(out);
        if !matches!(self.open, Open::Text) {
            self.advance(out);
            if self.is_busy() {
                let fits = self.waiting.hold_text(text);
                return self.check(fits, out);
            }
            self.close(out);
            self.frames.start_text(out);
            self.open = Open::Text;
        }
        self.frames.text(text, out);
    }

    fn think(&mut self, text: &str, out: &mut Vec<u8>) {
        if !text.is_empty() {
            self.open_thinking(out);
            self.frames.thinking(text, out);
        }
    }

    /// The seal ends its block.
    fn sign(&mut self, seal: &str, out: &mut Vec<u8>) {
        self.open_thinking(out);
        self.frames.signature(seal, out);
        self.close(out);
    }

    fn open_thinking(&mut self, out: &mut Vec<u8>) {
        self.begin(out);
        if !matches!(self.open, Open::Thinking) {
            self.close(out);
            self.frames.start_thinking(out);
            self.open = Open::Thinking;
        }
    }

    /// Whether a call is in the middle of its arguments, or others wait behind one.
    fn is_busy(&self) -> bool {
        let unfinished =
            matches!(&self.open, Open::Call(_, arguments) if arguments.are_unfinished());
        unfinished || !self.waiting.is_empty()
    }

    fn tool(&mut self, call: Call, out: &mut Vec<u8>) {
        self.advance(out);
        let taken = matches!(&self.open, Open::Call(_, arguments) if !arguments.are_whole());
        if taken {
            let fits = self.waiting.hold(call);
            return self.check(fits, out);
        }
        self.open_call(&call, out);
    }

    fn open_call(&mut self, call: &Call, out: &mut Vec<u8>) {
        self.close(out);
        self.calls += 1;
        self.frames.start_tool(&call.id, &call.name, out);
        let mut arguments = Arguments::default();
        if !call.json.is_empty() {
            arguments.read(&call.json);
            self.frames.arguments(&call.json, out);
        }
        self.open = Open::Call(call.number, arguments);
    }

    fn arguments(&mut self, call: u32, json: &str, out: &mut Vec<u8>) {
        if json.is_empty() {
            return;
        }
        match &mut self.open {
            Open::Call(open, arguments) if *open == call => {
                arguments.read(json);
                self.frames.arguments(json, out);
                self.advance(out);
            }
            _ => {
                let fits = self.waiting.add(call, json);
                self.check(fits, out);
            }
        }
    }

    /// Lets waiting calls follow one whose arguments are whole.
    fn advance(&mut self, out: &mut Vec<u8>) {
        while let Open::Call(_, arguments) = &self.open
            && arguments.are_whole()
            && let Some(next) = self.waiting.next()
        {
            self.open_call(&next, out);
        }
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        match std::mem::replace(&mut self.open, Open::Nothing) {
            Open::Nothing => return,
            Open::Call(_, arguments) if arguments.are_missing() => {
                self.frames.arguments("{}", out);
            }
            _ => {}
        }
        self.frames.stop(out);
    }

    /// Ends the open block and tells everything that waits.
    fn close_all(&mut self, out: &mut Vec<u8>) {
        while let Some(call) = self.waiting.next() {
            self.open_call(&call, out);
        }
        self.close(out);
        let text = self.waiting.take_text();
        if !text.is_empty() {
            self.frames.start_text(out);
            self.frames.text(&text, out);
            self.frames.stop(out);
        }
    }

    fn done(&mut self, out: &mut Vec<u8>) {
        self.begin(out);
        self.close_all(out);
        frame::message_end(&self.finish, self.calls > 0, &self.usage, out);
        self.over = true;
    }

    fn check(&mut self, fits: bool, out: &mut Vec<u8>) {
        if !fits {
            let why = "its tool calls are too large and come in pieces of several at once";
            self.fail(&Failure::unreadable(why), out);
        }
    }

    fn fail(&mut self, failure: &Failure, out: &mut Vec<u8>) {
        frame::error(failure, out);
        self.over = true;
    }
}
