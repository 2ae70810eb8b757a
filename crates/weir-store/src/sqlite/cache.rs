//! `cache.db`: answers that outlive a restart, behind those in memory (spec: data-plane 5).
//!
//! What is asked for comes from memory, if it is there. An [`index`] in memory says what else the
//! file has, so that a miss costs no read; what only the file has is read beside the runtime's
//! threads ([`reader`]) and put into memory again. Everything is written behind: a bounded
//! [`queue`] leads to one [`writer`], and what finds no room in it is counted and stays in memory
//! only. The index says which answer of a key is the present one: whatever else the file or the
//! queue holds for it is void.
//!
//! It is only a cache. A file that is broken or of another version is set aside at the start, and
//! one that breaks while in use is given up until the next start.

mod file;
mod index;
mod queue;
mod reader;
mod row;
mod writer;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use weir_core::Timestamp;
use weir_core::cache::{CacheKey, CacheSize, CachedAnswer, ResponseCache};
use weir_core::store::StoreResult;

use self::file::CacheFile;
use self::index::Index;
use self::queue::Queue;
use self::reader::Readers;
use self::writer::Writer;
use crate::memory::MemoryCache;

/// [`ResponseCache`] in memory and on disk. An answer heavier than the memory's budget is not kept
/// at all; one larger than the file's budget, in memory only.
pub(crate) struct SqliteCache {
    memory: MemoryCache,
    /// The most that the file may hold, in bytes.
    disk: u64,
    index: Arc<Index>,
    queue: Queue,
    readers: Arc<Readers>,
    writer: Writer,
}

impl SqliteCache {
    /// Opens the file, or a fresh one when it is beyond use, and starts the writer. Blocks for as
    /// long as it takes to read the keys of all answers.
    pub(crate) fn open(path: &Path, memory: MemoryCache, disk: u64) -> StoreResult<Self> {
        let index = Arc::new(Index::default());
        let file = CacheFile::open(path, disk, &index).map_err(|fault| fault.at(path))?;
        let (queue, jobs) = queue::bounded();
        let writer =
            Writer::start(path, file, jobs, Arc::clone(&index)).map_err(|fault| fault.at(path))?;
        Ok(Self { memory, disk, index, queue, readers: Arc::new(Readers::new(path)), writer })
    }

    /// Answers that were not written because the queue was full or the disk refused, so far.
    pub(crate) fn unwritten(&self) -> u64 {
        self.queue.unwritten()
    }

    /// Writes what is in the queue and closes the file. Afterwards answers are kept in memory only.
    pub(crate) async fn close(&self) -> StoreResult<()> {
        self.readers.close().await;
        self.writer.close(&self.queue).await
    }

    async fn fetch(&self, key: CacheKey, number: i64, now: Timestamp) -> Option<Arc<CachedAnswer>> {
        let permit = self.readers.permit().await?;
        // Others may have waited for the same one.
        if let Some(answer) = self.memory.find(&key, now) {
            return Some(answer);
        }
        let answer = match self.readers.read(permit, key, number).await {
            Ok(Some(answer)) if now < answer.expires_at => Arc::new(answer),
            Ok(_) => {
                self.index.cancel(&key, number);
                return None;
            }
            Err(error) => {
                tracing::warn!(%error, "cannot read a cached answer");
                self.index.cancel(&key, number);
                return None;
            }
        };
        // Not if it was replaced or removed meanwhile: that must not be undone.
        let keep = || self.memory.keep(key, Arc::clone(&answer), now);
        self.index.if_current(&key, number, keep).then_some(answer)
    }
}

#[async_trait]
impl ResponseCache for SqliteCache {
    async fn get(&self, key: &CacheKey, now: Timestamp) -> Option<Arc<CachedAnswer>> {
        if let Some(answer) = self.memory.find(key, now) {
            return Some(answer);
        }
        let number = self.index.written(key, now)?;
        self.fetch(*key, number, now).await
    }

    fn put(&self, key: CacheKey, answer: CachedAnswer) {
        let weight = answer.weight() as u64;
        if weight > self.memory.budget() || weight > self.disk {
            self.remove(&key);
            let stored_at = answer.stored_at;
            return self.memory.keep(key, Arc::new(answer), stored_at);
        }
        let answer = Arc::new(answer);
        // The index first, here and in `remove`: whoever is just fetching the old answer puts it
        // into memory before this, or not at all.
        let (number, replaces) = self.index.announce(key, answer.expires_at);
        self.memory.keep(key, Arc::clone(&answer), answer.stored_at);
        if !self.queue.keep(key, number, answer) {
            self.index.cancel(&key, number);
            if replaces {
                self.queue.leave_void();
            }
        }
    }

    fn remove(&self, key: &CacheKey) {
        if self.index.remove(key) {
            self.queue.forget(*key);
        }
        self.memory.forget(key);
    }

    fn size(&self) -> CacheSize {
        self.memory.size()
    }
}

#[cfg(test)]
mod tests;
