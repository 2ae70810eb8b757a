//! A message: text with citations and likelihoods, or a refusal.

use serde_json::Value;

use super::frames::{self, Frames};

/// A message that grows.
pub(super) struct Message {
    id: String,
    index: usize,
    /// Says in each event which item it is about.
    place: Vec<u8>,
    /// JSON of the parts that are over, with commas between.
    parts: Vec<u8>,
    count: u64,
    open: Option<OpenPart>,
}

#[derive(Default)]
struct OpenPart {
    refusal: bool,
    /// The text so far, as the inside of a JSON string.
    text: Vec<u8>,
    annotations: Vec<u8>,
    annotation_count: u64,
    logprobs: Vec<u8>,
}

impl Message {
    pub(super) fn open(base: &str, index: usize, frames: &mut Frames, out: &mut Vec<u8>) -> Self {
        let id = format!("msg_{base}_{index}");
        let place = frames::place(&id, index);
        let message = Self { id, index, place, parts: Vec::new(), count: 0, open: None };
        let item = message.item("in_progress");
        frames::item(frames, out, "response.output_item.added", index, &item);
        message
    }

    /// The hot path: a piece of text.
    pub(super) fn text(&mut self, text: &str, frames: &mut Frames, out: &mut Vec<u8>) {
        self.part(false, frames, out);
        let Some(part) = &mut self.open else { return };
        frames.begin(out, "response.output_text.delta");
        out.extend_from_slice(&self.place);
        content_index(out, self.count);
        out.extend_from_slice(b",\"delta\":");
        frames::piece(out, text, &mut part.text);
        out.extend_from_slice(b",\"logprobs\":[]");
        frames::end(out);
    }

    pub(super) fn refusal(&mut self, text: &str, frames: &mut Frames, out: &mut Vec<u8>) {
        self.part(true, frames, out);
        let Some(part) = &mut self.open else { return };
        frames.begin(out, "response.refusal.delta");
        out.extend_from_slice(&self.place);
        content_index(out, self.count);
        out.extend_from_slice(b",\"delta\":");
        frames::piece(out, text, &mut part.text);
        frames::end(out);
    }

    pub(super) fn annotation(&mut self, given: &Value, frames: &mut Frames, out: &mut Vec<u8>) {
        self.part(false, frames, out);
        let Some(part) = &mut self.open else { return };
        let annotation = flat(given);
        frames.begin(out, "response.output_text.annotation.added");
        out.extend_from_slice(&self.place);
        content_index(out, self.count);
        out.extend_from_slice(b",\"annotation_index\":");
        frames::number(out, part.annotation_count);
        out.extend_from_slice(b",\"annotation\":");
        let start = out.len();
        // Into memory, and of a tree: it cannot fail.
        let _ = serde_json::to_writer(&mut *out, &annotation);
        append(&mut part.annotations, &out[start..]);
        part.annotation_count += 1;
        frames::end(out);
    }

    /// Providers tell them after the piece they belong to, so they come with an empty one.
    pub(super) fn logprobs(&mut self, given: &Value, frames: &mut Frames, out: &mut Vec<u8>) {
        self.part(false, frames, out);
        let Some(part) = &mut self.open else { return };
        let tokens = given.get("content").unwrap_or(given);
        let Some(tokens) = tokens.as_array().filter(|list| !list.is_empty()) else { return };
        frames.begin(out, "response.output_text.delta");
        out.extend_from_slice(&self.place);
        content_index(out, self.count);
        out.extend_from_slice(b",\"delta\":\"\",\"logprobs\":");
        let start = out.len();
        let _ = serde_json::to_writer(&mut *out, tokens);
        let list = &out[start..];
        append(&mut part.logprobs, &list[1..list.len() - 1]);
        frames::end(out);
    }

    /// Ends the message; gives its place in the output and its JSON.
    pub(super) fn close(
        mut self,
        status: &str,
        frames: &mut Frames,
        out: &mut Vec<u8>,
    ) -> (usize, Vec<u8>) {
        self.close_part(frames, out);
        let item = self.item(status);
        frames::item(frames, out, "response.output_item.done", self.index, &item);
        (self.index, item)
    }

    /// Makes sure that a part of this kind is open.
    fn part(&mut self, refusal: bool, frames: &mut Frames, out: &mut Vec<u8>) {
        if self.open.as_ref().is_some_and(|part| part.refusal == refusal) {
            return;
        }
        self.close_part(frames, out);
        let part = OpenPart { refusal, ..OpenPart::default() };
        frames.begin(out, "response.content_part.added");
        out.extend_from_slice(&self.place);
        content_index(out, self.count);
        out.extend_from_slice(b",\"part\":");
        part.write(out);
        frames::end(out);
        self.open = Some(part);
    }

    fn close_part(&mut self, frames: &mut Frames, out: &mut Vec<u8>) {
        let Some(part) = self.open.take() else { return };
        let (event, name) = if part.refusal {
            ("response.refusal.done", "refusal")
        } else {
            ("response.output_text.done", "text")
        };
        frames.begin(out, event);
        out.extend_from_slice(&self.place);
        content_index(out, self.count);
        frames::quoted(out, name, &part.text);
        if !part.refusal {
            out.extend_from_slice(b",\"logprobs\":[");
            out.extend_from_slice(&part.logprobs);
            out.push(b']');
        }
        frames::end(out);
        frames.begin(out, "response.content_part.done");
        out.extend_from_slice(&self.place);
        content_index(out, self.count);
        out.extend_from_slice(b",\"part\":");
        let start = out.len();
        part.write(out);
        append(&mut self.parts, &out[start..]);
        frames::end(out);
        self.count += 1;
    }

    fn item(&self, status: &str) -> Vec<u8> {
        let mut out = b"{\"type\":\"message\"".to_vec();
        frames::text(&mut out, "id", &self.id);
        frames::text(&mut out, "status", status);
        out.extend_from_slice(b",\"role\":\"assistant\",\"content\":[");
        out.extend_from_slice(&self.parts);
        out.extend_from_slice(b"]}");
        out
    }
}

impl OpenPart {
    fn write(&self, out: &mut Vec<u8>) {
        if self.refusal {
            out.extend_from_slice(b"{\"type\":\"refusal\"");
            frames::quoted(out, "refusal", &self.text);
        } else {
            out.extend_from_slice(b"{\"type\":\"output_text\"");
            frames::quoted(out, "text", &self.text);
            out.extend_from_slice(b",\"annotations\":[");
            out.extend_from_slice(&self.annotations);
            out.extend_from_slice(b"],\"logprobs\":[");
            out.extend_from_slice(&self.logprobs);
            out.push(b']');
        }
        out.push(b'}');
    }
}

/// Adds an element, or several, to the inside of a list.
fn append(list: &mut Vec<u8>, elements: &[u8]) {
    if !list.is_empty() {
        list.push(b',');
    }
    list.extend_from_slice(elements);
}

fn content_index(out: &mut Vec<u8>, index: u64) {
    out.extend_from_slice(b",\"content_index\":");
    frames::number(out, index);
}

/// In chat an annotation has its members in an object of its own; here they stand beside the type.
fn flat(annotation: &Value) -> Value {
    let Some(kind) = annotation["type"].as_str() else { return annotation.clone() };
    let Some(members) = annotation[kind].as_object() else { return annotation.clone() };
    let mut flat = members.clone();
    flat.insert("type".to_owned(), kind.into());
    Value::Object(flat)
}
