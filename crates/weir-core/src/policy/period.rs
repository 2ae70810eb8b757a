//! Periods of budgets: hours, days, weeks and months of the calendar in UTC (spec: data-plane
//! 10.3).

use jiff::Timestamp as Moment;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::clock::Timestamp;

/// How long a budget lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// From each full hour.
    Hourly,
    /// From 00:00.
    Daily,
    /// From Monday, 00:00.
    Weekly,
    /// From the first of the month, 00:00.
    Monthly,
}

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;
/// 1970 began on a Thursday; three days before was a Monday.
const MONDAY: i64 = 3 * DAY;

impl Period {
    /// The published words.
    pub const NAMES: [(&str, Self); 4] = [
        ("hourly", Self::Hourly),
        ("daily", Self::Daily),
        ("weekly", Self::Weekly),
        ("monthly", Self::Monthly),
    ];

    /// The published word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hourly => "hourly",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }

    /// Beginning and end of the period that `now` lies in; the end belongs to the next one.
    pub fn around(self, now: Timestamp) -> (Timestamp, Timestamp) {
        let fixed = |length: i64, shift: i64| {
            let since = (now.as_millis() + shift).rem_euclid(length);
            let start = now.as_millis() - since;
            (Timestamp::from_millis(start), Timestamp::from_millis(start + length))
        };
        match self {
            Self::Hourly => fixed(HOUR, 0),
            Self::Daily => fixed(DAY, 0),
            Self::Weekly => fixed(WEEK, MONDAY),
            // The calendar of the library ends in the year 9999; what is beyond has days instead.
            Self::Monthly => month(now).unwrap_or_else(|| fixed(DAY, 0)),
        }
    }
}

fn month(now: Timestamp) -> Option<(Timestamp, Timestamp)> {
    let at = Moment::from_millisecond(now.as_millis()).ok()?;
    let first = at.to_zoned(TimeZone::UTC).date().first_of_month();
    let next = first.last_of_month().tomorrow().ok()?;
    let midnight = |date: Date| {
        let at = date.to_zoned(TimeZone::UTC).ok()?.timestamp();
        Some(Timestamp::from_millis(at.as_millisecond()))
    };
    Some((midnight(first)?, midnight(next)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_follow_the_calendar_in_utc() {
        let cases = [
            (Period::Hourly, "2026-11-21T13:59:59.999Z", "2026-11-21T13:00", "2026-11-21T14:00"),
            (Period::Daily, "2026-11-21T00:00:00.000Z", "2026-11-21T00:00", "2026-11-22T00:00"),
            (Period::Weekly, "2026-11-21T13:00:00Z", "2026-11-16T00:00", "2026-11-23T00:00"),
            (Period::Weekly, "2026-11-16T00:00:00Z", "2026-11-16T00:00", "2026-11-23T00:00"),
            (Period::Weekly, "2026-11-15T23:59:59.999Z", "2026-11-09T00:00", "2026-11-16T00:00"),
            (Period::Monthly, "2028-02-29T12:00:00Z", "2028-02-01T00:00", "2028-03-01T00:00"),
            (Period::Monthly, "2026-12-31T23:59:59Z", "2026-12-01T00:00", "2027-01-01T00:00"),
            (Period::Monthly, "1969-12-31T23:59:59Z", "1969-12-01T00:00", "1970-01-01T00:00"),
        ];
        for (period, now, start, end) in cases {
            let at = |text: &str| Timestamp::parse(&format!("{text}:00Z")).unwrap();
            let now = Timestamp::parse(now).unwrap();
            assert_eq!(period.around(now), (at(start), at(end)), "{period:?} {now}");
        }
    }
}
