//! Counters behind rate limits and budgets. What is limited is taken and checked in one step, never
//! looked at first and counted later.

use std::fmt;

use async_trait::async_trait;

use crate::clock::Timestamp;
use crate::route::Technique;

/// Names one counter: a hash of everything that tells it from others.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CounterKey(pub [u8; 16]);

impl CounterKey {
    /// The key of these parts, in this order. The bounds between parts count.
    pub fn of(parts: &[&[u8]]) -> Self {
        use sha2::{Digest, Sha256};
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let mut key = [0; 16];
        key.copy_from_slice(&hash.finalize()[..16]);
        Self(key)
    }
}

impl fmt::Debug for CounterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A stretch of time in which something may happen so often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// Its length in seconds; above zero.
    pub seconds: u64,
    /// How windows follow each other (spec: data-plane 6).
    pub technique: Technique,
}

/// Something to be taken from a counter.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    /// Which counter.
    pub key: CounterKey,
    /// Over what time.
    pub window: Window,
    /// The most in a window.
    pub limit: u64,
    /// How much: requests, tokens, pico-dollars.
    pub amount: u64,
}

/// What a counter stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// Used in the window, with what was just taken.
    pub used: u64,
    /// When room may be there again, or for a fixed window when it ends.
    pub resets_at: Timestamp,
}

/// What came of a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawn {
    /// It was taken.
    Taken(Level),
    /// There was no room: nothing was taken. The level is the one before.
    Full(Level),
}

/// Counts over windows, and slots for what happens at the same time.
#[async_trait]
pub trait Counters: Send + Sync {
    /// Takes an amount if `used + amount <= limit`, in one step.
    async fn draw(&self, draw: &Draw, now: Timestamp) -> Drawn;
    /// Adds to a counter, or takes back, what was not known when it was drawn at `drawn_at`. Never
    /// refuses: what happened, happened. A window that is over by now is not changed.
    async fn correct(&self, draw: &Draw, difference: i64, drawn_at: Timestamp, now: Timestamp);
    /// What a counter stands at, without taking anything.
    async fn level(&self, key: &CounterKey, window: Window, now: Timestamp) -> Level;
    /// Takes one of `limit` slots; `None` when all are taken, else how many are taken now.
    async fn enter(&self, key: &CounterKey, limit: u64) -> Option<u64>;
    /// Gives a slot back. Does not wait.
    fn leave(&self, key: &CounterKey);
    /// Slots that are taken.
    async fn inside(&self, key: &CounterKey) -> u64;
}
