//! Segments: what filters and orders read of each row, kept column by column.
//!
//! A page of a filtered, sorted list with an exact total must look at every row of its gateway. In
//! the table of rows that means megabytes for each thousand rows; here it means one or two bytes
//! for each row and condition. A segment holds some rows of one gateway, as one blob for each
//! column ([`numbers`], [`texts`], [`pairs`]) with a checksum. They are written in the transactions
//! that write the rows ([`shelf`]), so a reader sees both or neither.
//!
//! Each batch makes a small segment, and the writer merges small ones into larger ones, as in a
//! log-structured merge tree ([`Level`]): a row is copied two or three times, in all for less than
//! it costs to write an index entry, and a gateway has a few hundred segments for each million rows.
//!
//! They hold nothing that the rows do not, so damaged or missing ones are made anew from the rows
//! ([`rebuild`]); until that is done, the rows are read instead, slowly.

mod build;
mod bytes;
mod codes;
mod merge;
mod numbers;
mod pairs;
mod rebuild;
mod shelf;
mod texts;

use super::values::{Number, Text};

pub(super) use numbers::Numbers;
pub(super) use pairs::Pairs;
pub(super) use rebuild::{Pending, mended};
pub(super) use shelf::{Segment, View, add, all, patch, remove, reprice};
pub(super) use texts::{Dictionary, Texts};

/// Rows in a segment that is not to be merged any further. Merging stops at twice as many.
const FULL: usize = 8192;

/// Bytes that make a segment full, whatever its rows: callers choose some of the texts in it.
const FULL_BYTES: usize = 4 << 20;

/// Rows from which on each column has a blob of its own, so that few need be read.
const SPLIT: usize = 1024;

/// Segments of one level that are merged as soon as they are there.
const FAN: usize = 8;

/// A column of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Number(Number),
    Text(Text),
    /// Keys and values of the metadata.
    Pairs,
}

impl Column {
    /// How many there are.
    const COUNT: usize = Number::ALL.len() + Text::ALL.len() + 1;
    /// Stands for all of them.
    const PACKED: i64 = 63;

    /// Its place among all columns.
    const fn place(self) -> usize {
        match self {
            Self::Number(number) => number as usize,
            Self::Text(text) => Number::ALL.len() + text as usize,
            Self::Pairs => Self::COUNT - 1,
        }
    }
}

/// How large a segment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Level(u8);

impl Level {
    /// Those that are merged.
    const GROWING: [Self; 4] = [Self(0), Self(1), Self(2), Self(3)];

    const fn of(rows: usize, bytes: usize) -> Self {
        Self(match rows {
            _ if bytes >= FULL_BYTES => 4,
            0..8 => 0,
            8..64 => 1,
            64..512 => 2,
            512..FULL => 3,
            _ => 4,
        })
    }

    /// Whether segments of this level are to be merged: so many, with so many rows in all.
    const fn is_due(self, segments: usize, rows: usize) -> bool {
        if self.0 == 3 { rows >= FULL } else { segments >= FAN }
    }
}

#[cfg(test)]
mod tests;
