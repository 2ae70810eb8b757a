//! For each row the number of its text, in as few bytes as will do.

use super::bytes::{Rest, damaged};
use crate::sqlite::fault::Fault;

/// Writes the numbers of texts, of which there are so many: their width, then each of them. All
/// bits set stand for no text.
pub(super) fn encode(codes: &[Option<u32>], texts: usize, bytes: &mut Vec<u8>) {
    let nulls = codes.iter().any(Option::is_none);
    let width = match (texts, nulls) {
        (0, _) | (1, false) => 0,
        (..=255, _) => 1,
        (..=65_535, _) => 2,
        _ => 4,
    };
    bytes.push(width);
    if width > 0 {
        for code in codes {
            let code = code.unwrap_or(u32::MAX).to_le_bytes();
            bytes.extend_from_slice(&code[..usize::from(width)]);
        }
    }
}

/// The numbers as they were read.
pub(in super::super) struct Codes {
    pub(super) rows: usize,
    /// How many texts there are.
    texts: usize,
    width: usize,
    bytes: Vec<u8>,
}

impl Codes {
    /// Reads the numbers of so many rows, which end the blob.
    pub(super) fn decode(mut rest: Rest<'_>, rows: usize, texts: usize) -> Result<Self, Fault> {
        let width = usize::from(rest.u8()?);
        if ![0, 1, 2, 4].contains(&width) || (width == 0 && texts > 1) {
            return Err(damaged("the width of a column"));
        }
        let bytes = rest.take(width * rows)?.to_vec();
        rest.end()?;
        Ok(Self { rows, texts, width, bytes })
    }

    /// The number of a row's text, if it has one.
    pub(in super::super) fn get(&self, row: usize) -> Option<usize> {
        let code = match self.width {
            1 => u32::from(*self.bytes.get(row)?),
            2 => u16::from_le_bytes(*self.bytes.as_chunks().0.get(row)?).into(),
            4 => u32::from_le_bytes(*self.bytes.as_chunks().0.get(row)?),
            _ => 0,
        };
        Some(code as usize).filter(|code| *code < self.texts)
    }

    /// Clears the mask of rows whose text does not pass; `passes` holds that for each text, and
    /// `nulls` tells what becomes of rows without one.
    pub(in super::super) fn keep(&self, passes: &[bool], nulls: bool, mask: &mut [bool]) {
        let verdict = |code: usize| passes.get(code).copied().unwrap_or(nulls);
        match self.width {
            1 => {
                let table: [bool; 256] = std::array::from_fn(verdict);
                for (keep, code) in mask.iter_mut().zip(&self.bytes) {
                    *keep &= table[usize::from(*code)];
                }
            }
            2 => {
                let (codes, _) = self.bytes.as_chunks();
                for (keep, code) in mask.iter_mut().zip(codes) {
                    *keep &= verdict(u16::from_le_bytes(*code).into());
                }
            }
            4 => {
                let (codes, _) = self.bytes.as_chunks();
                for (keep, code) in mask.iter_mut().zip(codes) {
                    *keep &= verdict(u32::from_le_bytes(*code) as usize);
                }
            }
            _ => {
                if !verdict(0) {
                    mask.fill(false);
                }
            }
        }
    }
}
