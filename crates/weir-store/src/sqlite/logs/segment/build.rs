//! Making a segment of rows.

use super::super::values::{Facts, Number, Text};
use super::{Column, numbers, pairs, texts};

/// A segment that is not yet in the file.
pub(super) struct Made {
    pub(super) rows: usize,
    /// Smallest and largest id, and time of creation, as numbers.
    pub(super) ids: (i128, i128),
    pub(super) moments: (i128, i128),
    /// The columns, by [`Column::place`], without checksums.
    pub(super) columns: Vec<Vec<u8>>,
}

impl Made {
    /// Of at least one row.
    pub(super) fn of(rows: &[Facts<'_>]) -> Self {
        let mut made = Self::empty();
        for number in Number::ALL {
            made.number(number, &rows.iter().map(|row| number.of(row)).collect::<Vec<_>>());
        }
        for text in Text::ALL {
            let mut making = texts::Making::default();
            let mut taken_apart = pairs::Making::default();
            for row in rows {
                let new = making.push(text.of(row));
                if let (Text::Metadata, Some(new)) = (text, new) {
                    taken_apart.push(new);
                }
            }
            made.text(text, &making, &taken_apart);
        }
        made
    }

    pub(super) fn empty() -> Self {
        Self { rows: 0, ids: (0, 0), moments: (0, 0), columns: vec![Vec::new(); Column::COUNT] }
    }

    /// Puts a column of numbers in its place.
    pub(super) fn number(&mut self, number: Number, values: &[Option<i128>]) {
        let bounds = || {
            let found = || values.iter().flatten().copied();
            found().min().zip(found().max()).unwrap_or((0, 0))
        };
        match number {
            Number::Id => {
                self.rows = values.len();
                self.ids = bounds();
            }
            Number::CreatedAt => self.moments = bounds(),
            _ => {}
        }
        self.columns[Column::Number(number).place()] = numbers::encode(values);
    }

    /// Puts a column of texts in its place, with what the metadata holds.
    pub(super) fn text(&mut self, text: Text, making: &texts::Making, apart: &pairs::Making) {
        self.columns[Column::Text(text).place()] = making.encode();
        if text == Text::Metadata {
            self.columns[Column::Pairs.place()] = apart.encode(making);
        }
    }

    /// Bytes of all columns.
    pub(super) fn size(&self) -> usize {
        self.columns.iter().map(Vec::len).sum()
    }
}
