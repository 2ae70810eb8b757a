//! Thoughts: one summary part for each stretch with a seal of its own.

use super::super::thoughts::Sealer;
use super::frames::{self, Frames};

/// Thoughts that grow.
pub(super) struct Reasoning {
    id: String,
    index: usize,
    place: Vec<u8>,
    /// JSON of the summary parts that are over, with commas between.
    parts: Vec<u8>,
    count: u64,
    /// The stretch that grows, as the inside of a JSON string.
    open: Option<Vec<u8>>,
    sealer: Sealer,
    /// Something is sealed: the item has to come back as it is. Thoughts without a seal are of no use
    /// to anybody but the reader.
    sealed: bool,
}

impl Reasoning {
    pub(super) fn open(base: &str, index: usize, frames: &mut Frames, out: &mut Vec<u8>) -> Self {
        let id = format!("rs_{base}_{index}");
        let place = frames::place(&id, index);
        let reasoning = Self {
            id,
            index,
            place,
            parts: Vec::new(),
            count: 0,
            open: None,
            sealer: Sealer::default(),
            sealed: false,
        };
        frames::item(frames, out, "response.output_item.added", index, &reasoning.item());
        reasoning
    }

    pub(super) fn text(&mut self, text: &str, frames: &mut Frames, out: &mut Vec<u8>) {
        if self.open.is_none() {
            frames.begin(out, "response.reasoning_summary_part.added");
            self.summary_index(out);
            out.extend_from_slice(b",\"part\":{\"type\":\"summary_text\",\"text\":\"\"}");
            frames::end(out);
        }
        frames.begin(out, "response.reasoning_summary_text.delta");
        self.summary_index(out);
        out.extend_from_slice(b",\"delta\":");
        frames::piece(out, text, self.open.get_or_insert_default());
        frames::end(out);
    }

    /// Seals the stretch; one without text only has its seal.
    pub(super) fn sign(&mut self, signature: &str, frames: &mut Frames, out: &mut Vec<u8>) {
        self.sealed = true;
        let text = self.close_part(frames, out).unwrap_or_default();
        self.sealer.text(&text, Some(signature));
    }

    pub(super) fn redacted(&mut self, data: &str, frames: &mut Frames, out: &mut Vec<u8>) {
        self.sealed = true;
        self.end_unsigned(frames, out);
        self.sealer.redacted(data);
    }

    /// Keeps the seal of a call that follows.
    pub(super) fn call(
        &mut self,
        id: &str,
        signature: &str,
        frames: &mut Frames,
        out: &mut Vec<u8>,
    ) {
        self.sealed = true;
        self.end_unsigned(frames, out);
        self.sealer.call(id, signature);
    }

    pub(super) fn close(mut self, frames: &mut Frames, out: &mut Vec<u8>) -> (usize, Vec<u8>) {
        self.end_unsigned(frames, out);
        let item = self.item();
        frames::item(frames, out, "response.output_item.done", self.index, &item);
        (self.index, item)
    }

    fn end_unsigned(&mut self, frames: &mut Frames, out: &mut Vec<u8>) {
        if let Some(text) = self.close_part(frames, out) {
            self.sealer.text(&text, None);
        }
    }

    fn close_part(&mut self, frames: &mut Frames, out: &mut Vec<u8>) -> Option<Vec<u8>> {
        let text = self.open.take()?;
        frames.begin(out, "response.reasoning_summary_text.done");
        self.summary_index(out);
        frames::quoted(out, "text", &text);
        frames::end(out);
        frames.begin(out, "response.reasoning_summary_part.done");
        self.summary_index(out);
        out.extend_from_slice(b",\"part\":");
        let start = out.len();
        out.extend_from_slice(b"{\"type\":\"summary_text\"");
        frames::quoted(out, "text", &text);
        out.push(b'}');
        if !self.parts.is_empty() {
            self.parts.push(b',');
        }
        self.parts.extend_from_slice(&out[start..]);
        frames::end(out);
        self.count += 1;
        Some(text)
    }

    fn summary_index(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.place);
        out.extend_from_slice(b",\"summary_index\":");
        frames::number(out, self.count);
    }

    fn item(&self) -> Vec<u8> {
        let mut out = b"{\"type\":\"reasoning\"".to_vec();
        frames::text(&mut out, "id", &self.id);
        out.extend_from_slice(b",\"summary\":[");
        out.extend_from_slice(&self.parts);
        out.push(b']');
        if self.sealed {
            frames::text(&mut out, "encrypted_content", &self.sealer.close());
        }
        out.push(b'}');
        out
    }
}
