//! What was found at one place.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use weir_core::Secret;

use super::Found;

/// A place and what was found there.
#[derive(Default)]
pub(super) struct Entry {
    held: Mutex<Past>,
    /// Held by whoever looks the value up.
    pub(super) turn: tokio::sync::Mutex<()>,
    used: AtomicBool,
}

#[derive(Default)]
struct Past {
    held: Option<Held>,
    /// Versions so far.
    versions: u64,
    /// A digest of the last text, so that the same one found again is the same version.
    last: Option<[u8; 32]>,
}

/// A value that is in use.
#[derive(Clone)]
pub(super) struct Held {
    pub(super) found: Found,
    /// It is not looked up again before.
    pub(super) good_until: Instant,
    /// When it was seen last.
    seen: Instant,
}

impl Entry {
    /// The value that is in use, good or not, for a call.
    pub(super) fn held(&self) -> Option<Held> {
        self.used.store(true, Ordering::Relaxed);
        self.lock().held.clone()
    }

    /// Whether a value that calls use is good until then at most.
    pub(super) fn is_due(&self, at: Instant) -> bool {
        let ends = self.lock().held.as_ref().is_some_and(|held| held.good_until <= at);
        ends && self.used.swap(false, Ordering::Relaxed)
    }

    /// Puts a value in use.
    pub(super) fn keep(&self, text: Secret<String>, good_for: Duration) -> Found {
        use sha2::{Digest, Sha256};
        let digest: [u8; 32] = Sha256::digest(text.expose().as_bytes()).into();
        let mut past = self.lock();
        if past.last != Some(digest) {
            past.last = Some(digest);
            past.versions += 1;
        }
        let now = Instant::now();
        let found = Found { text, version: past.versions };
        past.held = Some(Held { found: found.clone(), good_until: now + good_for, seen: now });
        found
    }

    /// Keeps the value in use for `pause`, unless it was seen more than `most` ago.
    pub(super) fn prolong(&self, pause: Duration, most: Duration) -> Option<Found> {
        let mut past = self.lock();
        let now = Instant::now();
        let held = past.held.as_mut().filter(|held| now.duration_since(held.seen) < most)?;
        held.good_until = now + pause;
        Some(held.found.clone())
    }

    /// Puts the value out of use.
    pub(super) fn let_go(&self) {
        self.lock().held = None;
    }

    fn lock(&self) -> MutexGuard<'_, Past> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
