//! What the clients of one cell count together.

use std::cell::{Cell, RefCell};
use std::time::Duration;

/// Counters shared by the tasks of one thread. Nothing counts until measuring begins.
#[derive(Default)]
pub(crate) struct Tally {
    measuring: Cell<bool>,
    /// Requests answered, or chunks received.
    units: Cell<u64>,
    errors: Cell<u64>,
    /// Microseconds.
    times: RefCell<Vec<u32>>,
}

impl Tally {
    /// Begins or ends the measured time.
    pub(crate) fn measure(&self, on: bool) {
        self.measuring.set(on);
    }

    pub(crate) fn add_units(&self, count: u64) {
        if self.measuring.get() {
            self.units.set(self.units.get() + count);
        }
    }

    pub(crate) fn add_time(&self, time: Duration) {
        if self.measuring.get() {
            self.times.borrow_mut().push(u32::try_from(time.as_micros()).unwrap_or(u32::MAX));
        }
    }

    /// Errors count while warming up too: a target that fails then is not worth measuring.
    pub(crate) fn add_error(&self) {
        self.errors.set(self.errors.get() + 1);
    }

    pub(crate) fn units(&self) -> u64 {
        self.units.get()
    }

    pub(crate) fn errors(&self) -> u64 {
        self.errors.get()
    }

    /// The time that `part` (0 to 1) of all times do not exceed, in microseconds.
    pub(crate) fn percentile(&self, part: f64) -> Option<f64> {
        let mut times = self.times.borrow_mut();
        times.sort_unstable();
        let last = times.len().checked_sub(1)?;
        times.get((last as f64 * part).round() as usize).map(|time| f64::from(*time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_measured_time_counts() {
        let tally = Tally::default();
        tally.add_units(1);
        tally.add_time(Duration::from_secs(9));
        assert_eq!((tally.units(), tally.percentile(0.5)), (0, None));
        tally.measure(true);
        tally.add_units(2);
        for time in (1..=101).rev() {
            tally.add_time(Duration::from_micros(time));
        }
        tally.measure(false);
        tally.add_units(4);
        assert_eq!(tally.units(), 2);
        assert_eq!((tally.percentile(0.5), tally.percentile(0.99)), (Some(51.0), Some(100.0)));
    }
}
