//! When a price holds.

use weir_core::Timestamp;

/// A span of whole days in UTC; open where a side is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Validity {
    /// Its first moment.
    pub(super) from: Option<Timestamp>,
    /// The first moment after it.
    pub(super) until: Option<Timestamp>,
}

impl Validity {
    /// Whether the price holds then.
    pub(super) fn covers(self, moment: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= moment) && self.until.is_none_or(|until| moment < until)
    }
}

/// The first moment of a day, `YYYY-MM-DD`.
pub(super) fn day(text: &str) -> Option<Timestamp> {
    // Nothing but digits and dashes, so that no time of its own comes in.
    (text.len() == 10).then(|| Timestamp::parse(&format!("{text}T00:00:00Z")))?
}
