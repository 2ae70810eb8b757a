//! Answers kept for calls that ask the same again (spec: data-plane 5).

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use crate::clock::Timestamp;
use crate::cost::Cost;
use crate::id::LogId;
use crate::usage::Usage;

/// Names one answer. Whoever makes a key puts everything into it that must agree, so a store never
/// has to ask whose answer it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CacheKey(pub [u8; 32]);

impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// An answer as the client got it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedAnswer {
    /// HTTP status.
    pub status: u16,
    /// Its content type.
    pub content_type: Option<Box<str>>,
    /// All of its body, without a content encoding.
    pub body: Bytes,
    /// How a stream came: empty for an answer that came whole.
    pub frames: Vec<CachedFrame>,
    /// When it was stored.
    pub stored_at: Timestamp,
    /// From this moment on it is not given any more.
    pub expires_at: Timestamp,
    /// Log row of the call that it is the answer to.
    pub log_id: LogId,
    /// What that call consumed.
    pub usage: Option<Usage>,
    /// What that call cost, and every hit saves.
    pub cost: Option<Cost>,
    /// The model that answered, in the log's words.
    pub model: Box<str>,
}

/// A part of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CachedFrame {
    /// Where it ends in the body.
    pub end: u32,
    /// Milliseconds from the head of the answer to this part.
    pub at_ms: u32,
}

impl CachedAnswer {
    /// Memory that an entry takes, in bytes: what a budget counts.
    pub fn weight(&self) -> usize {
        const ENTRY: usize = size_of::<CacheKey>() + size_of::<CachedAnswer>() + 64;
        ENTRY
            + self.body.len()
            + self.frames.len() * size_of::<CachedFrame>()
            + self.content_type.as_ref().map_or(0, |text| text.len())
            + self.model.len()
    }
}

/// Keeps answers for a time. It may forget any of them at any moment, and never gives one after it
/// has expired.
#[async_trait]
pub trait ResponseCache: Send + Sync {
    /// The answer, unless it is not there or has expired at `now`.
    async fn get(&self, key: &CacheKey, now: Timestamp) -> Option<Arc<CachedAnswer>>;
    /// Keeps an answer in place of what was there. Does not wait for any disk: what is to last is
    /// written behind. An answer larger than the whole budget is not kept.
    fn put(&self, key: CacheKey, answer: CachedAnswer);
    /// Forgets an answer.
    fn remove(&self, key: &CacheKey);
    /// What it holds.
    fn size(&self) -> CacheSize;
}

/// What a cache holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheSize {
    /// Answers.
    pub entries: u64,
    /// Their weight in memory, in bytes.
    pub bytes: u64,
    /// The most that weight may be.
    pub budget: u64,
}
