//! Months of the calendar in UTC.

use weir_core::Timestamp;
use weir_core::policy::Period;

/// Beginning and end of the month that a moment lies in; the end belongs to the next one.
pub(super) fn around(at: Timestamp) -> (Timestamp, Timestamp) {
    Period::Monthly.around(at)
}

/// Beginning and end of a month such as `2026-11`.
pub(super) fn named(text: &str) -> Option<(Timestamp, Timestamp)> {
    let digits =
        |part: &str, count| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
    let (year, month) = text.split_once('-')?;
    if !digits(year, 4) || !digits(month, 2) {
        return None;
    }
    Timestamp::parse(&format!("{text}-01T00:00:00Z")).map(around)
}

/// Says whether a text names a month.
pub(super) fn check(text: &str) -> Result<(), &'static str> {
    named(text).map(drop).ok_or("must be a month such as 2026-11")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_ends_where_the_next_begins() {
        for (name, start, end) in [
            ("2026-11", "2026-11-01T00:00:00.000Z", "2026-12-01T00:00:00.000Z"),
            ("2026-12", "2026-12-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"),
            ("2028-02", "2028-02-01T00:00:00.000Z", "2028-03-01T00:00:00.000Z"),
        ] {
            let (from, to) = named(name).unwrap();
            assert_eq!((from.to_string().as_str(), to.to_string().as_str()), (start, end));
            assert_eq!(around(from), (from, to));
        }
        for bad in ["2026", "2026-13", "2026-1", "26-11", "2026-11-01", "+026-11", ""] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
