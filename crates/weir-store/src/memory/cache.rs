//! Answers in memory, least recently used ones given up first (spec: data-plane 5).
//!
//! Keys are spread over shards with a lock each, so that calls on several cores do not queue for
//! one; the budget is one for all of them, because a share of it for each shard would leave no
//! room for a large answer. Bytes are taken from the [`Budget`] before an answer goes into a shard
//! and given back after it was dropped, so the count may be ahead of what is held, never behind.
//!
//! No lock is held while another is taken, nor while an answer is dropped.
//!
//! Why not a library: `docs/decisions/0012-response-cache.md`.

mod budget;
mod shard;

use std::sync::Arc;

use async_trait::async_trait;
use weir_core::Timestamp;
use weir_core::cache::{CacheKey, CacheSize, CachedAnswer, ResponseCache};

use self::budget::Budget;
use self::shard::Shard;

/// Parts with a lock of their own: enough that many cores seldom meet at one, few enough that the
/// oldest answer of all is found by looking at each.
const SHARDS: usize = 16;

/// [`ResponseCache`] in memory.
///
/// `body` is kept as it is given: a slice would keep its whole buffer alive, beyond what is
/// counted, so callers hand over an exact copy.
///
/// An answer that expired and is not asked for again stays until it is the least recently used.
pub(crate) struct MemoryCache {
    shards: [Shard; SHARDS],
    budget: Budget,
}

impl MemoryCache {
    /// An empty cache of at most so many bytes of [`CachedAnswer::weight`]; none keeps nothing.
    pub(crate) fn new(bytes: u64) -> Self {
        Self { shards: std::array::from_fn(|_| Shard::default()), budget: Budget::new(bytes) }
    }

    /// [`ResponseCache::get`], which has nothing to wait for here.
    pub(crate) fn find(&self, key: &CacheKey, now: Timestamp) -> Option<Arc<CachedAnswer>> {
        let answer = self.shard(key).get(key, now)?;
        if now < answer.expires_at {
            return Some(answer);
        }
        // By identity: somebody may have put a fresh one there since.
        if let Some(expired) = self.shard(key).remove_same(key, &answer) {
            drop(answer);
            self.release(expired);
        }
        None
    }

    /// Keeps an answer that was last asked for at `used`, if it is no heavier than the budget.
    pub(crate) fn keep(&self, key: CacheKey, answer: Arc<CachedAnswer>, used: Timestamp) {
        self.forget(&key);
        if !self.make_room(weight(&answer)) {
            return;
        }
        if let Some(displaced) = self.shard(&key).insert(key, answer, used) {
            self.release(displaced);
        }
    }

    /// Drops the answer of a key.
    pub(crate) fn forget(&self, key: &CacheKey) {
        if let Some(answer) = self.shard(key).remove(key) {
            self.release(answer);
        }
    }

    /// The most that all answers together may weigh, in bytes.
    pub(crate) fn budget(&self) -> u64 {
        self.budget.most()
    }

    /// Takes bytes from the budget, dropping answers until there are that many. `false` when there
    /// never can be, or when all of it is taken for answers that are just on their way in.
    fn make_room(&self, weight: u64) -> bool {
        if weight > self.budget.most() {
            return false;
        }
        while !self.budget.take(weight) {
            let Some(oldest) = self.shards.iter().min_by_key(|shard| shard.oldest()) else {
                return false;
            };
            match oldest.pop_oldest() {
                Some(answer) => self.release(answer),
                // Somebody else was faster; what it says of itself has changed by now.
                None if self.shards.iter().any(|shard| !shard.is_empty()) => {}
                None => return false,
            }
        }
        true
    }

    fn release(&self, answer: Arc<CachedAnswer>) {
        let weight = weight(&answer);
        drop(answer);
        self.budget.give_back(weight);
    }

    fn shard(&self, key: &CacheKey) -> &Shard {
        // Keys are hashes, so any byte of theirs is evenly spread.
        &self.shards[usize::from(key.0[0]) % SHARDS]
    }
}

#[async_trait]
impl ResponseCache for MemoryCache {
    async fn get(&self, key: &CacheKey, now: Timestamp) -> Option<Arc<CachedAnswer>> {
        self.find(key, now)
    }

    fn put(&self, key: CacheKey, answer: CachedAnswer) {
        let stored_at = answer.stored_at;
        self.keep(key, Arc::new(answer), stored_at);
    }

    fn remove(&self, key: &CacheKey) {
        self.forget(key);
    }

    fn size(&self) -> CacheSize {
        CacheSize {
            entries: self.shards.iter().map(|shard| shard.len() as u64).sum(),
            bytes: self.budget.taken(),
            budget: self.budget.most(),
        }
    }
}

fn weight(answer: &CachedAnswer) -> u64 {
    answer.weight() as u64
}

#[cfg(test)]
mod tests;
