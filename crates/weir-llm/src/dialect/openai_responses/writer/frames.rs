//! Events and their numbers.

use std::io::Write as _;

use crate::json::push_string;

/// Begins events, counting them.
#[derive(Debug, Default)]
pub(super) struct Frames {
    sequence: u64,
}

impl Frames {
    /// The event up to its number; members follow, each with a comma before it, then [`end`].
    pub(super) fn begin(&mut self, out: &mut Vec<u8>, name: &str) {
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\ndata: {\"type\":\"");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\",\"sequence_number\":");
        number(out, self.sequence);
        self.sequence += 1;
    }
}

pub(super) fn end(out: &mut Vec<u8>) {
    out.extend_from_slice(b"}\n\n");
}

pub(super) fn number(out: &mut Vec<u8>, number: u64) {
    // Into memory: it cannot fail.
    let _ = write!(out, "{number}");
}

/// The members that say which item an event is about.
pub(super) fn place(id: &str, index: usize) -> Vec<u8> {
    let mut out = b",\"item_id\":".to_vec();
    push_string(&mut out, id);
    out.extend_from_slice(b",\"output_index\":");
    number(&mut out, index as u64);
    out
}

/// `output_item.added` and `output_item.done`.
pub(super) fn item(frames: &mut Frames, out: &mut Vec<u8>, name: &str, index: usize, item: &[u8]) {
    frames.begin(out, name);
    out.extend_from_slice(b",\"output_index\":");
    number(out, index as u64);
    out.extend_from_slice(b",\"item\":");
    out.extend_from_slice(item);
    end(out);
}

/// Appends a piece of text as a JSON string, and what is between its quotes to `kept`.
pub(super) fn piece(out: &mut Vec<u8>, text: &str, kept: &mut Vec<u8>) {
    let start = out.len() + 1;
    push_string(out, text);
    kept.extend_from_slice(&out[start..out.len() - 1]);
}

/// A member whose value is the inside of a JSON string.
pub(super) fn quoted(out: &mut Vec<u8>, name: &str, escaped: &[u8]) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":\"");
    out.extend_from_slice(escaped);
    out.push(b'"');
}

/// A member whose value is text.
pub(super) fn text(out: &mut Vec<u8>, name: &str, text: &str) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
    push_string(out, text);
}
