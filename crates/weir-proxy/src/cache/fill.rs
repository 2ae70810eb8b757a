//! An answer being collected for the cache while the client gets it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http::header::{self, HeaderMap};
use weir_core::cache::{CacheKey, CachedAnswer, CachedFrame};
use weir_core::{Cost, LogId, Timestamp, Usage};
use weir_llm::answer::{Encoding, Framing};

use super::semantic::Asked;
use crate::reply::text_header;

/// Largest answer that is stored, in bytes (spec: data-plane 14).
pub(super) const LARGEST: usize = 25 * 1024 * 1024;

/// Bytes that all calls together have collected and not yet stored.
#[derive(Clone, Debug)]
pub(crate) struct Fills {
    held: Arc<AtomicUsize>,
    most: usize,
}

impl Fills {
    /// At most `most` bytes at a time.
    pub(crate) fn new(most: usize) -> Self {
        Self { held: Arc::default(), most }
    }

    /// Counts bytes that are held from here on.
    pub(super) fn add(&self, bytes: usize) {
        self.held.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts bytes that are held no more.
    pub(super) fn give_back(&self, bytes: usize) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Whether nothing is held.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.held.load(Ordering::Relaxed) == 0
    }

    /// Whether more is held than may be.
    pub(super) fn is_over(&self) -> bool {
        self.held.load(Ordering::Relaxed) > self.most
    }
}

/// An answer on its way into the cache.
#[derive(Debug)]
pub(crate) struct Fill {
    key: CacheKey,
    ttl: Duration,
    streams: bool,
    /// None until the head of an answer is there that may be stored.
    head: Option<Head>,
    frames: Vec<(Bytes, Duration)>,
    size: usize,
    fills: Option<Fills>,
    /// The question that it answers, to be found by like ones.
    pub(super) asked: Option<Asked>,
}

#[derive(Debug)]
struct Head {
    status: u16,
    content_type: Option<Box<str>>,
    gzip: bool,
    is_stream: bool,
    at: Instant,
}

/// What is known of an answer beside its bytes.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) usage: Option<Usage>,
    pub(crate) cost: Option<Cost>,
    pub(crate) model: Box<str>,
}

impl Fill {
    pub(super) const fn new(key: CacheKey, ttl: Duration, streams: bool) -> Self {
        Self {
            key,
            ttl,
            streams,
            head: None,
            frames: Vec::new(),
            size: 0,
            fills: None,
            asked: None,
        }
    }

    pub(crate) const fn key(&self) -> CacheKey {
        self.key
    }

    /// Looks at the head of the answer as the client gets it. Errors are never stored; neither are
    /// streams unless the gateway wants them, nor what is compressed in a way that cannot be undone
    /// for a client that does not read it.
    pub(crate) fn begin(&mut self, status: StatusCode, headers: &HeaderMap, fills: &Fills) {
        let content_type = text_header(headers, &header::CONTENT_TYPE);
        let is_stream = Framing::of(content_type.as_deref()).is_stream();
        let encoding = text_header(headers, &header::CONTENT_ENCODING);
        let gzip = match &encoding {
            None => false,
            Some(_) if Encoding::of(encoding.as_deref()) == Encoding::Gzip => true,
            Some(_) => return,
        };
        if status != StatusCode::OK || (is_stream && !self.streams) {
            return;
        }
        self.fills = Some(fills.clone());
        let status = status.as_u16();
        self.head = Some(Head { status, content_type, gzip, is_stream, at: Instant::now() });
    }

    /// Takes a part of the answer.
    pub(crate) fn push(&mut self, data: &Bytes) {
        let (Some(head), Some(fills)) = (&self.head, &self.fills) else { return };
        fills.add(data.len());
        self.size += data.len();
        if self.size > LARGEST || fills.is_over() {
            // Served, not stored.
            self.give_up();
            return;
        }
        let at = head.at.elapsed();
        self.frames.push((data.clone(), at));
    }

    fn give_up(&mut self) {
        self.head = None;
        self.frames = Vec::new();
        if let Some(fills) = self.fills.take() {
            fills.give_back(self.size);
        }
        self.size = 0;
    }

    /// The answer to store, when it is whole.
    pub(super) fn into_answer(
        mut self,
        now: Timestamp,
        log_id: LogId,
        kept: Kept,
    ) -> Option<CachedAnswer> {
        let head = self.head.take()?;
        let frames = std::mem::take(&mut self.frames);
        // One buffer of its own: parts may be slices of larger ones.
        let mut body = BytesMut::with_capacity(self.size);
        let mut marks = Vec::new();
        for (data, at) in &frames {
            body.extend_from_slice(data);
            if head.is_stream {
                let end = u32::try_from(body.len()).ok()?;
                marks.push(CachedFrame { end, at_ms: u32::try_from(at.as_millis()).ok()? });
            }
        }
        let mut body = body.freeze();
        if head.gzip {
            // Read by clients that do not unpack it, too. Where parts began is lost.
            body = crate::finish::decode_gzip(&body, LARGEST)?.into();
            if head.is_stream {
                marks = vec![CachedFrame { end: u32::try_from(body.len()).ok()?, at_ms: 0 }];
            }
        }
        let life = i64::try_from(self.ttl.as_millis()).ok()?;
        Some(CachedAnswer {
            status: head.status,
            content_type: head.content_type,
            body,
            frames: marks,
            stored_at: now,
            expires_at: Timestamp::from_millis(now.as_millis().saturating_add(life)),
            log_id,
            usage: kept.usage,
            cost: kept.cost,
            model: kept.model,
        })
    }
}

impl Drop for Fill {
    fn drop(&mut self) {
        self.give_up();
    }
}

#[cfg(test)]
mod tests;
