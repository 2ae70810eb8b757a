//! Reservations that are neither settled nor given back, and which of them a file knows.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use foldhash::fast::RandomState;

use super::slot::Slot;
use crate::memory::table::{locked, shrink};

/// Parts with a lock each.
const PARTS: usize = 16;

/// What a reservation set apart in one bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) slot: Slot,
    pub(crate) amount: u64,
}

/// Names a reservation in a file: who made it, and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Row {
    pub(crate) owner: i64,
    pub(crate) number: u64,
}

/// What a file does not know yet.
#[derive(Debug, Default)]
pub(crate) struct OpenChanges {
    pub(crate) opened: Vec<(Row, Arc<[Held]>)>,
    pub(crate) closed: Vec<Row>,
}

/// Open reservations by number.
pub(super) struct Open {
    parts: Box<[Mutex<Part>]>,
    next: AtomicU64,
    /// Who makes them, if they are written.
    owner: Option<i64>,
    /// Reservations of those who came before, and when their leases end; the first end again apart,
    /// so that nobody takes the lock for nothing.
    inherited: Mutex<Vec<(u64, u64)>>,
    first_end: AtomicU64,
}

#[derive(Default)]
struct Part {
    held: HashMap<u64, Entry, RandomState>,
    /// Not written yet. Most are settled before they would be, and leave no trace.
    fresh: HashSet<u64, RandomState>,
    /// Written, and closed since: as many at most as the file has rows.
    closed: Vec<Row>,
}

struct Entry {
    held: Arc<[Held]>,
    row: Option<Row>,
}

/// A reservation that is being closed: it is out of the table, and the file still has it.
pub(super) struct Closing {
    number: u64,
    pub(super) held: Arc<[Held]>,
    row: Option<Row>,
}

impl Open {
    pub(super) fn new(owner: Option<i64>) -> Self {
        Self {
            parts: (0..PARTS).map(|_| Mutex::default()).collect(),
            // 0 is the number of those that hold nothing.
            next: AtomicU64::new(1),
            owner,
            inherited: Mutex::default(),
            first_end: AtomicU64::new(u64::MAX),
        }
    }

    fn part(&self, number: u64) -> &Mutex<Part> {
        // Truncated on purpose: the lowest bits choose.
        &self.parts[(number % PARTS as u64) as usize]
    }

    /// Notes a reservation and gives its number.
    pub(super) fn add(&self, held: Arc<[Held]>) -> u64 {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let row = self.owner.map(|owner| Row { owner, number });
        let mut part = locked(self.part(number));
        part.held.insert(number, Entry { held, row });
        if row.is_some() {
            part.fresh.insert(number);
        }
        number
    }

    /// Notes one that a file has, of somebody who is gone.
    pub(super) fn inherit(&self, row: Row, held: Arc<[Held]>, lease_ends: u64) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        locked(self.part(number)).held.insert(number, Entry { held, row: Some(row) });
        locked(&self.inherited).push((lease_ends, number));
        self.first_end.fetch_min(lease_ends, Ordering::Relaxed);
    }

    /// Inherited ones whose lease is over, each once.
    pub(super) fn lapsed(&self, now: u64) -> Vec<u64> {
        if now < self.first_end.load(Ordering::Relaxed) {
            return Vec::new();
        }
        let mut inherited = locked(&self.inherited);
        let over = inherited.extract_if(.., |(ends, _)| *ends <= now);
        let numbers = over.map(|(_, number)| number).collect();
        let first = inherited.iter().map(|(ends, _)| *ends).min();
        self.first_end.store(first.unwrap_or(u64::MAX), Ordering::Relaxed);
        numbers
    }

    /// Begins to close a reservation. To be finished by [`Open::forget`] once what it came to is
    /// booked: then a file that no longer has it has what it came to.
    pub(super) fn take(&self, number: u64) -> Option<Closing> {
        let mut part = locked(self.part(number));
        let Entry { held, row } = part.held.remove(&number)?;
        Some(Closing { number, held, row })
    }

    pub(super) fn forget(&self, closing: &Closing) {
        let Some(row) = closing.row else { return };
        let mut part = locked(self.part(closing.number));
        if !part.fresh.remove(&closing.number) {
            part.closed.push(row);
        }
    }

    /// Takes what the file does not know.
    pub(super) fn take_changes(&self) -> OpenChanges {
        let mut changes = OpenChanges::default();
        for part in &self.parts {
            let mut part = locked(part);
            let part = &mut *part;
            for number in part.fresh.drain() {
                if let Some(Entry { held, row: Some(row) }) = part.held.get(&number) {
                    changes.opened.push((*row, Arc::clone(held)));
                }
            }
            changes.closed.append(&mut part.closed);
            shrink(&mut part.held);
        }
        changes
    }

    /// Puts back what could not be written.
    pub(super) fn put_back(&self, changes: OpenChanges) {
        for (row, _) in changes.opened {
            let mut part = locked(self.part(row.number));
            if part.held.contains_key(&row.number) {
                part.fresh.insert(row.number);
            }
        }
        let Some(first) = self.parts.first() else { return };
        // Which part says it does not matter.
        locked(first).closed.extend(changes.closed);
    }

    pub(super) fn count(&self) -> usize {
        self.parts.iter().map(|part| locked(part).held.len()).sum()
    }

    pub(super) fn unwritten(&self) -> usize {
        let of = |part: &Part| part.fresh.len() + part.closed.len();
        self.parts.iter().map(|part| of(&locked(part))).sum()
    }
}
