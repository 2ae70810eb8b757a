//! The exact sliding window: every use, until it is a window old.

use std::collections::VecDeque;

use super::span::{Span, adjusted};

/// What was used in one millisecond.
#[derive(Clone, Copy, Debug)]
struct Use {
    at: u64,
    amount: u64,
}

/// Uses from the oldest to the newest. As many as the limit at most, because each is at least one.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    uses: VecDeque<Use>,
    /// The sum of all amounts.
    used: u64,
    /// The latest moment seen.
    now: u64,
}

impl Log {
    /// A log in which nothing is used at this moment.
    pub(super) fn beginning(now: u64) -> Self {
        Self { now, ..Self::default() }
    }

    /// Moves on to `now`; returns the moment that counts as the present. Less than a window behind is
    /// a clock that was set back a little.
    pub(super) fn roll(&mut self, span: Span, now: u64) -> u64 {
        if self.now > now.saturating_add(span.millis) {
            *self = Self::default();
        }
        self.now = self.now.max(now);
        while let Some(oldest) = self.uses.front()
            && oldest.at.saturating_add(span.millis) <= self.now
        {
            self.used = self.used.saturating_sub(oldest.amount);
            self.uses.pop_front();
        }
        if self.uses.capacity() > 16 && self.uses.len() < self.uses.capacity() / 4 {
            self.uses.shrink_to(self.uses.len() * 2);
        }
        self.now
    }

    pub(super) const fn used(&self) -> u64 {
        self.used
    }

    /// Adds at the present moment.
    pub(super) fn add(&mut self, amount: u64) {
        let at = self.now;
        if amount == 0 {
            return;
        }
        self.used = self.used.saturating_add(amount);
        match self.uses.back_mut() {
            Some(newest) if newest.at == at => newest.amount = newest.amount.saturating_add(amount),
            _ => self.reserve_and_push(Use { at, amount }),
        }
    }

    /// Most counters see a few calls in a window, so memory grows in small steps at first.
    fn reserve_and_push(&mut self, newest: Use) {
        if self.uses.len() == self.uses.capacity() && self.uses.len() < 16 {
            self.uses.reserve_exact(self.uses.len().max(2));
        }
        self.uses.push_back(newest);
    }

    /// Corrects what was drawn at `at`, if that still counts. A draw whose clock was behind stands
    /// at the latest time seen then, so the first use from `at` on is the one.
    pub(super) fn correct(&mut self, span: Span, at: u64, difference: i64) {
        if at.saturating_add(span.millis) <= self.now {
            return;
        }
        let place = self.uses.partition_point(|one| one.at < at);
        match self.uses.get_mut(place) {
            Some(one) if difference < 0 || one.at == at => {
                let before = one.amount;
                one.amount = adjusted(before, difference);
                self.used = self.used.saturating_sub(before).saturating_add(one.amount);
                if one.amount == 0 {
                    self.uses.remove(place);
                }
            }
            _ if difference > 0 => {
                let amount = difference.unsigned_abs();
                self.uses.insert(place, Use { at, amount });
                self.used = self.used.saturating_add(amount);
            }
            _ => {}
        }
    }

    /// When the oldest use leaves.
    pub(super) fn oldest_leaves(&self, span: Span) -> Option<u64> {
        self.uses.front().map(|oldest| oldest.at.saturating_add(span.millis))
    }

    /// Every use, oldest first: moment and amount.
    pub(super) fn uses(&self) -> impl Iterator<Item = (u64, u64)> {
        self.uses.iter().map(|one| (one.at, one.amount))
    }
}
