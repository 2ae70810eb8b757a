//! A column of texts: each different text once, and for each row the number of its text in as few
//! bytes as will do.

use foldhash::HashMap;

use super::bytes::{Rest, damaged, small};
use super::codes::{self, Codes};
use crate::sqlite::fault::Fault;

/// Different texts, by number.
#[derive(Default)]
pub(in super::super) struct Dictionary {
    text: String,
    ends: Vec<u32>,
}

impl Dictionary {
    /// How many there are.
    pub(in super::super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// One of them; empty for a number that is none.
    pub(in super::super) fn get(&self, number: usize) -> &str {
        let start = match number.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or(u32::MAX),
            None => 0,
        };
        let end = self.ends.get(number).copied().unwrap_or(0);
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }

    /// All of them, in order.
    pub(in super::super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|number| self.get(number))
    }

    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(small(self.text.len()));
    }

    pub(super) fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&small(self.len()).to_le_bytes());
        for end in &self.ends {
            bytes.extend_from_slice(&end.to_le_bytes());
        }
        bytes.extend_from_slice(self.text.as_bytes());
    }

    pub(super) fn decode(rest: &mut Rest<'_>) -> Result<Self, Fault> {
        let count = rest.u32()? as usize;
        let ends = rest.u32s(count)?;
        let length = ends.last().copied().unwrap_or(0) as usize;
        let text = str::from_utf8(rest.take(length)?).map_err(|_| damaged("a text"))?;
        Ok(Self { text: text.to_owned(), ends })
    }
}

/// Gives numbers to texts as they come.
#[derive(Default)]
pub(super) struct Numbering {
    numbers: HashMap<Box<str>, u32>,
    pub(super) dictionary: Dictionary,
}

impl Numbering {
    /// The number of a text, and whether it is a new one.
    pub(super) fn number(&mut self, text: &str) -> (u32, bool) {
        if let Some(number) = self.numbers.get(text) {
            return (*number, false);
        }
        let number = small(self.dictionary.len());
        self.dictionary.push(text);
        self.numbers.insert(text.into(), number);
        (number, true)
    }
}

/// A column that is being made.
#[derive(Default)]
pub(super) struct Making {
    pub(super) numbering: Numbering,
    /// The number of each row's text.
    codes: Vec<Option<u32>>,
}

impl Making {
    /// Adds a row. Gives the text back if it is a new one.
    pub(super) fn push<'text>(&mut self, text: Option<&'text str>) -> Option<&'text str> {
        let Some(text) = text else {
            self.codes.push(None);
            return None;
        };
        let (number, is_new) = self.numbering.number(text);
        self.codes.push(Some(number));
        is_new.then_some(text)
    }

    /// Adds rows of a column that was read, in order, as far as `keep` says so. `renumbered` holds
    /// the numbers of its texts here, as far as they are known.
    pub(super) fn extend(
        &mut self,
        texts: &Texts,
        keep: impl Fn(usize) -> bool,
        mut is_new: impl FnMut(usize),
    ) {
        let mut renumbered = vec![None; texts.dictionary.len()];
        for row in (0..texts.codes.rows).filter(|row| keep(*row)) {
            let code = texts.codes.get(row).and_then(|old| {
                let known = renumbered.get_mut(old)?;
                if known.is_none() {
                    let (number, new) = self.numbering.number(texts.dictionary.get(old));
                    if new {
                        is_new(old);
                    }
                    *known = Some(number);
                }
                *known
            });
            self.codes.push(code);
        }
    }

    /// The finished column.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.numbering.dictionary.encode(&mut bytes);
        self.encode_codes(&mut bytes);
        bytes
    }

    /// The numbers alone.
    pub(super) fn encode_codes(&self, bytes: &mut Vec<u8>) {
        codes::encode(&self.codes, self.numbering.dictionary.len(), bytes);
    }
}

/// A column as it was read.
pub(in super::super) struct Texts {
    pub(in super::super) dictionary: Dictionary,
    pub(in super::super) codes: Codes,
}

impl Texts {
    /// Reads a column of so many rows.
    pub(super) fn decode(bytes: &[u8], rows: usize) -> Result<Self, Fault> {
        let mut rest = Rest(bytes);
        let dictionary = Dictionary::decode(&mut rest)?;
        let codes = Codes::decode(rest, rows, dictionary.len())?;
        Ok(Self { dictionary, codes })
    }

    /// The text of a row.
    pub(super) fn get(&self, row: usize) -> Option<&str> {
        self.codes.get(row).map(|code| self.dictionary.get(code))
    }
}

#[cfg(test)]
mod tests;
