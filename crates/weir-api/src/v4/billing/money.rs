//! Amounts of money in the forms of this API: cents for clients, exact dollars for the books.

use serde_json::Number;
use weir_core::Cost;

use crate::error::ApiError;

/// Pico-dollars in a cent.
const CENT: i64 = Cost::SCALE / 100;

/// A JSON number as whole cents. Clients that count in floats send `1000.0`.
pub(super) fn whole_cents(field: &str, amount: &Number) -> Result<i64, ApiError> {
    let refuse = || ApiError::body(field, format!("{field} must be a whole number of cents"));
    if let Some(cents) = amount.as_i64() {
        return Ok(cents);
    }
    // The schema keeps amounts far below the point where floats skip whole numbers.
    let cents = amount.as_f64().filter(|cents| cents.fract() == 0.0).ok_or_else(refuse)?;
    format!("{cents:.0}").parse().map_err(|_| refuse())
}

/// So many cents.
pub(super) fn from_cents(cents: i64) -> Cost {
    Cost::from_pico(cents.saturating_mul(CENT))
}

/// A cost in whole cents; what is begun counts.
pub(super) fn cents_up(cost: Cost) -> i64 {
    cost.pico().div_euclid(CENT) + i64::from(cost.pico().rem_euclid(CENT) > 0)
}

/// An amount in whole cents; a cent that is not there in full does not count.
pub(super) fn cents_down(cost: Cost) -> i64 {
    cost.pico().div_euclid(CENT)
}

/// Cents with fractions, as near as a float comes.
pub(super) fn cents(cost: Cost) -> f64 {
    cost.dollars() * 100.0
}

/// What is paid beside the amount: so many percent of it, to the nearest cent.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "an amount of at most a million dollars and a percentage of at most 100"
)]
pub(super) fn fee_of(amount: Cost, percent: f64) -> Cost {
    from_cents((cents_down(amount) as f64 * percent / 100.0).round() as i64)
}

/// The opposite amount.
pub(super) fn negative(cost: Cost) -> Cost {
    Cost::from_pico(cost.pico().saturating_neg())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cent_that_is_begun_counts_against_the_account_only() {
        let half = CENT / 2;
        for (pico, up, down) in
            [(0, 0, 0), (1, 1, 0), (CENT, 1, 1), (CENT + 1, 2, 1), (-half, 0, -1), (-CENT, -1, -1)]
        {
            let cost = Cost::from_pico(pico);
            assert_eq!((cents_up(cost), cents_down(cost)), (up, down), "{pico}");
        }
    }

    #[test]
    fn cents_are_whole_however_they_are_written() {
        let read = |text: &str| whole_cents("amount", &serde_json::from_str(text).unwrap()).ok();
        assert_eq!(read("1000"), Some(1000));
        assert_eq!(read("1000.0"), Some(1000));
        assert_eq!(read("-5"), Some(-5));
        assert_eq!(read("1e5"), Some(100_000));
        assert_eq!(read("1000.5"), None);
    }

    #[test]
    fn fees_are_whole_cents() {
        for (cents, percent, fee) in [(10_000, 5.0, 500), (1_001, 2.5, 25), (1_000, 0.0, 0)] {
            assert_eq!(fee_of(from_cents(cents), percent), from_cents(fee));
        }
    }
}
