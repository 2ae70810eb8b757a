//! Counters of one process, in memory. They begin at nothing when it starts.

mod buckets;
mod fixed;
mod log;
mod shard;
mod span;
mod state;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use weir_core::Timestamp;
use weir_core::counters::{CounterKey, Counters, Draw, Drawn, Level, Window};

use self::shard::{Shard, Slot};
use super::table::locked;

/// Counters that are kept at most. One that holds a few requests takes some 200 bytes, so all of
/// them a few hundred megabytes.
const MOST: usize = 1_000_000;

/// Parts with a lock each, so that calls seldom meet.
const SHARDS: usize = 64;

/// [`Counters`] in the memory of one process.
///
/// Every part is guarded by a lock that is held for a few hundred instructions, never over an
/// await. A counter's own clock never goes back: a draw with an earlier time counts as one at the
/// latest time seen. Only a clock that is more than a window behind is believed, because then the
/// earlier time was the wrong one; the counter starts anew.
pub struct MemoryCounters {
    shards: Box<[Mutex<Shard>]>,
    /// Counters that each shard may hold.
    share: usize,
    /// Draws that found no room for a counter of their own.
    overflowed: AtomicU64,
}

impl Default for MemoryCounters {
    fn default() -> Self {
        Self::with_capacity(MOST)
    }
}

impl MemoryCounters {
    /// Holds about `most` counters. A key that comes when there is no room shares one counter with
    /// all such keys of the same limit and window in its shard: they get less than their limit
    /// together, never more.
    pub fn with_capacity(most: usize) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::new(Shard::default())).collect();
        Self { shards, share: most.div_ceil(SHARDS), overflowed: AtomicU64::new(0) }
    }

    /// Forgets counters that stand at nothing. To be called now and then.
    pub fn sweep(&self, now: Timestamp) {
        for shard in &self.shards {
            locked(shard).sweep(now);
        }
    }

    /// How many counters there are.
    pub fn held(&self) -> usize {
        self.shards.iter().map(|shard| locked(shard).held()).sum()
    }

    /// Draws so far that had to share a counter because there were too many.
    pub fn overflowed(&self) -> u64 {
        self.overflowed.load(Ordering::Relaxed)
    }

    fn shard(&self, key: &CounterKey) -> MutexGuard<'_, Shard> {
        let place = usize::from(key.0[0]) % self.shards.len();
        locked(&self.shards[place])
    }
}

#[async_trait]
impl Counters for MemoryCounters {
    async fn draw(&self, draw: &Draw, now: Timestamp) -> Drawn {
        let slot = Slot::new(draw.key, draw.window);
        let mut shard = self.shard(&draw.key);
        let found = shard.slot_for(slot, draw.limit, self.share, now);
        if found != slot {
            self.overflowed.fetch_add(1, Ordering::Relaxed);
        }
        shard.draw(found, draw, now)
    }

    async fn correct(&self, draw: &Draw, difference: i64, drawn_at: Timestamp, now: Timestamp) {
        let slot = Slot::new(draw.key, draw.window);
        let mut shard = self.shard(&draw.key);
        let found = shard.slot_for(slot, draw.limit, self.share, now);
        shard.correct(found, draw, difference, drawn_at, now);
    }

    async fn level(&self, key: &CounterKey, window: Window, now: Timestamp) -> Level {
        self.shard(key).level(Slot::new(*key, window), now)
    }

    async fn enter(&self, key: &CounterKey, limit: u64) -> Option<u64> {
        self.shard(key).enter(*key, limit)
    }

    fn leave(&self, key: &CounterKey) {
        self.shard(key).leave(key);
    }

    async fn inside(&self, key: &CounterKey) -> u64 {
        self.shard(key).inside(key)
    }
}

#[cfg(test)]
mod tests;
