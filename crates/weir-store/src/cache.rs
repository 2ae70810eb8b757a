//! The response cache as the server opens it.

use std::path::PathBuf;
use std::sync::Arc;

use weir_core::cache::ResponseCache;
use weir_core::store::StoreResult;

use crate::memory::MemoryCache;
use crate::sqlite::{self, SqliteCache};

const FILE: &str = "cache.db";

/// How much a cache may hold, and where.
#[derive(Clone, Debug)]
pub struct CacheOptions {
    /// Folder of the file; it must be there when there is to be one.
    pub data_dir: PathBuf,
    /// Bytes of answers in memory at most. With 0 nothing is kept, on disk neither.
    pub memory_bytes: u64,
    /// Bytes of the file `cache.db` at most, its write-ahead log aside. With 0 there is none.
    pub disk_bytes: u64,
}

/// A cache of answers: a cheap handle.
#[derive(Clone)]
pub struct Cache {
    answers: Arc<dyn ResponseCache>,
    disk: Option<Arc<SqliteCache>>,
}

/// Opens a cache: in memory, and with a disk budget in `cache.db`, too. What an earlier process
/// kept there is found again. Without one the file is deleted, lest it comes back with answers
/// that were replaced or removed meanwhile. Blocks on the disk.
///
/// A file that is broken or of another version is set aside as `cache.db.corrupt-<milliseconds>`,
/// with a warning in the program's log, and begun anew.
///
/// # Errors
///
/// `StoreError::Other`, with a text that names the file and what to do, when it cannot be created
/// or the disk refuses.
pub fn open_cache(options: &CacheOptions) -> StoreResult<Cache> {
    let memory = MemoryCache::new(options.memory_bytes);
    let path = options.data_dir.join(FILE);
    if options.disk_bytes == 0 || options.memory_bytes == 0 {
        if let Err(error) = sqlite::delete_cache(&path) {
            tracing::warn!(file = %path.display(), %error, "cannot delete the cache file");
        }
        return Ok(Cache { answers: Arc::new(memory), disk: None });
    }
    let disk = Arc::new(SqliteCache::open(&path, memory, options.disk_bytes)?);
    Ok(Cache { answers: Arc::clone(&disk) as Arc<dyn ResponseCache>, disk: Some(disk) })
}

impl Cache {
    /// The answers.
    pub fn answers(&self) -> Arc<dyn ResponseCache> {
        Arc::clone(&self.answers)
    }

    /// Answers that are in memory only because the disk was too slow or refused, so far.
    pub fn unwritten(&self) -> u64 {
        self.disk.as_ref().map_or(0, |disk| disk.unwritten())
    }

    /// Writes what is still to be written and closes the file. Afterwards answers are kept in
    /// memory only. Closing again does nothing.
    ///
    /// # Errors
    ///
    /// As for [`open_cache`].
    pub async fn close(&self) -> StoreResult<()> {
        match &self.disk {
            Some(disk) => disk.close().await,
            None => Ok(()),
        }
    }
}
