//! What the provider saw.

use std::fmt;
use std::time::Instant;

use serde_json::Value;

use crate::http::Headers;

/// One call, as it was seen on the wire.
#[derive(Clone)]
pub struct Call {
    /// Slug, from the first segment of the path.
    pub provider: String,
    /// Method.
    pub method: String,
    /// Path and query after the slug, as sent, with the slash in front.
    pub target: String,
    /// Headers in order, with duplicates.
    pub headers: Headers,
    /// The body so far, framing taken off.
    pub body: Vec<u8>,
    /// Whether the whole body has arrived.
    pub body_complete: bool,
    /// Number of the connection, from 0.
    pub connection: u64,
    /// When the head had arrived.
    pub arrived: Instant,
    /// When the caller closed the connection before the answer was complete.
    pub left: Option<Instant>,
    /// When the last piece of the answer so far was sent.
    pub last_sent: Option<Instant>,
    /// Whether the whole answer was sent.
    pub answered: bool,
}

impl Call {
    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)
    }

    /// The body as JSON; null when it is not.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Whether `needle` is anywhere in the path, the query, a header or the body.
    pub fn mentions(&self, needle: &str) -> bool {
        let in_head =
            self.headers.iter().any(|(name, value)| format!("{name}: {value}").contains(needle));
        let in_body = self.body.windows(needle.len()).any(|window| window == needle.as_bytes());
        in_head || in_body || self.target.contains(needle)
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = self.body.get(..300).unwrap_or(&self.body);
        f.debug_struct("Call")
            .field("request", &format_args!("{} /{}{}", self.method, self.provider, self.target))
            .field("headers", &self.headers.iter().collect::<Vec<_>>())
            .field("body", &String::from_utf8_lossy(start))
            .field("body_size", &self.body.len())
            .field("connection", &self.connection)
            .field("left", &self.left.is_some())
            .field("answered", &self.answered)
            .finish_non_exhaustive()
    }
}
