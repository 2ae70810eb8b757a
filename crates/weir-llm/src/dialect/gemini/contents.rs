//! `contents` and `systemInstruction`.
//!
//! They are read in one go, since they can be megabytes; only when that fails, they are taken apart
//! to find the place.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::calls::Calls;
use super::outcome;
use crate::canonical::{Image, Media, Message, Part, PartKind, Role, Source, ToolCall};
use crate::fault::Fault;
use crate::json::{self, Raw};

#[derive(Deserialize)]
struct Content<'a> {
    role: Option<String>,
    #[serde(borrow)]
    parts: Option<Vec<GivenPart<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GivenPart<'a> {
    text: Option<String>,
    thought: Option<bool>,
    #[serde(alias = "thought_signature")]
    thought_signature: Option<String>,
    #[serde(alias = "inline_data")]
    inline_data: Option<Blob>,
    #[serde(alias = "function_call", borrow)]
    function_call: Option<FunctionCall<'a>>,
    #[serde(alias = "function_response", borrow)]
    function_response: Option<FunctionResponse<'a>>,
    #[serde(alias = "file_data")]
    file_data: Option<IgnoredAny>,
    #[serde(alias = "executable_code")]
    executable_code: Option<IgnoredAny>,
    #[serde(alias = "code_execution_result")]
    code_execution_result: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Blob {
    #[serde(alias = "mime_type")]
    mime_type: String,
    data: String,
    #[serde(alias = "display_name")]
    display_name: Option<String>,
}

#[derive(Deserialize)]
struct FunctionCall<'a> {
    id: Option<String>,
    name: String,
    #[serde(borrow)]
    args: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct FunctionResponse<'a> {
    pub(super) id: Option<String>,
    pub(super) name: String,
    #[serde(borrow)]
    pub(super) response: Option<&'a RawValue>,
    pub(super) parts: Option<Vec<ResponsePart>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResponsePart {
    #[serde(alias = "inline_data")]
    pub(super) inline_data: Option<Blob>,
}

/// The parts of the system instruction.
pub(super) fn instruction(raw: Raw<'_>) -> Result<Vec<Part>, Fault> {
    const PLACE: &str = "systemInstruction";
    let content: Content<'_> = json::read(raw, PLACE)?;
    let parts = content.parts.unwrap_or_default().into_iter().enumerate();
    let text = |(at, part): (usize, GivenPart<'_>)| {
        part.text.map(Part::text).ok_or_else(|| {
            let place = format!("{PLACE}.parts[{at}]");
            let message = format!("{place}: has to be a text");
            Fault::invalid(place, message)
        })
    };
    parts.map(text).collect()
}

/// The conversation.
pub(super) fn messages(raw: Raw<'_>, messages: &mut Vec<Message>) -> Result<(), Fault> {
    let contents: Vec<Content<'_>> =
        serde_json::from_str(raw.get()).map_err(|_| wrong_place(raw))?;
    let mut calls = Calls::default();
    for (index, content) in contents.into_iter().enumerate() {
        let role = role(content.role.as_deref(), index)?;
        let (mut said, mut results) = (Vec::new(), Vec::new());
        for (at, part) in content.parts.unwrap_or_default().into_iter().enumerate() {
            let place = || format!("contents[{index}].parts[{at}]");
            match part.function_response {
                Some(response) => results.push(outcome::result(response, &mut calls, &place)?),
                None => {
                    said.extend(kind(part, role, &mut calls, &place)?.map(Part::from));
                }
            }
        }
        // Results answer the turn before, so they come before what the user says next.
        for (role, parts) in [(Role::Tool, results), (role, said)] {
            match messages.last_mut() {
                _ if parts.is_empty() => {}
                Some(last) if role == Role::Assistant && last.role == role => {
                    put_together(&mut last.parts, parts);
                }
                _ if role == Role::Assistant => {
                    let mut message = Message { role, parts: Vec::new(), index };
                    put_together(&mut message.parts, parts);
                    messages.push(message);
                }
                _ => messages.push(Message { role, parts, index }),
            }
        }
    }
    Ok(())
}

/// A client that streamed an answer keeps it as it came: one content for each piece, the seal over
/// the thoughts in the last of theirs.
fn put_together(said: &mut Vec<Part>, more: Vec<Part>) {
    for part in more {
        let last = said.last_mut().map(|part| &mut part.kind);
        match (last, part.kind) {
            (Some(PartKind::Text(text)), PartKind::Text(more)) => text.push_str(&more),
            (
                Some(PartKind::Thinking { text, signature: open @ None }),
                PartKind::Thinking { text: more, signature },
            ) => {
                text.push_str(&more);
                *open = signature;
            }
            (_, kind) => said.push(kind.into()),
        }
    }
}

fn role(word: Option<&str>, index: usize) -> Result<Role, Fault> {
    match word.unwrap_or("user") {
        "" | "user" | "function" | "tool" => Ok(Role::User),
        "model" => Ok(Role::Assistant),
        "system" => Ok(Role::System),
        _ => {
            let place = format!("contents[{index}].role");
            let message = format!("{place}: has to be user or model");
            Err(Fault::invalid(place, message))
        }
    }
}

/// What a part is; `None` when it says nothing.
fn kind(
    part: GivenPart<'_>,
    role: Role,
    calls: &mut Calls,
    place: &impl Fn() -> String,
) -> Result<Option<PartKind>, Fault> {
    if let Some(call) = part.function_call {
        let id = calls.call(call.id, &call.name);
        let arguments = call.args.map_or("{}", RawValue::get);
        return Ok(Some(PartKind::ToolCall(ToolCall {
            id,
            name: call.name,
            arguments: json::compact(arguments).into_owned(),
            signature: part.thought_signature,
        })));
    }
    if let Some(blob) = part.inline_data {
        return Ok(Some(blob.kind()));
    }
    if part.file_data.is_some() {
        let why = "files are kept by Google alone; send the bytes as inlineData";
        return Err(unsupported(&(place() + ".fileData"), why));
    }
    // What Google's own tools did is of no use to anybody else.
    if part.executable_code.is_some() || part.code_execution_result.is_some() {
        let why = "only Google runs code; leave these parts out";
        return Err(unsupported(&place(), why));
    }
    let is_thought = part.thought == Some(true);
    Ok(match part.text {
        Some(text) if is_thought => (role == Role::Assistant)
            .then_some(PartKind::Thinking { text, signature: part.thought_signature }),
        // The last piece of a streamed answer is an empty text.
        Some(text) if text.is_empty() && role == Role::Assistant => None,
        Some(text) => Some(PartKind::Text(text)),
        // A seal alone, or a thought without words.
        None if is_thought || part.thought_signature.is_some() => None,
        None => {
            let place = place();
            let message =
                format!("{place}: has to hold text, inlineData, functionCall or functionResponse");
            return Err(Fault::invalid(place, message));
        }
    })
}

fn unsupported(place: &str, why: &str) -> Fault {
    Fault::unsupported(place, format!("{place}: {why}"))
}

impl Blob {
    /// A picture, a sound or a file, by its type.
    pub(super) fn kind(self) -> PartKind {
        let kind = self.mime_type.split('/').next().unwrap_or_default().to_owned();
        // Google's readers take both alphabets; the other providers take one.
        let base64 = if self.data.contains(['-', '_']) {
            self.data.replace('-', "+").replace('_', "/")
        } else {
            self.data
        };
        let source = Source::Data { media_type: self.mime_type, base64 };
        match kind.as_str() {
            "image" => PartKind::Image(Image { source, detail: None }),
            "audio" => PartKind::Audio(Media { source, name: self.display_name }),
            _ => PartKind::File(Media { source, name: self.display_name }),
        }
    }
}

/// Which content, and which part of it, cannot be read.
fn wrong_place(raw: Raw<'_>) -> Fault {
    #[derive(Deserialize)]
    struct Parts<'a> {
        #[serde(borrow)]
        parts: Option<Vec<&'a RawValue>>,
    }
    let contents: Vec<Raw<'_>> = match json::read(raw, "contents") {
        Ok(contents) => contents,
        Err(fault) => return fault,
    };
    for (index, content) in contents.into_iter().enumerate() {
        let place = format!("contents[{index}]");
        let parts = json::read::<Parts<'_>>(content, &place).ok().and_then(|found| found.parts);
        for (at, part) in parts.into_iter().flatten().enumerate() {
            let place = format!("{place}.parts[{at}]");
            if let Err(fault) = json::read::<GivenPart<'_>>(part, &place) {
                return fault;
            }
        }
        if let Err(fault) = json::read::<Content<'_>>(content, &place) {
            return fault;
        }
    }
    Fault::invalid("contents", "contents: has to be a list of objects")
}
