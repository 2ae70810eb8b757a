//! Bytes that may be taken, and are given back.

use std::sync::atomic::{AtomicU64, Ordering};

/// A count that never exceeds its limit, whoever takes from it at the same time.
pub(super) struct Budget {
    taken: AtomicU64,
    most: u64,
}

impl Budget {
    pub(super) fn new(most: u64) -> Self {
        Self { taken: AtomicU64::new(0), most }
    }

    /// Takes all of `bytes`, or nothing.
    pub(super) fn take(&self, bytes: u64) -> bool {
        let more = |taken: u64| taken.checked_add(bytes).filter(|sum| *sum <= self.most);
        // The counter guards no other memory; that is what the locks of the shards do.
        self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    pub(super) fn give_back(&self, bytes: u64) {
        self.taken.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(super) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    pub(super) fn most(&self) -> u64 {
        self.most
    }
}
