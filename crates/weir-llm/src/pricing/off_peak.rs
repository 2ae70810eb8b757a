//! Hours in which a model costs less (spec: providers 7).

use weir_core::Timestamp;

use super::rates::Rates;

/// Rates that hold in some hours of the week.
#[derive(Clone, Debug)]
pub(super) struct OffPeak {
    pub(super) rates: Rates,
    pub(super) windows: Vec<Window>,
}

/// Hours of some days of the week.
#[derive(Clone, Debug)]
pub(super) struct Window {
    /// Monday is the lowest bit.
    pub(super) weekdays: u8,
    /// Minutes of the day in UTC; the end is not in it.
    pub(super) spans: Vec<(u16, u16)>,
    /// Where days begin that many hours before they do in UTC.
    pub(super) weekday_offset_hours: i8,
}

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

impl OffPeak {
    /// Whether its rates hold then.
    pub(super) fn covers(&self, at: Timestamp) -> bool {
        self.windows.iter().any(|window| window.covers(at.as_millis()))
    }
}

impl Window {
    fn covers(&self, millis: i64) -> bool {
        let local = millis + i64::from(self.weekday_offset_hours) * 60 * MINUTE;
        // The first of January 1970 was a Thursday.
        let weekday = (local.div_euclid(DAY) + 3).rem_euclid(7);
        let minute = millis.rem_euclid(DAY) / MINUTE;
        self.weekdays & (1 << weekday) != 0
            && self
                .spans
                .iter()
                .any(|(from, until)| (i64::from(*from)..i64::from(*until)).contains(&minute))
    }
}

/// Reads `HH:MM-HH:MM`; midnight at the end is the end of the day.
pub(super) fn span(text: &str) -> Option<(u16, u16)> {
    let (from, until) = text.split_once('-')?;
    let minutes = |text: &str| -> Option<u16> {
        let (hours, minutes) = text.split_once(':')?;
        let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
        (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
    };
    let (from, until) = (minutes(from)?, minutes(until)?);
    let until = if until == 0 { 24 * 60 } else { until };
    (from < until).then_some((from, until))
}

#[cfg(test)]
mod tests;
