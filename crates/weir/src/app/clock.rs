//! The clock that calls go by.

use std::path::PathBuf;
use std::sync::Arc;

use weir_core::clock::{Clock, SystemClock, Timestamp};

use crate::config::Testing;

/// The machine's clock, or the one of a test.
pub(super) fn of(testing: &Testing) -> Arc<dyn Clock> {
    match &testing.clock_file {
        None => Arc::new(SystemClock),
        Some(file) => Arc::new(ShiftedClock { file: file.clone() }),
    }
}

/// The machine's clock, shifted by the milliseconds that a file holds. The file is read each time,
/// so that a test moves the clock by writing it.
#[derive(Debug)]
struct ShiftedClock {
    file: PathBuf,
}

impl ShiftedClock {
    /// Milliseconds; 0 while there is no file or nothing in it.
    fn shift(&self) -> i64 {
        let text = std::fs::read_to_string(&self.file).unwrap_or_default();
        match text.trim() {
            "" => 0,
            number => number.parse().unwrap_or_else(|_| {
                let file = self.file.display();
                tracing::warn!(%file, "the test clock's file does not hold a number: no shift");
                0
            }),
        }
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(SystemClock.now().as_millis().saturating_add(self.shift()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How far ahead of the machine's clock it is, in whole minutes.
    fn minutes_ahead(clock: &dyn Clock) -> i64 {
        (clock.now().as_millis() - SystemClock.now().as_millis() + 30_000).div_euclid(60_000)
    }

    #[test]
    fn a_clock_with_a_file_is_shifted_by_what_it_holds() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("clock");
        let clock = of(&Testing { clock_file: Some(file.clone()), seed: None });
        assert_eq!(minutes_ahead(clock.as_ref()), 0);
        for (text, minutes) in [("3600000", 60), ("-600000\n", -10), ("", 0), ("soon", 0)] {
            std::fs::write(&file, text).unwrap();
            assert_eq!(minutes_ahead(clock.as_ref()), minutes, "{text:?}");
        }
        assert_eq!(minutes_ahead(of(&Testing::default()).as_ref()), 0);
    }
}
