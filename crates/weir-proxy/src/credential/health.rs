//! Which keys their providers have refused lately, and for how long others go before them.
//!
//! A key that was answered with 429 rests for as long as the provider asks, else for 30 seconds and
//! with each further time twice as long, up to five minutes. One that was rejected, with 401 or 403,
//! rests for five minutes up to an hour. Nothing is refused for that: where every key rests, the one
//! that is free first is used. A key is known by its secret and by when secret and configuration last
//! changed, so that a rotated key begins anew.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use weir_core::Timestamp;

/// Keys that are remembered at most; beyond it those are forgotten that rest no more.
const MOST: usize = 10_000;

/// Milliseconds after its rest until a key's past is forgotten.
const MEMORY: i64 = 3_600_000;

/// Seconds of a first rest and of the longest, by what was refused.
const LIMITED: (u64, u64) = (30, 300);
const REJECTED: (u64, u64) = (300, 3600);

/// The longest rest in seconds that a provider may ask for.
const LONGEST_WISH: u64 = 3600;

/// A key, as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct KeyId {
    /// Id of its secret, or its place among the operator's.
    pub(crate) of: Arc<str>,
    /// When its secret and its configuration changed last.
    pub(crate) state: (Timestamp, Timestamp),
}

/// A rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rest {
    /// When the key was refused.
    since: Timestamp,
    /// When it is used as before.
    pub(crate) until: Timestamp,
    /// What the provider answered.
    pub(crate) status: u16,
    /// How often in a row, from 0.
    streak: u32,
}

/// All keys that were refused.
#[derive(Debug, Default)]
pub(crate) struct KeyHealth {
    rests: Mutex<HashMap<KeyId, Rest>>,
    /// How many there are: none, nearly always.
    count: AtomicUsize,
}

impl KeyHealth {
    /// The rest that a key is in.
    pub(crate) fn rest(&self, key: &KeyId, now: Timestamp) -> Option<Rest> {
        if self.count.load(Ordering::Relaxed) == 0 {
            return None;
        }
        self.lock().get(key).copied().filter(|rest| now < rest.until)
    }

    /// Notes that a provider refused a key. Gives the rest if one begins here: calls that were under
    /// way together are refused together, which counts once.
    pub(crate) fn refused(
        &self,
        key: &KeyId,
        status: u16,
        wish: Option<u64>,
        now: Timestamp,
    ) -> Option<Rest> {
        let (first, longest) = if status == 429 { LIMITED } else { REJECTED };
        let wish = wish.filter(|seconds| status == 429 && (1..=LONGEST_WISH).contains(seconds));
        let mut rests = self.lock();
        let former = rests.get(key).copied();
        if let Some(former) = former.filter(|former| now < former.until) {
            let until = wish.map_or(former.until, |wish| later(now, wish).max(former.until));
            rests.insert(key.clone(), Rest { until, ..former });
            return None;
        }
        let streak = former.map_or(0, |former| former.streak.saturating_add(1));
        let seconds = first.saturating_mul(1 << streak.min(20)).min(longest);
        let until = later(now, wish.unwrap_or(seconds));
        let rest = Rest { since: now, until, status, streak };
        if rests.len() >= MOST {
            rests.retain(|_, rest| now < rest.until);
        }
        if rests.len() < MOST {
            rests.insert(key.clone(), rest);
        }
        self.count.store(rests.len(), Ordering::Relaxed);
        Some(rest)
    }

    /// Notes that a provider took a key, in a call that was sent at `sent`.
    pub(crate) fn taken(&self, key: &KeyId, sent: Timestamp) {
        if self.count.load(Ordering::Relaxed) == 0 {
            return;
        }
        let mut rests = self.lock();
        // What was sent before the refusal says nothing about what came after.
        if rests.get(key).is_some_and(|rest| rest.since < sent) {
            rests.remove(key);
        }
        self.count.store(rests.len(), Ordering::Relaxed);
    }

    /// Forgets a key's past: what it is made of has changed.
    pub(crate) fn forget(&self, of: &str) {
        let mut rests = self.lock();
        rests.retain(|key, _| *key.of != *of);
        self.count.store(rests.len(), Ordering::Relaxed);
    }

    /// Forgets what is long over. Gives the number of keys that rest.
    pub(crate) fn sweep(&self, now: Timestamp) -> usize {
        let mut rests = self.lock();
        rests.retain(|_, rest| now.as_millis() < rest.until.as_millis().saturating_add(MEMORY));
        self.count.store(rests.len(), Ordering::Relaxed);
        rests.values().filter(|rest| now < rest.until).count()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<KeyId, Rest>> {
        self.rests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn later(now: Timestamp, seconds: u64) -> Timestamp {
    let millis = i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX);
    Timestamp::from_millis(now.as_millis().saturating_add(millis))
}

#[cfg(test)]
mod tests;
