//! A part of the cache: its answers in the order in which they were last used, behind one lock.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use foldhash::fast::RandomState;
use hashlink::LinkedHashMap;
use weir_core::Timestamp;
use weir_core::cache::{CacheKey, CachedAnswer};

/// Says that there is no answer.
const EMPTY: i64 = i64::MAX;

/// A table this small is not worth shrinking.
const SMALL: usize = 64;

pub(super) struct Shard {
    /// When its oldest answer was last used, readable without the lock.
    oldest: AtomicI64,
    /// Least recently used ones in front.
    slots: Mutex<Slots>,
}

type Slots = LinkedHashMap<CacheKey, Slot, RandomState>;

struct Slot {
    answer: Arc<CachedAnswer>,
    /// By the clock of whoever asks: it tells which shard has the oldest answer. A counter of our
    /// own would be one more thing that all cores write at each call.
    used: Timestamp,
}

impl Default for Shard {
    fn default() -> Self {
        let slots = LinkedHashMap::with_hasher(RandomState::default());
        Self { oldest: AtomicI64::new(EMPTY), slots: Mutex::new(slots) }
    }
}

impl Shard {
    /// The answer of a key, expired or not, which is the most recently used one now.
    pub(super) fn get(&self, key: &CacheKey, now: Timestamp) -> Option<Arc<CachedAnswer>> {
        self.with(|slots| {
            let slot = slots.to_back(key)?;
            slot.used = now;
            Some(Arc::clone(&slot.answer))
        })
    }

    /// Puts an answer in, and hands out the one that was there.
    pub(super) fn insert(
        &self,
        key: CacheKey,
        answer: Arc<CachedAnswer>,
        used: Timestamp,
    ) -> Option<Arc<CachedAnswer>> {
        self.with(|slots| slots.insert(key, Slot { answer, used })).map(|slot| slot.answer)
    }

    pub(super) fn remove(&self, key: &CacheKey) -> Option<Arc<CachedAnswer>> {
        self.with(|slots| {
            let slot = slots.remove(key);
            shrink(slots);
            slot
        })
        .map(|slot| slot.answer)
    }

    /// Takes out the answer of a key if it is this very one.
    pub(super) fn remove_same(
        &self,
        key: &CacheKey,
        answer: &Arc<CachedAnswer>,
    ) -> Option<Arc<CachedAnswer>> {
        self.with(|slots| {
            let same = slots.get(key).is_some_and(|slot| Arc::ptr_eq(&slot.answer, answer));
            if same { slots.remove(key) } else { None }
        })
        .map(|slot| slot.answer)
    }

    /// Takes out the least recently used answer.
    pub(super) fn pop_oldest(&self) -> Option<Arc<CachedAnswer>> {
        self.with(|slots| {
            let oldest = slots.pop_front();
            shrink(slots);
            oldest
        })
        .map(|(_, slot)| slot.answer)
    }

    /// When the least recently used answer was used; later than any moment when there is none.
    pub(super) fn oldest(&self) -> i64 {
        self.oldest.load(Ordering::Relaxed)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.oldest() == EMPTY
    }

    pub(super) fn len(&self) -> usize {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn with<T>(&self, work: impl FnOnce(&mut Slots) -> T) -> T {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let output = work(&mut slots);
        let oldest = slots.front().map_or(EMPTY, |(_, slot)| slot.used.as_millis());
        self.oldest.store(oldest, Ordering::Relaxed);
        output
    }
}

/// Gives back the memory of many small answers that made room for few large ones: it is counted
/// with the answers, so it must go with them.
fn shrink(slots: &mut Slots) {
    if slots.capacity() > SMALL && slots.len() < slots.capacity() / 4 {
        slots.shrink_to_fit();
    }
}
