//! An answer, with the time of each piece.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use serde_json::Value;

use super::head::Head;

/// A piece of a body, as the socket gave it.
#[derive(Clone, Debug)]
pub struct Piece {
    /// When it arrived.
    pub at: Instant,
    /// Its bytes, framing taken off.
    pub bytes: Bytes,
}

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// Status.
    pub status: u16,
    /// Status line and headers.
    pub head: Head,
    /// The body, framing taken off.
    pub body: Vec<u8>,
    /// The same body in the pieces in which it arrived.
    pub pieces: Vec<Piece>,
    /// Whether the body ended as its framing promised.
    pub complete: bool,
    /// When the connection was opened, or its previous answer was complete.
    pub started: Instant,
    /// When the last byte arrived.
    pub ended: Instant,
}

impl Response {
    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name)
    }

    /// The body as text; what is not UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// When it is not JSON; the text shows it.
    pub fn json(&self) -> Result<Value> {
        let show = || format!("status {}, body not JSON: {:?}", self.status, self.text());
        serde_json::from_slice(&self.body).with_context(show)
    }

    /// The gateway's own error number (`internalCode` of the envelope), if the body has one.
    pub fn code(&self) -> Option<u64> {
        self.json().ok()?.get("internalCode")?.as_u64()
    }

    /// From [`Response::started`] to the last byte received.
    pub fn elapsed(&self) -> Duration {
        self.ended.duration_since(self.started)
    }
}
