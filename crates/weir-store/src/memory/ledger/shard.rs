//! Some of the buckets, under one lock.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::bucket::Bucket;
use super::slot::Slot;
use crate::memory::table::shrink;

/// Least milliseconds between two searches for room, because each looks at every bucket.
const SEARCH_EVERY: u64 = 1000;

/// Buckets, and which of them are to be written.
#[derive(Default)]
pub(super) struct Shard {
    buckets: HashMap<Slot, Bucket, RandomState>,
    /// Those that are marked, each once.
    dirty: Vec<Slot>,
    /// When room was last looked for.
    searched: Option<u64>,
}

impl Shard {
    /// `slot`, if it is there or there is room for it among `share`, else the shared one.
    pub(super) fn locate(&mut self, slot: Slot, limit: u64, share: usize, now: u64) -> Slot {
        if self.buckets.len() < share || self.buckets.contains_key(&slot) {
            return slot;
        }
        if self.searched.is_none_or(|at| now.abs_diff(at) >= SEARCH_EVERY) {
            self.searched = Some(now);
            self.sweep(now);
        }
        if self.buckets.len() < share { slot } else { slot.shared(limit) }
    }

    /// What a bucket holds at `now`; one that is not there, nothing. Time passes over it even if
    /// nothing is taken: one whose clock was wrong must not stay as it is for as long as it refuses.
    pub(super) fn look(&mut self, slot: Slot, now: u64) -> Bucket {
        match self.buckets.get_mut(&slot) {
            Some(bucket) => {
                *bucket = bucket.rolled(slot, now);
                *bucket
            }
            None => Bucket::beginning(slot, now),
        }
    }

    /// Changes a bucket, making it if need be. What `change` calls true for is marked to be written.
    pub(super) fn change(
        &mut self,
        slot: Slot,
        now: u64,
        change: impl FnOnce(&mut Bucket) -> bool,
    ) {
        let bucket = self.buckets.entry(slot).or_insert_with(|| Bucket::beginning(slot, now));
        *bucket = bucket.rolled(slot, now);
        if change(bucket) && !bucket.dirty {
            bucket.dirty = true;
            self.dirty.push(slot);
        }
    }

    /// Puts in what was stored.
    pub(super) fn put(&mut self, slot: Slot, bucket: Bucket) {
        self.buckets.insert(slot, bucket);
    }

    /// Gives back what was set apart.
    pub(super) fn give_back(&mut self, slot: Slot, amount: u64) {
        if let Some(bucket) = self.buckets.get_mut(&slot) {
            bucket.reserved = bucket.reserved.saturating_sub(amount);
        }
    }

    /// Takes what is to be written into `changed`; it counts as written.
    pub(super) fn take_dirty(&mut self, changed: &mut Vec<(Slot, Bucket)>) {
        for slot in self.dirty.drain(..) {
            if let Some(bucket) = self.buckets.get_mut(&slot) {
                bucket.dirty = false;
                changed.push((slot, *bucket));
            }
        }
        if self.dirty.capacity() > 4096 {
            self.dirty.shrink_to(1024);
        }
    }

    /// Marks a bucket that could not be written.
    pub(super) fn mark(&mut self, slot: Slot, bucket: Bucket) {
        // It may be forgotten meanwhile, and the file still has what it was before.
        let bucket = self.buckets.entry(slot).or_insert(bucket);
        if !bucket.dirty {
            bucket.dirty = true;
            self.dirty.push(slot);
        }
    }

    /// Forgets buckets that stand at nothing.
    pub(super) fn sweep(&mut self, now: u64) {
        self.buckets.retain(|slot, bucket| !bucket.is_idle(*slot, now));
        shrink(&mut self.buckets);
    }

    pub(super) fn held(&self) -> usize {
        self.buckets.len()
    }

    pub(super) fn unwritten(&self) -> usize {
        self.dirty.len()
    }
}
