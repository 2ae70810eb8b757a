//! How many tokens a request has, without anybody's vocabulary: for doors that count tokens where the
//! provider cannot be asked (spec: providers 6).
//!
//! Byte-pair encodings differ from model to model, but alike they give a common word one token, cut
//! long words, names and numbers into short pieces, and join what often stands together. The rules
//! below say that much, and were fitted to two public encodings; English prose, JSON and code come
//! out within 15 %. It is an estimate: never bill by it.

mod text;

use std::borrow::Cow;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::canonical::{Message, Part, PartKind, Request, Source};
use crate::dialect::{Asked, Dialect};
use crate::fault::Fault;
use crate::json::{Edits, Object};

/// What a turn costs beside its words: its role and its borders.
const TURN: u64 = 4;
/// What a tool costs beside its words.
const TOOL: u64 = 8;
/// A picture whose size nobody looked at: about a megapixel.
const IMAGE: u64 = 1300;
/// A document of unknown length.
const DOCUMENT: u64 = 2000;
/// Bytes of a document that are worth one token: of a PDF most is not text.
const DOCUMENT_BYTES: u64 = 25;
/// Bytes of sound for one token: 10 tokens and 4 kB a second are usual.
const AUDIO_BYTES: u64 = 400;

/// An estimate of the tokens a request's prompt has, tools included.
pub fn estimate(request: &Request) -> u64 {
    let messages: u64 = request.messages.iter().map(message).sum();
    let tools: u64 = request
        .callable_tools()
        .map(|tool| {
            let description = tool.description.as_deref().map_or(0, text::tokens);
            TOOL + text::tokens(&tool.name) + description + tool.parameters.as_ref().map_or(0, json)
        })
        .sum();
    messages + tools
}

/// What a request of whatever dialect may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guess {
    /// Tokens of its prompt.
    pub input: u64,
    /// The most that it permits in answer, where it says so.
    pub most_output: Option<u64>,
}

/// Estimates a request whose dialect nobody tells: the first that can read it counts. None when none
/// can. The model need not be named.
pub fn guess(body: &[u8]) -> Option<Guess> {
    /// Stands for the model, whose name has no part in an estimate.
    const UNNAMED: &str = "unnamed";
    const DIALECTS: [Dialect; 4] =
        [Dialect::OpenAiChat, Dialect::Anthropic, Dialect::OpenAiResponses, Dialect::Gemini];
    let mut edits = Edits::default();
    edits.set("model", "\"unnamed\"");
    let body = edits.apply(body).ok()?;
    let asked = Asked { model: UNNAMED, stream: false };
    let request = DIALECTS.iter().find_map(|dialect| dialect.read(&body, &asked).ok())?;
    Some(Guess { input: estimate(&request), most_output: request.max_tokens })
}

/// Estimates what a request to count tokens asks for, in its own dialect.
///
/// # Errors
/// When the body is not such a request.
pub fn of_body(dialect: Dialect, body: &[u8], asked: &Asked<'_>) -> Result<u64, Fault> {
    let object = Object::read(body)?;
    let whole = object.get::<Box<RawValue>>("generateContentRequest")?;
    let mut body = Cow::Borrowed(whole.as_ref().map_or(body, |whole| whole.get().as_bytes()));
    // The length of the answer has no part in it, so nobody says it here.
    if dialect == Dialect::Anthropic {
        let mut edits = Edits::default();
        edits.set("max_tokens", "1");
        body = Cow::Owned(edits.apply(&body)?);
    }
    Ok(estimate(&dialect.read(&body, asked)?))
}

/// The body of an answer to a request to count, in Anthropic's dialect.
pub fn input_tokens_body(count: u64) -> Vec<u8> {
    format!("{{\"input_tokens\":{count}}}").into_bytes()
}

fn message(message: &Message) -> u64 {
    TURN + message.parts.iter().map(part).sum::<u64>()
}

fn part(part: &Part) -> u64 {
    match &part.kind {
        PartKind::Text(text) | PartKind::Refusal(text) => text::tokens(text),
        PartKind::Image(_) => IMAGE,
        PartKind::Audio(media) => bytes(&media.source).map_or(DOCUMENT, |n| n / AUDIO_BYTES),
        PartKind::File(media) => {
            bytes(&media.source).map_or(DOCUMENT, |n| (n / DOCUMENT_BYTES).max(DOCUMENT))
        }
        PartKind::ToolCall(call) => TURN + text::tokens(&call.name) + text::tokens(&call.arguments),
        PartKind::ToolResult(result) => TURN + result.parts.iter().map(self::part).sum::<u64>(),
        PartKind::Thinking { text, .. } => text::tokens(text),
        // About four letters of base64 for three bytes, and four bytes for a token.
        PartKind::RedactedThinking(data) => data.len() as u64 / 5,
    }
}

fn bytes(source: &Source) -> Option<u64> {
    match source {
        Source::Data { base64, .. } => Some(base64.len() as u64 / 4 * 3),
        Source::Url(_) | Source::Id(_) => None,
    }
}

fn json(value: &Value) -> u64 {
    text::tokens(&value.to_string())
}

#[cfg(test)]
mod tests;
