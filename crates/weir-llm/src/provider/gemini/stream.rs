//! Reading a streamed answer (spec: providers 4.4): each event is an answer of its own, with the next
//! pieces inside. There is no closing event; the stream is whole when all candidates said why they
//! ended. Some models say so in every chunk, hence it counts at the end only.

use std::borrow::Cow;

use weir_core::Usage;

use super::answer::{Answer, Candidate, Part, Text};
use super::citations::{Cited, citations};
use super::likelihoods::likelihoods;
use super::{failure, finish, usage};
use crate::canonical::{Event, EventSink, Failure, Finish, StreamDecoder};
use crate::provider::DecodeContext;
use crate::stream::joined::JoinedSse;

/// Most candidates of an answer; Gemini gives at most 8.
const MAX_CHOICES: u32 = 64;

pub(in crate::provider) fn decoder(context: DecodeContext) -> Box<dyn StreamDecoder> {
    Box::new(Decoder { sse: JoinedSse::default(), state: State::new(context) })
}

struct Decoder {
    sse: JoinedSse,
    state: State,
}

struct State {
    context: DecodeContext,
    has_started: bool,
    /// Nothing is said any more.
    is_over: bool,
    is_blocked: bool,
    choices: Vec<Progress>,
    /// Calls over all candidates.
    calls: u32,
    usage: Option<Usage>,
}

/// How far a candidate has come.
#[derive(Default)]
struct Progress {
    is_begun: bool,
    finish: Option<Finish>,
    calls: u32,
    characters: usize,
    bytes: usize,
}

impl StreamDecoder for Decoder {
    fn push(&mut self, bytes: &[u8], events: &mut dyn EventSink) {
        self.sse.push(bytes, |_, data| self.state.chunk(data, events));
        self.check(events);
    }

    fn finish(&mut self, events: &mut dyn EventSink) {
        self.sse.finish(|_, data| self.state.chunk(data, events));
        self.check(events);
        self.state.end(events);
    }
}

impl Decoder {
    fn check(&mut self, events: &mut dyn EventSink) {
        if self.sse.lost_one() {
            self.state.fail(Failure::unreadable("an event of its stream is too long"), events);
        }
    }
}

impl State {
    fn new(context: DecodeContext) -> Self {
        Self {
            context,
            has_started: false,
            is_over: false,
            is_blocked: false,
            choices: Vec::new(),
            calls: 0,
            usage: None,
        }
    }

    fn fail(&mut self, failure: Failure, events: &mut dyn EventSink) {
        if !std::mem::replace(&mut self.is_over, true) {
            events.event(Event::Error(failure));
        }
    }

    fn chunk(&mut self, data: &[u8], events: &mut dyn EventSink) {
        if self.is_over || data.is_empty() {
            return;
        }
        let result = match serde_json::from_slice::<Answer<'_>>(data) {
            Ok(answer) => self.answer(&answer, events),
            // The stream was cut inside of its last event.
            Err(error) if error.is_eof() => {
                self.is_over = true;
                return;
            }
            Err(error) => Err(Failure::unreadable(error)),
        };
        if let Err(failure) = result {
            self.fail(failure, events);
        }
    }

    fn answer(&mut self, answer: &Answer<'_>, events: &mut dyn EventSink) -> Result<(), Failure> {
        if let Some(error) = answer.error {
            return Err(failure::inside(error));
        }
        let text = |Text(text): &Text<'_>| -> Option<String> { Some(text.to_string()) };
        if let Some(counts) = &answer.usage_metadata {
            self.usage = Some(usage::usage(counts));
        }
        if !std::mem::replace(&mut self.has_started, true) {
            events.event(Event::Start {
                id: answer.response_id.as_ref().and_then(text).map(Cow::Owned),
                model: answer.model_version.as_ref().and_then(text).map(Cow::Owned),
                usage: self.usage,
            });
        }
        self.is_blocked |= answer.is_blocked();
        for candidate in answer.candidates.iter().flatten() {
            self.candidate(candidate, events)?;
        }
        Ok(())
    }

    fn candidate(
        &mut self,
        candidate: &Candidate<'_>,
        events: &mut dyn EventSink,
    ) -> Result<(), Failure> {
        let choice = candidate.index.unwrap_or_default();
        if choice >= MAX_CHOICES {
            return Err(Failure::unreadable("it has too many candidates"));
        }
        let at = choice as usize;
        if self.choices.len() <= at {
            self.choices.resize_with(at + 1, Progress::default);
        }
        let Some(progress) = self.choices.get_mut(at) else { return Ok(()) };
        progress.is_begun = true;
        let parts = candidate.content.iter().flat_map(|content| content.parts.iter().flatten());
        for part in parts {
            progress.part(part, choice, &self.context.base, &mut self.calls, events);
        }
        if let Some(logprobs) = candidate.logprobs_result.and_then(likelihoods) {
            events.event(Event::Logprobs { choice, logprobs });
        }
        if let Some(grounding) = candidate.grounding_metadata {
            let cited = Cited::Length { characters: progress.characters, bytes: progress.bytes };
            for annotation in citations(grounding, cited) {
                events.event(Event::Annotation { choice, annotation });
            }
        }
        if candidate.finish_reason.is_some() {
            progress.finish = Some(finish::finish(candidate, progress.calls > 0)?);
        }
        Ok(())
    }

    fn end(&mut self, events: &mut dyn EventSink) {
        if self.is_over {
            return;
        }
        if self.choices.is_empty() && self.is_blocked {
            let finish = Some(Finish::ContentFilter);
            self.choices.push(Progress { is_begun: true, finish, ..Progress::default() });
        }
        let is_whole = !self.choices.is_empty()
            && self.choices.iter().all(|choice| choice.finish.is_some() || !choice.is_begun);
        if !is_whole {
            // Saying nothing means that the stream was cut off.
            return;
        }
        for (choice, progress) in (0..).zip(&mut self.choices) {
            if let Some(finish) = progress.finish.take() {
                // A call may have come after the first word of the end.
                let has_calls = finish == Finish::Stop && progress.calls > 0;
                let finish = if has_calls { Finish::ToolCalls } else { finish };
                events.event(Event::Finish { choice, finish });
            }
        }
        if let Some(usage) = self.usage {
            events.event(Event::Usage(usage));
        }
        events.event(Event::Done);
    }
}

impl Progress {
    fn part(
        &mut self,
        part: &Part<'_>,
        choice: u32,
        base: &str,
        calls: &mut u32,
        events: &mut dyn EventSink,
    ) {
        let signature = part.thought_signature.as_ref().map(|Text(text)| &**text);
        if let Some(given) = &part.function_call {
            let call = self.calls;
            let id = given.id_or(base, *calls);
            self.calls += 1;
            *calls += 1;
            let name = Cow::Borrowed(&*given.name.0);
            let signature = signature.map(Cow::Borrowed);
            events.event(Event::ToolStart { choice, call, id, name, signature });
            if let Some(json) = given.arguments() {
                events.event(Event::ToolArguments { choice, call, json });
            }
            return;
        }
        let text = part.text.as_ref().map_or("", |Text(text)| text);
        if part.thought == Some(true) {
            if !text.is_empty() {
                events.event(Event::Thinking { choice, text: text.into() });
            }
            if let Some(signature) = signature {
                events.event(Event::Signature { choice, signature: signature.into() });
            }
            return;
        }
        if let Some(blob) = &part.inline_data {
            // Events have no pictures; in Markdown it is at least not lost.
            let media_type = &*blob.mime_type.0;
            let text = format!("![image](data:{media_type};base64,{})", blob.data.0);
            self.text(choice, &text, events);
        }
        self.text(choice, text, events);
    }

    fn text(&mut self, choice: u32, text: &str, events: &mut dyn EventSink) {
        if !text.is_empty() {
            self.bytes += text.len();
            self.characters += text.chars().count();
            events.event(Event::Text { choice, text: text.into() });
        }
    }
}
