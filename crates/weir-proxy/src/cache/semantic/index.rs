//! Questions that have an answer in the cache, as vectors, to be searched for like ones.
//!
//! Questions lie in scopes: only those of one scope differ in nothing but their last question, and
//! are compared. Each scope is a list that is searched from end to end, in chunks that are shared
//! with whoever searches them, so that no search holds the lock. Chunks are what is given up when
//! room is needed, the oldest first.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use weir_core::Timestamp;
use weir_core::cache::CacheKey;

use super::vector::Direction;

/// Questions in a chunk at most: few enough that copying one while it is searched costs little.
const CHUNK: usize = 64;
/// Chunks of a scope at most: about 10,000 questions.
const CHUNKS: usize = 157;
/// Chunks between two pauses of a search: a slice of about 0.1 ms for long vectors.
const SLICE: usize = 8;
/// Questions that a search gives at most. Answers of the best ones may be gone.
const BEST: usize = 4;
/// Chunks that are looked at for expired ones at a time.
const SWEPT: usize = 1000;
/// Memory that a chunk takes beside its questions, with its places in scope and order, in bytes.
const OVERHEAD: usize = 384;

/// A question that was answered.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Where its answer lies.
    pub(crate) key: CacheKey,
    /// When its answer expires.
    pub(crate) expires_at: Timestamp,
    pub(crate) direction: Direction,
}

impl Entry {
    fn weight(&self) -> usize {
        size_of::<Self>() + self.direction.size()
    }
}

/// What a search found.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Found {
    /// The most alike ones that are alike enough, best first.
    pub(crate) alike: Vec<(f32, CacheKey)>,
    /// How alike the best one was, alike enough or not.
    pub(crate) best: Option<f32>,
}

/// All questions of all scopes, bounded by their weight in memory.
pub(crate) struct Index {
    inner: Mutex<Inner>,
    budget: usize,
}

#[derive(Default)]
struct Inner {
    scopes: HashMap<CacheKey, VecDeque<Chunk>>,
    /// Scopes of all chunks by the age of the chunk.
    ages: BTreeMap<u64, CacheKey>,
    next_age: u64,
    bytes: usize,
    count: usize,
}

/// A part of a scope. Shared with searches, and copied when it changes meanwhile.
struct Chunk {
    age: u64,
    entries: Arc<Vec<Entry>>,
}

impl Index {
    /// An empty index of at most so many bytes.
    pub(crate) fn new(budget: usize) -> Self {
        Self { inner: Mutex::default(), budget }
    }

    /// Adds a question. What is too much is given up, the oldest first.
    pub(crate) fn remember(&self, scope: CacheKey, entry: Entry, now: Timestamp) {
        let mut inner = self.lock();
        inner.add(scope, entry);
        while inner.is_crowded(&scope, now) {
            inner.drop_first(&scope);
        }
        while inner.bytes > self.budget {
            let Some(oldest) = inner.ages.first_key_value().map(|(_, scope)| *scope) else { break };
            inner.drop_first(&oldest);
        }
    }

    /// Takes a question out whose answer is gone.
    pub(crate) fn forget(&self, scope: &CacheKey, key: &CacheKey) {
        self.lock().forget(scope, key);
    }

    /// Searches a scope for what is at least so alike. Gives way to others from time to time.
    pub(crate) async fn search(
        &self,
        scope: &CacheKey,
        direction: &Direction,
        threshold: f64,
        now: Timestamp,
    ) -> Found {
        let mut found = Found::default();
        for (number, chunk) in self.chunks(scope).into_iter().enumerate() {
            if number % SLICE == SLICE - 1 {
                tokio::task::yield_now().await;
            }
            for entry in chunk.iter().filter(|entry| now < entry.expires_at) {
                let Some(cosine) = direction.cosine(&entry.direction) else { continue };
                found.add(cosine, entry.key, threshold);
            }
        }
        found
    }

    /// Gives up old chunks whose answers have all expired.
    pub(crate) fn sweep(&self, now: Timestamp) {
        self.lock().sweep(now);
    }

    /// How many questions there are, and what they weigh in bytes.
    pub(crate) fn size(&self) -> (usize, usize) {
        let inner = self.lock();
        (inner.count, inner.bytes)
    }

    fn chunks(&self, scope: &CacheKey) -> Vec<Arc<Vec<Entry>>> {
        let inner = self.lock();
        let chunks = inner.scopes.get(scope).into_iter().flatten();
        chunks.map(|chunk| Arc::clone(&chunk.entries)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Found {
    fn add(&mut self, cosine: f32, key: CacheKey, threshold: f64) {
        if self.best.is_none_or(|best| cosine > best) {
            self.best = Some(cosine);
        }
        // As precise as the cosine itself: 0.9 is alike enough for 0.9.
        if cosine < threshold as f32 {
            return;
        }
        let place = self.alike.partition_point(|(better, _)| *better >= cosine);
        self.alike.insert(place, (cosine, key));
        self.alike.truncate(BEST);
    }
}

impl Inner {
    fn add(&mut self, scope: CacheKey, entry: Entry) {
        let chunks = self.scopes.entry(scope).or_default();
        self.bytes += entry.weight();
        self.count += 1;
        match chunks.back_mut() {
            Some(last) if last.entries.len() < CHUNK => {
                Arc::make_mut(&mut last.entries).push(entry);
            }
            _ => {
                let age = self.next_age;
                self.next_age += 1;
                self.bytes += OVERHEAD;
                self.ages.insert(age, scope);
                chunks.push_back(Chunk { age, entries: Arc::new(vec![entry]) });
            }
        }
    }

    /// Whether the first chunk of a scope has to go, or may.
    fn is_crowded(&self, scope: &CacheKey, now: Timestamp) -> bool {
        let Some(chunks) = self.scopes.get(scope) else { return false };
        chunks.len() > CHUNKS || chunks.front().is_some_and(|chunk| chunk.has_expired(now))
    }

    fn drop_first(&mut self, scope: &CacheKey) {
        let Some(chunks) = self.scopes.get_mut(scope) else { return };
        let dropped = chunks.pop_front();
        if chunks.is_empty() {
            self.scopes.remove(scope);
        }
        if let Some(chunk) = dropped {
            self.release(&chunk);
        }
    }

    fn forget(&mut self, scope: &CacheKey, key: &CacheKey) {
        let Some(chunks) = self.scopes.get_mut(scope) else { return };
        for chunk in chunks.iter_mut() {
            if chunk.entries.iter().any(|entry| entry.key == *key) {
                let (count, bytes) = (&mut self.count, &mut self.bytes);
                Arc::make_mut(&mut chunk.entries).retain(|entry| {
                    let stays = entry.key != *key;
                    if !stays {
                        *count -= 1;
                        *bytes -= entry.weight();
                    }
                    stays
                });
            }
        }
        let emptied: Vec<u64> =
            chunks.iter().filter(|chunk| chunk.entries.is_empty()).map(|chunk| chunk.age).collect();
        chunks.retain(|chunk| !chunk.entries.is_empty());
        if chunks.is_empty() {
            self.scopes.remove(scope);
        }
        for age in emptied {
            self.ages.remove(&age);
            self.bytes -= OVERHEAD;
        }
    }

    fn sweep(&mut self, now: Timestamp) {
        let oldest: Vec<CacheKey> = self.ages.values().take(SWEPT).copied().collect();
        for scope in oldest {
            let first = self.scopes.get(&scope).and_then(VecDeque::front);
            if first.is_some_and(|chunk| chunk.has_expired(now)) {
                self.drop_first(&scope);
            }
        }
    }

    fn release(&mut self, chunk: &Chunk) {
        self.ages.remove(&chunk.age);
        self.count -= chunk.entries.len();
        self.bytes -= OVERHEAD + chunk.entries.iter().map(Entry::weight).sum::<usize>();
    }
}

impl Chunk {
    fn has_expired(&self, now: Timestamp) -> bool {
        self.entries.iter().all(|entry| entry.expires_at <= now)
    }
}

#[cfg(test)]
mod tests;
