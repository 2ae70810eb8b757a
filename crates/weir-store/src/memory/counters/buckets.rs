//! The sliding window for large amounts: two aligned windows, of which the earlier one counts by how
//! much of it the sliding one still covers (spec: data-plane 6).

use super::log::Log;
use super::span::{Span, adjusted};

/// What was used in the latest aligned window, and in the one before.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Buckets {
    /// Which window the latest one is.
    index: u64,
    previous: u64,
    current: u64,
}

impl Buckets {
    /// What a log holds, less exactly. `now` is its present.
    pub(super) fn from_log(log: &Log, span: Span, now: u64) -> Self {
        let mut buckets = Self { index: span.index(now), ..Self::default() };
        for (at, amount) in log.uses() {
            buckets.put(span, at, |used| used.saturating_add(amount));
        }
        buckets
    }

    /// Moves on to `now`; returns the moment that counts as the present.
    pub(super) fn roll(&mut self, span: Span, now: u64) -> u64 {
        let index = span.index(now);
        if index == self.index.saturating_add(1) {
            *self = Self { index, previous: self.current, current: 0 };
        } else if index > self.index || index.saturating_add(1) < self.index {
            *self = Self { index, ..Self::default() };
        }
        now.max(span.start(self.index))
    }

    /// The approximation, rounded up. `now` is the present.
    pub(super) fn used(&self, span: Span, now: u64) -> u64 {
        let elapsed = now.saturating_sub(span.start(self.index)).min(span.millis);
        let covered = u128::from(span.millis - elapsed);
        let carried = (u128::from(self.previous) * covered).div_ceil(u128::from(span.millis));
        u64::try_from(carried).unwrap_or(u64::MAX).saturating_add(self.current)
    }

    pub(super) const fn add(&mut self, amount: u64) {
        self.current = self.current.saturating_add(amount);
    }

    /// Corrects what was drawn at `at`, if either window holds that.
    pub(super) fn correct(&mut self, span: Span, at: u64, difference: i64) {
        self.put(span, at, |used| adjusted(used, difference));
    }

    fn put(&mut self, span: Span, at: u64, change: impl FnOnce(u64) -> u64) {
        let index = span.index(at);
        if index == self.index {
            self.current = change(self.current);
        } else if index.saturating_add(1) == self.index {
            self.previous = change(self.previous);
        }
    }

    /// The first moment at which `room` or less is used, if nothing more comes. `now` is the present.
    pub(super) fn falls_to(&self, span: Span, now: u64, room: u64) -> u64 {
        let start = span.start(self.index);
        let end = span.start(self.index.saturating_add(1));
        let at = if self.current <= room {
            start.saturating_add(decayed(self.previous, room - self.current, span))
        } else {
            end.saturating_add(decayed(self.current, room, span))
        };
        at.max(now)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.previous == 0 && self.current == 0
    }

    pub(super) const fn ends(&self, span: Span) -> u64 {
        span.start(self.index.saturating_add(1))
    }
}

/// Milliseconds into a window until `carried` counts as `room` or less.
fn decayed(carried: u64, room: u64, span: Span) -> u64 {
    if carried <= room {
        return 0;
    }
    let covered = u128::from(room) * u128::from(span.millis) / u128::from(carried);
    span.millis - u64::try_from(covered).unwrap_or(span.millis).min(span.millis)
}
