//! The token rule: one token for every four bytes begun, plus a fixed price for the framing.
//!
//! No real tokenizer, but it counts the same thing the same way everywhere, so usage in a plain
//! answer, in a stream and from a counting endpoint agree for the same content.

use serde_json::Value;

/// Bytes of text for one token.
pub(super) const BYTES_PER_TOKEN: usize = 4;
/// Added once for each request.
pub(super) const PER_REQUEST: u64 = 3;
/// Added for each message or input item.
pub(super) const PER_MESSAGE: u64 = 4;
/// Charged for an image, audio or file part, whatever its size.
pub(super) const PER_MEDIA: u64 = 85;

/// Tokens of one text.
pub(super) fn of_text(text: &str) -> u64 {
    text.len().div_ceil(BYTES_PER_TOKEN) as u64
}

/// Tokens of a JSON value, such as a tool definition: those of its compact text.
pub(super) fn of_json(value: &Value) -> u64 {
    of_text(&value.to_string())
}

/// The same for an object.
pub(super) fn of_object(object: &serde_json::Map<String, Value>) -> u64 {
    serde_json::to_string(object).map_or(0, |text| of_text(&text))
}
