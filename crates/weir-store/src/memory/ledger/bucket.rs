//! What one bucket holds, and how time passes over it.

use weir_core::ledger::{Claim, Standing};

use super::slot::{Length, Slot};
use crate::memory::time::timestamp;

/// What was spent in the latest span and in the one before, and what is set apart.
///
/// Its clock never goes back: an earlier moment counts as the beginning of the latest span seen.
/// Only a clock that is more than a span behind is believed, because then the earlier time was the
/// wrong one; what was spent comes along, so that a wrong clock lets nobody spend twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bucket {
    /// When the latest span began.
    pub(crate) start: u64,
    /// Spent in the span before it; counts for sliding windows alone.
    pub(crate) previous: u64,
    /// Spent in the latest span. Where time is measured, the moment of the first claim, or 0.
    pub(crate) current: u64,
    /// Set apart by open reservations, whatever the span.
    pub(super) reserved: u64,
    /// Changed since it was last written.
    pub(super) dirty: bool,
    /// Stays when it stands at nothing.
    pub(super) pinned: bool,
}

impl Bucket {
    /// One that stands at nothing.
    pub(super) fn beginning(slot: Slot, now: u64) -> Self {
        Self { start: slot.around(now).0, ..Self::default() }
    }

    /// The same at `now`.
    pub(super) fn rolled(self, slot: Slot, now: u64) -> Self {
        let (start, end) = slot.around(now);
        if start > self.start {
            let adjacent = slot.around(self.start).1 == start;
            let slides = matches!(slot.length(), Length::Sliding(_)) && adjacent;
            let previous = if slides { self.current } else { 0 };
            Self { start, previous, current: 0, ..self }
        } else if end < self.start {
            let current = if slot.is_elapsed() { self.current.min(now) } else { self.current };
            Self { start, current, ..self }
        } else {
            self
        }
    }

    /// What counts as spent. It must have been rolled to `now`.
    pub(super) fn spent(&self, slot: Slot, now: u64) -> u64 {
        if slot.is_elapsed() {
            return if self.current == 0 { 0 } else { now.saturating_sub(self.current) };
        }
        let Length::Sliding(length) = slot.length() else { return self.current };
        let elapsed = now.saturating_sub(self.start).min(length);
        let covered = u128::from(length - elapsed);
        let carried = (u128::from(self.previous) * covered).div_ceil(u128::from(length));
        u64::try_from(carried).unwrap_or(u64::MAX).saturating_add(self.current)
    }

    /// Begins the measured time, unless it has begun.
    pub(super) fn begin(&mut self, now: u64) -> bool {
        let begins = self.current == 0;
        if begins {
            self.current = now.max(1);
        }
        begins
    }

    /// What it stands at for a claim. It must have been rolled to `now`.
    pub(super) fn standing(&self, slot: Slot, claim: &Claim, now: u64) -> Standing {
        let spent = self.spent(slot, now);
        let resets_at = match slot.length() {
            Length::Forever => None,
            Length::Sliding(length) => Some(self.has_room_at(claim, spent, length, now)),
            Length::Fixed(_) | Length::Calendar(_) => Some(slot.around(self.start).1),
        };
        Standing { spent, reserved: self.reserved, resets_at: resets_at.map(timestamp) }
    }

    /// The first moment at which a sliding window has room for the claim, if nothing more is spent
    /// and nothing is given back; while it has some now, the end of the aligned window.
    fn has_room_at(&self, claim: &Claim, spent: u64, length: u64, now: u64) -> u64 {
        let end = self.start.saturating_add(length);
        let room = claim.limit.checked_sub(claim.amount.max(1));
        let Some(room) = room.and_then(|room| room.checked_sub(self.reserved)) else {
            // Not by waiting.
            return end.max(now);
        };
        if spent <= room {
            end
        } else if self.current <= room {
            let faded = faded(self.previous, room - self.current, length);
            self.start.saturating_add(faded).max(now)
        } else {
            end.saturating_add(faded(self.current, room, length))
        }
    }

    /// From when on it counts for nothing; `None` while it always does. Reservations aside.
    pub(crate) fn idle_at(&self, slot: Slot) -> Option<u64> {
        if self.previous == 0 && self.current == 0 {
            return Some(0);
        }
        match slot.length() {
            Length::Forever => None,
            Length::Sliding(length) => {
                let spans = if self.current == 0 { 1 } else { 2 };
                Some(self.start.saturating_add(length.saturating_mul(spans)))
            }
            Length::Fixed(_) | Length::Calendar(_) => Some(slot.around(self.start).1),
        }
    }

    /// Whether nothing is lost when it is forgotten.
    pub(super) fn is_idle(&self, slot: Slot, now: u64) -> bool {
        let free = self.reserved == 0 && !self.dirty && !self.pinned;
        free && self.idle_at(slot).is_some_and(|at| at <= now)
    }
}

/// Milliseconds into a window until `carried` counts as `room` or less.
fn faded(carried: u64, room: u64, length: u64) -> u64 {
    if carried <= room {
        return 0;
    }
    let covered = u128::from(room) * u128::from(length) / u128::from(carried);
    length - u64::try_from(covered).unwrap_or(length).min(length)
}
