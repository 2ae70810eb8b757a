//! An answer in one piece: its events, of which only what is left at the end is sent.

use super::Writer;
use crate::canonical::{Choice, Event, EventWriter as _, Part, PartKind, Response};
use crate::dialect::ReplyContext;

pub(in crate::dialect) fn write(response: &Response, context: &ReplyContext) -> Vec<u8> {
    let mut writer = Writer::new(context);
    let head = &mut writer.head;
    head.name(response.id.as_deref(), response.model.as_deref());
    head.created = response.created.unwrap_or(head.created);
    head.service_tier.clone_from(&response.service_tier);
    writer.usage = response.usage;
    // The events on the way to the last one are nobody's.
    let mut unsent = Vec::new();
    if let Some(choice) = response.choices.first() {
        say(&mut writer, choice, &mut unsent);
    }
    writer.close_all(&mut unsent);
    let mut out = unsent;
    out.clear();
    writer.head.write(&mut out, writer.state(), &writer.items, writer.usage.as_ref());
    out
}

fn say(writer: &mut Writer, choice: &Choice, unsent: &mut Vec<u8>) {
    let is_text = |part: &Part| matches!(part.kind, PartKind::Text(_));
    let last_text = choice.parts.iter().rposition(is_text);
    let mut calls = 0;
    for (index, part) in choice.parts.iter().enumerate() {
        part_events(part, &mut calls, &mut |event| {
            writer.event(event, unsent);
            unsent.clear();
        });
        if last_text == Some(index) {
            about_text(writer, choice, unsent);
        }
    }
    if last_text.is_none() {
        about_text(writer, choice, unsent);
    }
    writer.event(Event::Finish { choice: 0, finish: choice.finish.clone() }, unsent);
}

/// What belongs to the text, while its message is open.
fn about_text(writer: &mut Writer, choice: &Choice, unsent: &mut Vec<u8>) {
    for annotation in choice.annotations.iter().cloned() {
        writer.event(Event::Annotation { choice: 0, annotation }, unsent);
    }
    if let Some(logprobs) = choice.logprobs.clone() {
        writer.event(Event::Logprobs { choice: 0, logprobs }, unsent);
    }
}

fn part_events(part: &Part, calls: &mut u32, say: &mut dyn FnMut(Event<'_>)) {
    match &part.kind {
        PartKind::Text(text) => say(Event::Text { choice: 0, text: text.into() }),
        PartKind::Refusal(text) => say(Event::Refusal { choice: 0, text: text.into() }),
        PartKind::Thinking { text, signature } => {
            say(Event::Thinking { choice: 0, text: text.into() });
            if let Some(signature) = signature {
                say(Event::Signature { choice: 0, signature: signature.into() });
            }
        }
        PartKind::RedactedThinking(data) => {
            say(Event::RedactedThinking { choice: 0, data: data.into() });
        }
        PartKind::ToolCall(call) => {
            let number = *calls;
            *calls += 1;
            say(Event::ToolStart {
                choice: 0,
                call: number,
                id: (&call.id).into(),
                name: (&call.name).into(),
                signature: call.signature.as_deref().map(Into::into),
            });
            let json = (&call.arguments).into();
            say(Event::ToolArguments { choice: 0, call: number, json });
        }
        // Models do not answer with pictures, sound or results in the dialects there are.
        PartKind::Image(_) | PartKind::Audio(_) | PartKind::File(_) | PartKind::ToolResult(_) => {}
    }
}
