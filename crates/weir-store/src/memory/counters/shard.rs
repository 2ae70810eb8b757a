//! Some of the counters, under one lock.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use foldhash::fast::RandomState;
use weir_core::Timestamp;
use weir_core::counters::{CounterKey, Draw, Drawn, Level, Window};
use weir_core::route::Technique;

use super::span::{Span, millis, timestamp};
use super::state::State;
use crate::memory::table::shrink;

/// Least milliseconds between two searches for room, because each looks at every counter.
const SEARCH_EVERY: u64 = 1000;

/// Longest window, in seconds: all of time.
const LONGEST: u64 = u64::MAX / 1000;

/// Names a counter. A key that is drawn from over another window is another counter, so that a
/// changed limit does not misread what was counted before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Slot {
    key: [u8; 16],
    /// Its seconds times two, and one more if it slides.
    window: u64,
}

impl Slot {
    pub(super) const fn new(key: CounterKey, window: Window) -> Self {
        let slides = matches!(window.technique, Technique::Sliding) as u64;
        let seconds = if window.seconds > LONGEST { LONGEST } else { window.seconds };
        Self { key: key.0, window: seconds * 2 + slides }
    }

    /// The one that keys share which have none of their own. Apart from them all: theirs are hashes.
    fn shared(self, limit: u64) -> Self {
        let mut key = [0; 16];
        key[..8].copy_from_slice(&limit.to_le_bytes());
        Self { key, window: self.window }
    }

    /// A window of no length counts as one of a millisecond.
    const fn span(self) -> Span {
        let technique = if self.window & 1 == 1 { Technique::Sliding } else { Technique::Fixed };
        let millis = (self.window >> 1).saturating_mul(1000);
        Span { millis: if millis == 0 { 1 } else { millis }, technique }
    }
}

/// Counters and taken slots.
#[derive(Default)]
pub(super) struct Shard {
    counters: HashMap<Slot, State, RandomState>,
    /// Slots that are taken, where there are any: at most one entry for each call under way.
    inside: HashMap<CounterKey, u64, RandomState>,
    /// When room was last looked for.
    searched: Option<u64>,
}

impl Shard {
    /// `slot`, if it is there or there is room for it among `share`, else the shared one.
    pub(super) fn slot_for(
        &mut self,
        slot: Slot,
        limit: u64,
        share: usize,
        now: Timestamp,
    ) -> Slot {
        if self.counters.len() < share || self.counters.contains_key(&slot) {
            return slot;
        }
        let millis = millis(now);
        if self.searched.is_none_or(|at| millis.abs_diff(at) >= SEARCH_EVERY) {
            self.searched = Some(millis);
            self.sweep(now);
        }
        if self.counters.len() < share { slot } else { slot.shared(limit) }
    }

    pub(super) fn draw(&mut self, slot: Slot, draw: &Draw, now: Timestamp) -> Drawn {
        let span = slot.span();
        let state = self.counters.entry(slot).or_insert_with(|| State::new(span, draw.limit));
        state.draw(span, draw, millis(now))
    }

    pub(super) fn correct(
        &mut self,
        slot: Slot,
        draw: &Draw,
        difference: i64,
        drawn_at: Timestamp,
        now: Timestamp,
    ) {
        let span = slot.span();
        let state = match self.counters.entry(slot) {
            Entry::Occupied(there) => there.into_mut(),
            Entry::Vacant(room) if difference > 0 => room.insert(State::new(span, draw.limit)),
            Entry::Vacant(_) => return,
        };
        state.correct(span, millis(drawn_at), millis(now), difference);
    }

    pub(super) fn level(&mut self, slot: Slot, now: Timestamp) -> Level {
        let span = slot.span();
        let now = millis(now);
        match self.counters.get_mut(&slot) {
            Some(state) => state.level(span, now),
            None if span.technique == Technique::Sliding => {
                Level { used: 0, resets_at: timestamp(now) }
            }
            None => {
                let ends = span.start(span.index(now).saturating_add(1));
                Level { used: 0, resets_at: timestamp(ends) }
            }
        }
    }

    pub(super) fn enter(&mut self, key: CounterKey, limit: u64) -> Option<u64> {
        let taken = self.inside(&key);
        if taken >= limit {
            return None;
        }
        self.inside.insert(key, taken + 1);
        Some(taken + 1)
    }

    pub(super) fn leave(&mut self, key: &CounterKey) {
        match self.inside.get_mut(key) {
            Some(taken) if *taken > 1 => *taken -= 1,
            _ => drop(self.inside.remove(key)),
        }
    }

    pub(super) fn inside(&self, key: &CounterKey) -> u64 {
        self.inside.get(key).copied().unwrap_or(0)
    }

    /// Forgets counters that stand at nothing.
    pub(super) fn sweep(&mut self, now: Timestamp) {
        let now = millis(now);
        self.counters.retain(|slot, state| !state.is_idle(slot.span(), now));
        shrink(&mut self.counters);
        shrink(&mut self.inside);
    }

    pub(super) fn held(&self) -> usize {
        self.counters.len()
    }
}
