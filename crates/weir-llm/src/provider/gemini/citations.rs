//! What the answer rests on: `groundingMetadata` as OpenAI's `url_citation`.

use std::ops::Range;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Grounding {
    grounding_chunks: Vec<Chunk>,
    grounding_supports: Vec<Support>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Chunk {
    web: Option<Page>,
    retrieved_context: Option<Page>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Page {
    uri: String,
    title: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Support {
    segment: Segment,
    grounding_chunk_indices: Vec<usize>,
}

/// Where the supported text is, in bytes.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Segment {
    start_index: usize,
    end_index: usize,
    text: String,
}

/// The text that citations point into.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cited<'a> {
    /// All of it.
    Text(&'a str),
    /// A stream keeps no text, only its length in characters and bytes.
    Length {
        /// Characters.
        characters: usize,
        /// Bytes.
        bytes: usize,
    },
}

/// Nothing for what is not readable: citations are an extra.
pub(super) fn citations(raw: &RawValue, cited: Cited<'_>) -> Vec<Value> {
    let grounding: Grounding = serde_json::from_str(raw.get()).unwrap_or_default();
    let page = |chunk: &Chunk, range: &Range<usize>| {
        let page = chunk.web.as_ref().or(chunk.retrieved_context.as_ref())?;
        Some(json!({
            "type": "url_citation",
            "url_citation": {
                "start_index": range.start,
                "end_index": range.end,
                "url": page.uri,
                "title": page.title,
            },
        }))
    };
    if grounding.grounding_supports.is_empty() {
        let all = cited.all();
        return grounding.grounding_chunks.iter().filter_map(|chunk| page(chunk, &all)).collect();
    }
    let mut found = Vec::new();
    for support in &grounding.grounding_supports {
        let range = cited.range(&support.segment);
        let chunks = support.grounding_chunk_indices.iter();
        let chunks = chunks.filter_map(|at| grounding.grounding_chunks.get(*at));
        found.extend(chunks.filter_map(|chunk| page(chunk, &range)));
    }
    found
}

impl Cited<'_> {
    fn all(self) -> Range<usize> {
        match self {
            Self::Text(text) => 0..text.chars().count(),
            Self::Length { characters, .. } => 0..characters,
        }
    }

    /// In characters. Where the place is not certain, the citation is one of the whole text.
    fn range(self, segment: &Segment) -> Range<usize> {
        let (start, end) = (segment.start_index, segment.end_index);
        match self {
            Self::Text(text) => {
                let exact = text
                    .get(start..end)
                    .filter(|got| segment.text.is_empty() || *got == segment.text);
                let start = if exact.is_some() { Some(start) } else { text.find(&segment.text) };
                let length = exact.map_or(segment.text.len(), str::len);
                match start.filter(|_| length > 0) {
                    Some(start) => {
                        let before = text[..start].chars().count();
                        before..before + text[start..start + length].chars().count()
                    }
                    None => self.all(),
                }
            }
            // Without characters of several bytes the two counts are the same.
            Self::Length { characters, bytes } if characters == bytes && end <= bytes => start..end,
            Self::Length { .. } => self.all(),
        }
    }
}
