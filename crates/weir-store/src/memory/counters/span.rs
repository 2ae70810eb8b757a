//! Windows in milliseconds since 1970.

use weir_core::route::Technique;

pub(super) use crate::memory::time::{millis, timestamp};

/// A window's length and kind. Arithmetic does not overflow: times before 1970 count as 1970, and
/// what lies beyond all of time is its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    /// Its length in milliseconds, above zero.
    pub(super) millis: u64,
    pub(super) technique: Technique,
}

impl Span {
    /// Which of the windows that are aligned to 1970 holds a moment.
    pub(super) const fn index(self, at: u64) -> u64 {
        at / self.millis
    }

    /// When an aligned window begins.
    pub(super) const fn start(self, index: u64) -> u64 {
        index.saturating_mul(self.millis)
    }
}

/// `used` and a difference to it, within what can be counted.
pub(super) const fn adjusted(used: u64, difference: i64) -> u64 {
    used.saturating_add_signed(difference)
}
