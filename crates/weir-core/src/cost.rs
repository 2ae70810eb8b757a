//! Money that adds up: an integer count of pico-dollars.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;

use serde::{Serialize, Serializer};

/// US dollars with exactly twelve decimals (spec: observability 5.2), kept as an integer.
///
/// A price of $0.075 for a million tokens is 75,000 pico-dollars a token, so every listed price
/// is exact, and so is every sum. The range is about nine million dollars either way; arithmetic
/// saturates there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cost(i64);

impl Cost {
    /// Nothing at all; what a cache hit costs. An *unknown* cost is `None`, never this.
    pub const ZERO: Self = Self(0);
    /// Pico-dollars in a dollar.
    pub const SCALE: i64 = 1_000_000_000_000;

    /// From a count of pico-dollars.
    pub const fn from_pico(pico: i64) -> Self {
        Self(pico)
    }

    /// The count of pico-dollars.
    pub const fn pico(self) -> i64 {
        self.0
    }

    /// Dollars of a limit as pico-dollars: rounded; less than nothing and what is no number are
    /// nothing, what is too large saturates.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a limit is exact to the digits that a float has"
    )]
    pub fn pico_of_dollars(dollars: f64) -> u64 {
        (dollars * Self::SCALE as f64).round() as u64
    }

    /// The nearest floating-point figure in dollars, for JSON and metrics only.
    #[expect(clippy::cast_precision_loss, reason = "a figure to show; sums use the integer")]
    pub fn dollars(self) -> f64 {
        self.0 as f64 / Self::SCALE as f64
    }
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let whole = self.0.unsigned_abs() / Self::SCALE.unsigned_abs();
        let part = self.0.unsigned_abs() % Self::SCALE.unsigned_abs();
        let text = format!("{sign}{whole}.{part:012}");
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl Serialize for Cost {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.dollars())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_no_superfluous_zeros() {
        assert_eq!(Cost::from_pico(12_900_000).to_string(), "0.0000129");
        assert_eq!(Cost::from_pico(2 * Cost::SCALE).to_string(), "2");
        assert_eq!(Cost::from_pico(-1).to_string(), "-0.000000000001");
        assert_eq!(serde_json::to_string(&Cost::from_pico(20_000_000)).unwrap(), "0.00002");
    }
}
