//! The conversation: `systemInstruction` and `contents` (spec: providers 4.1).
//!
//! Thoughts of earlier turns stay behind: Gemini needs no text of them, and a seal that another
//! provider made would be refused. The signatures it does need are those of tool calls.

use std::collections::HashMap;

use serde_json::value::RawValue;

use super::body::{Blob, Content, FunctionCall, FunctionResponse, Part};
use super::results;
use crate::canonical::{self, Image, Media, Message, PartKind, Role, Source, ToolCall, ToolResult};
use crate::capability::Capabilities;
use crate::fault::{Fault, Losses, Param};

const USER: &str = "user";
const MODEL: &str = "model";

/// What Google documents for calls whose signature is not known, such as those of another model.
const NO_SIGNATURE: &str = "skip_thought_signature_validator";

/// What the reader of messages has to know of the target.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    /// Gemini 3 or later.
    pub(super) is_third: bool,
    /// Ids of calls are part of the format.
    pub(super) has_call_ids: bool,
    pub(super) capabilities: Capabilities,
}

/// The conversation, and how closely its pictures are to be looked at.
#[derive(Debug, Default)]
pub(super) struct Conversation<'a> {
    pub(super) system: Vec<Part<'a>>,
    pub(super) contents: Vec<Content<'a>>,
    pub(super) details: Vec<&'a str>,
}

pub(super) fn conversation<'a>(
    messages: &'a [Message],
    target: Target,
    losses: &mut Losses,
) -> Result<Conversation<'a>, Fault> {
    let mut turns = Turns {
        target,
        losses,
        out: Conversation::default(),
        names: HashMap::new(),
        late: Vec::new(),
    };
    let last_question = messages.iter().rposition(|message| message.role == Role::User);
    for (at, message) in messages.iter().enumerate() {
        turns.message(message, last_question.is_none_or(|question| at > question))?;
    }
    turns.flush();
    ends(messages, turns)
}

/// Checks what stands first and last.
fn ends<'a>(messages: &[Message], turns: Turns<'a, '_>) -> Result<Conversation<'a>, Fault> {
    let Some(first) = turns.out.contents.first() else {
        let why = "holds nothing but instructions; add a user message";
        return Err(turns.losses.invalid(&Param::Messages, why));
    };
    let last_is_model = turns.out.contents.last().is_some_and(|last| last.role == Some(MODEL));
    let index = |found: Option<&Message>| Param::Message(found.map_or(0, |message| message.index));
    let spoken = |message: &&Message| message.role != Role::System;
    if first.role == Some(MODEL) {
        let why = "cannot begin with a message of the assistant; put a user message first";
        return Err(turns.losses.refuse(&index(messages.iter().find(spoken)), why));
    }
    if last_is_model && turns.target.capabilities.assistant_prefill != Some(true) {
        let why = "cannot go on with a begun answer; end with a user message or a tool result";
        return Err(turns.losses.refuse(&index(messages.iter().rfind(spoken)), why));
    }
    Ok(turns.out)
}

struct Turns<'a, 'l> {
    target: Target,
    losses: &'l mut Losses,
    out: Conversation<'a>,
    /// Tool names by the ids of the calls so far.
    names: HashMap<&'a str, &'a str>,
    /// Pictures of tool results that have no place inside of them: they follow the results.
    late: Vec<Part<'a>>,
}

impl<'a> Turns<'a, '_> {
    fn message(&mut self, message: &'a Message, in_turn: bool) -> Result<(), Fault> {
        let place = Param::Message(message.index);
        for part in &message.parts {
            if part.cache.is_some() {
                self.losses.drop(&Param::CacheControl)?;
            }
            if let PartKind::ToolResult(result) = &part.kind {
                let response = self.result(result, &place)?;
                self.push(USER, response);
                continue;
            }
            let Some(part) = self.part(part, message.role, in_turn, &place)? else { continue };
            match message.role {
                Role::System => self.out.system.push(part),
                Role::Assistant => self.push(MODEL, part),
                Role::User | Role::Tool => {
                    self.flush();
                    self.push(USER, part);
                }
            }
        }
        Ok(())
    }

    fn push(&mut self, role: &'static str, part: Part<'a>) {
        if role == MODEL {
            self.flush();
        }
        self.append(role, part);
    }

    fn append(&mut self, role: &'static str, part: Part<'a>) {
        match self.out.contents.last_mut() {
            Some(last) if last.role == Some(role) => last.parts.push(part),
            _ => self.out.contents.push(Content { role: Some(role), parts: vec![part] }),
        }
    }

    fn flush(&mut self) {
        for part in std::mem::take(&mut self.late) {
            self.append(USER, part);
        }
    }

    fn part(
        &mut self,
        part: &'a canonical::Part,
        role: Role,
        in_turn: bool,
        place: &Param,
    ) -> Result<Option<Part<'a>>, Fault> {
        let is_text = matches!(part.kind, PartKind::Text(_) | PartKind::Refusal(_));
        if role == Role::System && !is_text {
            return Err(self.losses.refuse(place, "takes only text as instructions"));
        }
        Ok(Some(match &part.kind {
            // Clients send an empty text along with tool calls; Gemini refuses it.
            PartKind::Text(text) | PartKind::Refusal(text)
                if text.is_empty() && role == Role::Assistant =>
            {
                return Ok(None);
            }
            PartKind::Text(text) | PartKind::Refusal(text) => {
                Part { text: Some(text), ..Part::default() }
            }
            PartKind::Image(image) => self.image(image, place)?,
            PartKind::Audio(media) => {
                self.able(self.target.capabilities.audio_input, "understands no audio", place)?;
                self.media(media, place)?
            }
            PartKind::File(media) => {
                self.able(self.target.capabilities.pdf_input, "understands no files", place)?;
                self.media(media, place)?
            }
            PartKind::ToolCall(call) => self.call(call, in_turn, place)?,
            // Results are taken care of before; thoughts stay behind.
            PartKind::ToolResult(_) | PartKind::Thinking { .. } | PartKind::RedactedThinking(_) => {
                return Ok(None);
            }
        }))
    }

    fn able(&self, capable: Option<bool>, why: &str, place: &Param) -> Result<(), Fault> {
        if capable == Some(false) { Err(self.losses.refuse(place, why)) } else { Ok(()) }
    }

    fn image(&mut self, image: &'a Image, place: &Param) -> Result<Part<'a>, Fault> {
        self.able(self.target.capabilities.vision, "understands no pictures", place)?;
        self.out.details.push(image.detail.as_deref().unwrap_or("auto"));
        self.blob(&image.source, place)
    }

    fn media(&self, media: &'a Media, place: &Param) -> Result<Part<'a>, Fault> {
        self.blob(&media.source, place)
    }

    fn blob(&self, source: &'a Source, place: &Param) -> Result<Part<'a>, Fault> {
        match source {
            Source::Data { media_type, base64 } => Ok(Part {
                inline_data: Some(Blob { mime_type: media_type, data: base64 }),
                ..Part::default()
            }),
            Source::Url(_) => Err(self.losses.refuse(
                place,
                "takes the bytes of files only, and this address was not fetched; \
                 send a data: URL",
            )),
            Source::Id(_) => Err(self.losses.refuse(
                place,
                "knows no files of other providers by their id; send the bytes as a data: URL",
            )),
        }
    }

    fn call(
        &mut self,
        call: &'a ToolCall,
        in_turn: bool,
        place: &Param,
    ) -> Result<Part<'a>, Fault> {
        self.names.insert(&call.id, &call.name);
        // The signature belongs to the first call of a step, and only those of the present turn
        // are looked at.
        let is_first = self.out.contents.last().is_none_or(|last| {
            last.role != Some(MODEL) || last.parts.iter().all(|part| part.function_call.is_none())
        });
        let stand_in = (self.target.is_third && in_turn && is_first).then_some(NO_SIGNATURE);
        Ok(Part {
            function_call: Some(FunctionCall {
                id: self.target.has_call_ids.then_some(&call.id),
                name: &call.name,
                args: self.arguments(call, place)?,
            }),
            thought_signature: call.signature.as_deref().or(stand_in),
            ..Part::default()
        })
    }

    fn arguments(&self, call: &'a ToolCall, place: &Param) -> Result<&'a RawValue, Fault> {
        let text = match call.arguments.trim() {
            "" => "{}",
            text => text,
        };
        let object = serde_json::from_str::<&RawValue>(text);
        object.ok().filter(|raw| raw.get().starts_with('{')).ok_or_else(|| {
            let why = format!("the arguments of tool call {} are not a JSON object", call.id);
            self.losses.invalid(place, &why)
        })
    }

    fn result(&mut self, result: &'a ToolResult, place: &Param) -> Result<Part<'a>, Fault> {
        let known = self.names.get(result.id.as_str()).copied();
        let Some(name) = known else {
            let why = format!("no tool call before it has the id {:?}", result.id);
            return Err(self.losses.invalid(place, &why));
        };
        let mut pictures = Vec::new();
        for part in &result.parts {
            match &part.kind {
                PartKind::Text(_) => {}
                PartKind::Image(image) => pictures.push(self.image(image, place)?),
                PartKind::File(media) => pictures.push(self.media(media, place)?),
                _ => {
                    let why = "takes text, pictures and files as the result of a tool";
                    return Err(self.losses.refuse(place, why));
                }
            }
        }
        if !self.target.is_third {
            self.late.append(&mut pictures);
        }
        Ok(Part {
            function_response: Some(FunctionResponse {
                id: self.target.has_call_ids.then_some(&result.id),
                name,
                response: results::response(result),
                parts: pictures,
            }),
            ..Part::default()
        })
    }
}
