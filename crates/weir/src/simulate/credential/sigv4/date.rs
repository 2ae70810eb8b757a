//! The time in a signature, `20260101T000000Z`.

use std::time::{SystemTime, UNIX_EPOCH};

/// Unix seconds of a time in that form.
pub(super) fn seconds(text: &str) -> Option<u64> {
    let form = text.len() == 16 && text.get(8..9) == Some("T") && text.ends_with('Z');
    let number = |from: usize, to: usize| -> Option<u64> {
        let digits = text.get(from..to)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    form.then_some(())?;
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    let (hour, minute, second) = (number(9, 11)?, number(11, 13)?, number(13, 15)?);
    let good = year >= 1970 && (1..=12).contains(&month) && (1..=31).contains(&day);
    good.then_some(days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Unix seconds of now.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Days since 1970. A year is taken to begin in March, so that the leap day is its last.
const fn days(year: u64, month: u64, day: u64) -> u64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_years = 365 * year + year / 4 - year / 100 + year / 400;
    // 719468: days from the first of March of the year 0 to 1970.
    of_years + (153 * month + 2) / 5 + day - 1 - 719_468
}
