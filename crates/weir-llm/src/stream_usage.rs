//! Asking for the usage of a stream that would not tell it (spec: data-plane 11.1).
//!
//! OpenAI reports the usage of a streamed chat only when asked: `stream_options.include_usage`
//! brings one more event with `choices: []` before the end. When a client did not ask, the option is
//! put into its body, whose other bytes stay as they are, and the extra event is taken out of the
//! answer, so that the client sees the events it would have seen.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

const OPTION: &[u8] = br#","stream_options":{"include_usage":true}"#;

#[derive(Deserialize)]
struct Asked<'a> {
    #[serde(default)]
    stream: Option<bool>,
    #[serde(borrow, default, deserialize_with = "present")]
    stream_options: Option<&'a RawValue>,
}

/// A `null` is a choice, too; and a second key of the name would be an error to many.
fn present<'de: 'a, 'a, D: Deserializer<'de>>(from: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(from).map(Some)
}

/// The body with the option put in before its last brace, or `None` when there is nothing to ask:
/// not a stream, not a JSON object, or the client made its own choice.
pub fn ask(body: &[u8]) -> Option<Vec<u8>> {
    memchr::memmem::find(body, b"\"stream\"")?;
    let asked: Asked<'_> = serde_json::from_slice(body).ok()?;
    if asked.stream != Some(true) || asked.stream_options.is_some() {
        return None;
    }
    // The object was read, so its last byte that is not white space is its brace, and as it has a
    // member a comma may follow.
    let brace = body.trim_ascii_end().len() - 1;
    let mut asking = Vec::with_capacity(body.len() + OPTION.len());
    asking.extend_from_slice(&body[..brace]);
    asking.extend_from_slice(OPTION);
    asking.extend_from_slice(&body[brace..]);
    Some(asking)
}

/// An event longer than this is passed on unseen: the usage event is small.
const LONGEST: usize = 64 * 1024;

/// Takes the usage event out of a stream of server-sent events, whatever way it is cut.
///
/// Of an event that is not yet whole the bytes are held back, which delays nothing: a client can do
/// nothing with part of an event. Everything else passes as it is.
#[derive(Debug, Default)]
pub struct UsageEventFilter {
    held: Vec<u8>,
    /// Inside an event too long to be held.
    overlong: bool,
}

impl UsageEventFilter {
    /// Takes the next bytes of the stream and gives those to pass on.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut passed = Vec::with_capacity(self.held.len() + bytes.len());
        self.held.extend_from_slice(bytes);
        let mut from = 0;
        while let Some(length) = event_length(&self.held[from..]) {
            let event = &self.held[from..from + length];
            if self.overlong || !is_usage_event(event) {
                passed.extend_from_slice(event);
            }
            self.overlong = false;
            from += length;
        }
        self.held.drain(..from);
        if self.held.len() > LONGEST {
            self.overlong = true;
            passed.append(&mut self.held);
        }
        passed
    }

    /// What was still held when the stream ended.
    pub fn finish(self) -> Vec<u8> {
        self.held
    }
}

/// Length of the first event with its blank line, when that has come.
fn event_length(bytes: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'\n', bytes).find_map(|at| match bytes.get(at + 1) {
        Some(b'\n') => Some(at + 2),
        Some(b'\r') if bytes.get(at + 2) == Some(&b'\n') => Some(at + 3),
        _ => None,
    })
}

#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow)]
    choices: &'a RawValue,
    #[serde(borrow)]
    usage: &'a RawValue,
}

/// Whether an event is the extra one: no choices, and a usage. Azure's first chunk has no choices
/// either, but no usage.
fn is_usage_event(event: &[u8]) -> bool {
    let Some(at) = memchr::memmem::find(event, b"\"usage\"") else { return false };
    if at > LONGEST {
        return false;
    }
    let Some(data) = event.strip_prefix(b"data:") else { return false };
    let Ok(chunk) = serde_json::from_slice::<Chunk<'_>>(data.trim_ascii()) else { return false };
    let no_choices = chunk.choices.get().bytes().filter(|b| !b.is_ascii_whitespace()).eq(*b"[]");
    no_choices && chunk.usage.get().starts_with('{')
}

#[cfg(test)]
mod tests;
