//! A column of numbers: the smallest and the largest, and for each row the distance from the
//! smallest in as few bytes as will do. A column that is the same in all rows takes none.

use std::ops::RangeInclusive;

use super::super::values::saturated;
use super::bytes::{Rest, damaged};
use crate::sqlite::fault::Fault;

/// The column as it was read.
pub(in super::super) struct Numbers {
    rows: usize,
    width: usize,
    /// Some rows have no value: theirs is the code with all bits set, or, without codes, there is
    /// no value at all.
    nulls: bool,
    /// Smallest and largest value.
    bounds: Option<(i128, i128)>,
    codes: Vec<u8>,
}

/// Runs `$body` once for the width of the codes, with `$codes` an iterator over them as the
/// unsigned type `$type`.
macro_rules! by_width {
    ($numbers:expr, $codes:ident, $type:ident, $body:expr, $none:expr) => {
        match $numbers.width {
            1 => by_width!(@one $numbers, $codes, $type, u8, 1, $body),
            2 => by_width!(@one $numbers, $codes, $type, u16, 2, $body),
            4 => by_width!(@one $numbers, $codes, $type, u32, 4, $body),
            8 => by_width!(@one $numbers, $codes, $type, u64, 8, $body),
            16 => by_width!(@one $numbers, $codes, $type, u128, 16, $body),
            _ => $none,
        }
    };
    (@one $numbers:expr, $codes:ident, $type:ident, $width:ty, $bytes:literal, $body:expr) => {{
        type $type = $width;
        let (chunks, _) = $numbers.codes.as_chunks::<$bytes>();
        let $codes = chunks.iter().map(|code| <$width>::from_le_bytes(*code));
        $body
    }};
}

/// Writes a column.
pub(super) fn encode(values: &[Option<i128>]) -> Vec<u8> {
    let nulls = values.iter().any(Option::is_none);
    let found = || values.iter().flatten().copied();
    let bounds = found().min().zip(found().max());
    let (least, most) = bounds.unwrap_or((1, 0));
    let span = if bounds.is_some() { distance(least, most) } else { 0 };
    let width = match (bounds, nulls) {
        (None, _) => 0,
        (Some(_), false) if span == 0 => 0,
        // The last code means no value; a span that needs it, too, takes wider codes.
        _ => [1, 2, 4, 8]
            .into_iter()
            .find(|width| {
                let last = u128::from(u64::MAX >> (64 - width * 8));
                span < last || (span == last && !nulls)
            })
            .map_or(16, |width| width as usize),
    };
    let mut bytes = Vec::with_capacity(34 + width * values.len());
    bytes.push(width as u8);
    bytes.push(nulls.into());
    bytes.extend_from_slice(&least.to_le_bytes());
    bytes.extend_from_slice(&most.to_le_bytes());
    if width > 0 {
        for value in values {
            // Of 16 bytes the last code is out of reach: only ids have such spans, and theirs
            // would have to begin at zero and end with all bits set.
            let code = value.map_or(u128::MAX, |value| distance(least, value));
            bytes.extend_from_slice(&code.to_le_bytes()[..width]);
        }
    }
    bytes
}

const fn distance(from: i128, to: i128) -> u128 {
    to.wrapping_sub(from).cast_unsigned()
}

impl Numbers {
    /// Reads a column of so many rows.
    pub(super) fn decode(bytes: &[u8], rows: usize) -> Result<Self, Fault> {
        let mut rest = Rest(bytes);
        let width = usize::from(rest.u8()?);
        let nulls = rest.u8()? != 0;
        let (least, most) =
            (i128::from_le_bytes(rest.array()?), i128::from_le_bytes(rest.array()?));
        if ![0, 1, 2, 4, 8, 16].contains(&width) {
            return Err(damaged("the width of a column"));
        }
        let codes = rest.take(width * rows)?.to_vec();
        rest.end()?;
        let bounds = (least <= most).then_some((least, most));
        Ok(Self { rows, width, nulls, bounds, codes })
    }

    /// Whether some row has no value.
    pub(in super::super) const fn has_nulls(&self) -> bool {
        self.nulls
    }

    /// The value of each row.
    #[expect(clippy::useless_conversion, reason = "it is one for all widths but the last")]
    pub(in super::super) fn values(&self) -> Vec<Option<i128>> {
        let Some((least, most)) = self.bounds else { return vec![None; self.rows] };
        by_width!(
            self,
            codes,
            Code,
            codes
                .map(|code| {
                    let is_null = self.nulls && code == Code::MAX;
                    (!is_null).then(|| least.wrapping_add(u128::from(code).cast_signed()))
                })
                .collect(),
            vec![Some(most); self.rows]
        )
    }

    /// The value of each row as 64 bits, at the limit where it does not fit, and zero for none.
    #[expect(clippy::useless_conversion, reason = "it is one for all widths but the last")]
    pub(in super::super) fn short_values(&self) -> Vec<i64> {
        let Some((least, most)) = self.bounds else { return vec![0; self.rows] };
        let of_null = least.wrapping_neg();
        by_width!(
            self,
            codes,
            Code,
            codes
                .map(|code| {
                    let is_null = self.nulls && code == Code::MAX;
                    let code = if is_null { of_null } else { u128::from(code).cast_signed() };
                    saturated(least.wrapping_add(code))
                })
                .collect(),
            vec![saturated(most); self.rows]
        )
    }

    /// Which rows have no value, unless all have one.
    pub(in super::super) fn nulls(&self) -> Option<Vec<bool>> {
        if !self.nulls {
            return None;
        }
        Some(by_width!(
            self,
            codes,
            Code,
            codes.map(|code| code == Code::MAX).collect(),
            vec![true; self.rows]
        ))
    }

    /// Clears the mask of rows whose value is in none of the ranges; `nulls` tells what becomes of
    /// rows without a value.
    pub(in super::super) fn keep(
        &self,
        ranges: &[RangeInclusive<i128>],
        nulls: bool,
        mask: &mut [bool],
    ) {
        let Some((least, most)) = self.bounds else {
            if !nulls {
                mask.fill(false);
            }
            return;
        };
        // What of them lies inside the column, as codes: the first, and how many come after it.
        let ranges: Vec<(u128, u128)> = ranges
            .iter()
            .map(|range| (*range.start().max(&least), *range.end().min(&most)))
            .filter(|(start, end)| start <= end)
            .map(|(start, end)| (distance(least, start), distance(start, end)))
            .collect();
        let all = ranges.iter().any(|range| *range == (0, distance(least, most)));
        if all && (!self.nulls || nulls) {
            return;
        }
        if ranges.is_empty() && !(self.nulls && nulls) {
            mask.fill(false);
            return;
        }
        by_width!(
            self,
            codes,
            Code,
            {
                let ranges: Vec<(Code, Code)> =
                    ranges.iter().map(|range| (range.0 as Code, range.1 as Code)).collect();
                let of_null = self.nulls && nulls;
                if let ([(start, length)], false) = (&ranges[..], of_null) {
                    for (keep, code) in mask.iter_mut().zip(codes) {
                        *keep &= code.wrapping_sub(*start) <= *length;
                    }
                } else {
                    for (keep, code) in mask.iter_mut().zip(codes) {
                        let is_in =
                            |(start, length): &(Code, Code)| code.wrapping_sub(*start) <= *length;
                        *keep &= ranges.iter().any(is_in) || (of_null && code == Code::MAX);
                    }
                }
            },
            // One value in all rows, and it is in no range that reaches here.
            if !all {
                mask.fill(false);
            }
        );
    }
}

#[cfg(test)]
mod tests;
