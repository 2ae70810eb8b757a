//! Decimal figures as integers, without a float in between.

use weir_core::Cost;

/// Reads a JSON number that is not negative, times ten to the power of `scale`. Digits beyond that
/// are rounded half up. `None` for anything else, and for what is too large.
pub(crate) fn parse(text: &str, scale: i32) -> Option<u128> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    if whole.is_empty() || fraction.is_empty() {
        return None;
    }
    // Where the decimal point comes to stand, counted in digits from the left.
    let point = i32::try_from(whole.len()).ok()?.checked_add(exponent)?.checked_add(scale)?;
    let mut value: u128 = 0;
    let mut place = 0;
    for digit in whole.bytes().chain(fraction.bytes()) {
        if !digit.is_ascii_digit() {
            return None;
        }
        let digit = u128::from(digit - b'0');
        if place < point {
            value = value.checked_mul(10)?.checked_add(digit)?;
        } else if place == point {
            value = value.checked_add(u128::from(digit >= 5))?;
        }
        place += 1;
    }
    while place < point && value != 0 {
        value = value.checked_mul(10)?;
        place += 1;
    }
    Some(value)
}

/// Reads dollars.
pub(crate) fn dollars(text: &str) -> Option<Cost> {
    parse(text, 12).and_then(|pico| i64::try_from(pico).ok()).map(Cost::from_pico)
}

/// `numerator / divisor` pico-dollars, rounded half up; `None` beyond what a [`Cost`] can hold.
pub(crate) fn divide(numerator: u128, divisor: u128) -> Option<Cost> {
    let pico = numerator.checked_add(divisor / 2)? / divisor;
    i64::try_from(pico).ok().map(Cost::from_pico)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_exact() {
        for (text, pico) in [
            ("1", 1_000_000_000_000),
            ("0.075", 75_000_000_000),
            ("1e-6", 1_000_000),
            ("1.5E-6", 1_500_000),
            ("0.25e+1", 2_500_000_000_000),
            ("0.0000000000005", 1),
            ("0.00000000000049", 0),
            ("123.4567890123456789", 123_456_789_012_346),
            ("0", 0),
            ("0e999999999", 0),
        ] {
            assert_eq!(dollars(text), Some(Cost::from_pico(pico)), "{text}");
        }
    }

    #[test]
    fn junk_and_negatives_are_nothing() {
        for text in [
            "",
            "-1",
            "-0.5",
            ".5",
            "5.",
            "x",
            "1x",
            "1e",
            "1e99",
            "0x1",
            " 1",
            "1,5",
            "1e9999999999",
            "NaN",
        ] {
            assert_eq!(dollars(text), None, "{text}");
        }
    }
}
