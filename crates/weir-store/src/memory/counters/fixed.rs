//! Windows that follow each other by the clock.

use super::span::{Span, adjusted};

/// What was used in the latest window.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fixed {
    /// Which window.
    index: u64,
    used: u64,
}

impl Fixed {
    /// Moves on to the window of `now`. One window behind is a clock that was set back a little:
    /// the later window stays.
    pub(super) const fn roll(&mut self, span: Span, now: u64) {
        let index = span.index(now);
        if index > self.index || index.saturating_add(1) < self.index {
            *self = Self { index, used: 0 };
        }
    }

    pub(super) const fn used(&self) -> u64 {
        self.used
    }

    pub(super) const fn add(&mut self, amount: u64) {
        self.used = self.used.saturating_add(amount);
    }

    /// Corrects what was drawn at `at`, if that is in this window.
    pub(super) const fn correct(&mut self, span: Span, at: u64, difference: i64) {
        if span.index(at) == self.index {
            self.used = adjusted(self.used, difference);
        }
    }

    pub(super) const fn ends(&self, span: Span) -> u64 {
        span.start(self.index.saturating_add(1))
    }
}
