//! An answer in one piece, told as events.

use std::borrow::Cow;

use super::event::{Event, EventSink};
use super::message::{Part, PartKind};
use super::response::{Choice, Response};

impl Response {
    /// Tells the answer as the stream it could have been.
    pub fn replay(&self, events: &mut dyn EventSink) {
        let text = |text: &'_ Option<String>| text.clone().map(Cow::Owned);
        events.event(Event::Start {
            id: text(&self.id),
            model: text(&self.model),
            usage: self.usage,
        });
        for (index, choice) in self.choices.iter().enumerate() {
            choice.replay(u32::try_from(index).unwrap_or(u32::MAX), events);
        }
        if let Some(usage) = self.usage {
            events.event(Event::Usage(usage));
        }
        events.event(Event::Done);
    }
}

impl Choice {
    fn replay(&self, choice: u32, events: &mut dyn EventSink) {
        let mut calls = 0;
        for part in &self.parts {
            tell(part, choice, &mut calls, events);
        }
        for annotation in &self.annotations {
            events.event(Event::Annotation { choice, annotation: annotation.clone() });
        }
        if let Some(logprobs) = &self.logprobs {
            events.event(Event::Logprobs { choice, logprobs: logprobs.clone() });
        }
        events.event(Event::Finish { choice, finish: self.finish.clone() });
    }
}

fn tell(part: &Part, choice: u32, calls: &mut u32, events: &mut dyn EventSink) {
    match &part.kind {
        PartKind::Text(text) => events.event(Event::Text { choice, text: text.into() }),
        PartKind::Refusal(text) => events.event(Event::Refusal { choice, text: text.into() }),
        PartKind::Thinking { text, signature } => {
            if !text.is_empty() {
                events.event(Event::Thinking { choice, text: text.into() });
            }
            if let Some(signature) = signature {
                events.event(Event::Signature { choice, signature: signature.into() });
            }
        }
        PartKind::RedactedThinking(data) => {
            events.event(Event::RedactedThinking { choice, data: data.into() });
        }
        PartKind::ToolCall(tool) => {
            let call = *calls;
            *calls += 1;
            events.event(Event::ToolStart {
                choice,
                call,
                id: (&tool.id).into(),
                name: (&tool.name).into(),
                signature: tool.signature.as_ref().map(Into::into),
            });
            let json = (&tool.arguments).into();
            events.event(Event::ToolArguments { choice, call, json });
        }
        // Answers hold pictures rarely, streams have no event for them, and no result of a tool is
        // ever in one.
        PartKind::Image(_) | PartKind::Audio(_) | PartKind::File(_) | PartKind::ToolResult(_) => {}
    }
}
