//! Keys and values of the metadata, taken apart once, when a text is first seen: for each different
//! text of [`super::Text::Metadata`], in the same order, the pairs in it; and for each row the number
//! of its text once more, so that conditions on keys and values need not read the texts.

use serde_json::Value;
use weir_core::log_filter::metadata_text;

use super::bytes::{Rest, damaged, small};
use super::codes::Codes;
use super::texts::{self, Dictionary, Numbering};
use crate::sqlite::fault::Fault;

/// Stands for a value that is null.
const NULL: u32 = u32::MAX;

/// A column that is being made.
#[derive(Default)]
pub(super) struct Making {
    keys: Numbering,
    values: Numbering,
    ends: Vec<u32>,
    pairs: Vec<(u32, u32)>,
}

impl Making {
    /// Adds a text, which may be no object, and no JSON at all.
    pub(super) fn push(&mut self, text: &str) {
        if let Ok(Value::Object(pairs)) = serde_json::from_str(text) {
            for (key, value) in &pairs {
                self.add(key, metadata_text(value).as_deref());
            }
        }
        self.ends.push(small(self.pairs.len()));
    }

    /// Adds a text that was taken apart before.
    pub(super) fn push_from(&mut self, pairs: &Pairs, text: usize) {
        for (key, value) in pairs.of(text) {
            let value = value.map(|value| pairs.values.get(value));
            self.add(pairs.keys.get(key), value);
        }
        self.ends.push(small(self.pairs.len()));
    }

    fn add(&mut self, key: &str, value: Option<&str>) {
        let (key, _) = self.keys.number(key);
        let value = value.map_or(NULL, |value| self.values.number(value).0);
        self.pairs.push((key, value));
    }

    /// The finished column, beside that of the texts.
    pub(super) fn encode(&self, texts: &texts::Making) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.keys.dictionary.encode(&mut bytes);
        self.values.dictionary.encode(&mut bytes);
        bytes.extend_from_slice(&small(self.ends.len()).to_le_bytes());
        let pairs = self.pairs.iter().flat_map(|(key, value)| [*key, *value]);
        for figure in self.ends.iter().copied().chain(pairs) {
            bytes.extend_from_slice(&figure.to_le_bytes());
        }
        texts.encode_codes(&mut bytes);
        bytes
    }
}

/// A column as it was read.
pub(in super::super) struct Pairs {
    pub(in super::super) keys: Dictionary,
    pub(in super::super) values: Dictionary,
    ends: Vec<u32>,
    pairs: Vec<u32>,
    pub(in super::super) codes: Codes,
}

impl Pairs {
    /// Reads a column of so many rows.
    pub(super) fn decode(bytes: &[u8], rows: usize) -> Result<Self, Fault> {
        let mut rest = Rest(bytes);
        let keys = Dictionary::decode(&mut rest)?;
        let values = Dictionary::decode(&mut rest)?;
        let count = rest.u32()? as usize;
        let ends = rest.u32s(count)?;
        let pairs = rest.u32s(ends.last().map_or(0, |end| *end as usize * 2))?;
        if !ends.is_sorted() {
            return Err(damaged("pairs of metadata"));
        }
        let codes = Codes::decode(rest, rows, count)?;
        Ok(Self { keys, values, ends, pairs, codes })
    }

    /// How many texts were taken apart.
    pub(in super::super) fn texts(&self) -> usize {
        self.ends.len()
    }

    /// Numbers of the keys in a text, and of their values unless they are null.
    pub(in super::super) fn of(
        &self,
        text: usize,
    ) -> impl Iterator<Item = (usize, Option<usize>)> + Clone {
        let end = |text: usize| self.ends.get(text).map_or(0, |end| *end as usize * 2);
        let start = text.checked_sub(1).map_or(0, end);
        let pairs = self.pairs.get(start..end(text)).unwrap_or_default();
        let (pairs, _) = pairs.as_chunks::<2>();
        pairs
            .iter()
            .map(|[key, value]| (*key as usize, (*value != NULL).then_some(*value as usize)))
    }
}
