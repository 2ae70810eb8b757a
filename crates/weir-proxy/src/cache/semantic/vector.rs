//! The direction of a vector in one byte for each dimension.

use std::sync::Arc;

/// Most dimensions of a vector. No model has as many; sums of products stay within 32 bits.
const MOST: usize = 16_384;
/// Largest value of a dimension.
const FULL: f32 = 127.0;

/// Where a vector points, whatever its length. Each dimension is rounded to a 127th of the largest
/// one, which moves the cosine of vectors as models make them by less than a hundredth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Direction {
    values: Arc<[i8]>,
    /// The sum of their squares.
    square: i32,
}

impl Direction {
    /// That of a vector; none of one that points nowhere, or holds what is no number.
    pub(crate) fn of(vector: &[f32]) -> Option<Self> {
        let largest = vector.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        let sane = vector.len() <= MOST && vector.iter().all(|value| value.is_finite());
        if !sane || largest <= 0.0 {
            return None;
        }
        // Within -127 and 127, so nothing is cut off.
        let round = |value: &f32| (value / largest * FULL).round() as i8;
        let values: Arc<[i8]> = vector.iter().map(round).collect();
        let square = dot(&values, &values);
        Some(Self { values, square })
    }

    /// The cosine of the angle between two; none where they have not as many dimensions.
    pub(crate) fn cosine(&self, other: &Self) -> Option<f32> {
        if self.values.len() != other.values.len() {
            return None;
        }
        let lengths = (f64::from(self.square) * f64::from(other.square)).sqrt();
        let cosine = f64::from(dot(&self.values, &other.values)) / lengths;
        Some(cosine.clamp(-1.0, 1.0) as f32)
    }

    /// Bytes that it takes in memory.
    pub(crate) fn size(&self) -> usize {
        self.values.len() + 2 * size_of::<usize>()
    }
}

/// In blocks, of which the compiler makes instructions that do many products at a time.
fn dot(one: &[i8], other: &[i8]) -> i32 {
    let products = |one: &[i8], other: &[i8]| -> i32 {
        one.iter().zip(other).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
    };
    let (blocks, rest) = one.as_chunks::<16>();
    let (other_blocks, other_rest) = other.as_chunks::<16>();
    let whole: i32 = blocks.iter().zip(other_blocks).map(|(a, b)| products(a, b)).sum();
    whole + products(rest, other_rest)
}

#[cfg(test)]
mod tests;
