//! What the file has, and what it is about to have: the one truth about which answer of a key is
//! the present one.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use foldhash::fast::RandomState;
use weir_core::Timestamp;
use weir_core::cache::CacheKey;

/// Keys with their places. It is as large as the file has rows (at most [`super::file::MOST_ROWS`])
/// and the queue jobs; an entry takes some 100 bytes.
#[derive(Default)]
pub(super) struct Index {
    inner: RwLock<Inner>,
}

#[derive(Default)]
struct Inner {
    places: HashMap<CacheKey, Place, RandomState>,
    /// Number of the latest answer, in this file or ever before in this process.
    latest: i64,
}

struct Place {
    number: i64,
    expires_at: Timestamp,
    written: bool,
}

impl Index {
    /// Number of the answer that the file has for a key, unless it has expired.
    pub(super) fn written(&self, key: &CacheKey, now: Timestamp) -> Option<i64> {
        let inner = self.read();
        let place = inner.places.get(key)?;
        (place.written && now < place.expires_at).then_some(place.number)
    }

    /// Notes an answer that is to be written. Gives its number, and whether there was another one
    /// before it.
    pub(super) fn announce(&self, key: CacheKey, expires_at: Timestamp) -> (i64, bool) {
        let mut inner = self.write();
        inner.latest += 1;
        let number = inner.latest;
        let before = inner.places.insert(key, Place { number, expires_at, written: false });
        (number, before.is_some())
    }

    /// Whether an answer is the present one of its key.
    pub(super) fn is_current(&self, key: &CacheKey, number: i64) -> bool {
        self.if_current(key, number, || {})
    }

    /// Does something while an answer is the present one of its key, and stays it.
    pub(super) fn if_current(&self, key: &CacheKey, number: i64, work: impl FnOnce()) -> bool {
        let inner = self.read();
        let current = inner.places.get(key).is_some_and(|place| place.number == number);
        if current {
            work();
        }
        current
    }

    /// The answer was written.
    pub(super) fn confirm(&self, key: &CacheKey, number: i64) {
        if let Some(place) = self.write().places.get_mut(key).filter(|at| at.number == number) {
            place.written = true;
        }
    }

    /// The answer is not, or no longer, to be had from the file.
    pub(super) fn cancel(&self, key: &CacheKey, number: i64) {
        let mut inner = self.write();
        if inner.places.get(key).is_some_and(|place| place.number == number) {
            inner.places.remove(key);
        }
    }

    /// Forgets a key; says whether it was known.
    pub(super) fn remove(&self, key: &CacheKey) -> bool {
        // Most keys are not here, and looking holds up nobody.
        self.read().places.contains_key(key) && self.write().places.remove(key).is_some()
    }

    /// Takes in a row of the file as it was found.
    pub(super) fn load(&self, key: CacheKey, number: i64, expires_at: Timestamp) {
        let mut inner = self.write();
        inner.latest = inner.latest.max(number);
        inner.places.insert(key, Place { number, expires_at, written: true });
    }

    /// Keys that are known.
    pub(super) fn len(&self) -> u64 {
        self.read().places.len() as u64
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        self.write().places = HashMap::default();
    }

    fn read(&self) -> RwLockReadGuard<'_, Inner> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Inner> {
        self.inner.write().unwrap_or_else(PoisonError::into_inner)
    }
}
