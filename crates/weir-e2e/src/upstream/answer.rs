//! A scripted answer.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use super::call::Call;
use super::defaults;

/// What follows an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// The connection stays open for the next call.
    #[default]
    KeepAlive,
    /// The connection is closed, without a word in the headers.
    Close,
    /// The connection is reset.
    Reset,
    /// Nothing more comes, and the connection stays open until the caller leaves.
    Stall,
}

/// The body of an answer.
#[derive(Clone, Debug)]
pub(super) enum Body {
    /// Not said: what such a provider would answer to such a call.
    Default,
    /// These bytes, with `content-length`.
    Whole(Bytes),
    /// So many bytes, made while they are sent.
    Filled(u64),
    /// Pieces, chunked. `ended` tells whether the chunk that ends the body is sent.
    Chunked { pieces: Vec<Bytes>, ended: bool },
    /// These bytes in place of head and body.
    Raw(Bytes),
    /// Not a byte.
    Nothing,
}

/// A scripted answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Body,
    pub(super) delay: Duration,
    pub(super) first_delay: Duration,
    pub(super) chunk_delay: Duration,
    pub(super) end_delay: Duration,
    pub(super) ending: Ending,
}

impl Answer {
    /// An answer with the body that a provider gives with this status.
    pub fn new(status: u16) -> Self {
        Self::with_body(status, Body::Default)
    }

    fn with_body(status: u16, body: Body) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body,
            delay: Duration::ZERO,
            first_delay: Duration::ZERO,
            chunk_delay: Duration::ZERO,
            end_delay: Duration::ZERO,
            ending: Ending::KeepAlive,
        }
    }

    /// A JSON answer.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::bytes(status, "application/json", body.to_string())
    }

    /// These bytes, with a content type.
    pub fn bytes(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self::with_body(status, Body::Whole(body.into())).header("content-type", content_type)
    }

    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self::with_body(status, Body::Whole(Bytes::new()))
    }

    /// An event stream: each entry is the data of one event, and one chunk.
    pub fn sse(events: &[&str]) -> Self {
        let pieces = events.iter().map(|data| Bytes::from(format!("data: {data}\n\n")));
        Self::chunked("text/event-stream", pieces)
    }

    /// A chunked answer, each entry one chunk.
    pub fn chunked(content_type: &str, pieces: impl IntoIterator<Item = Bytes>) -> Self {
        let pieces = pieces.into_iter().collect();
        let body = Body::Chunked { pieces, ended: true };
        Self::with_body(200, body).header("content-type", content_type)
    }

    /// A body of so many bytes.
    pub fn filled(bytes: u64) -> Self {
        let body = Body::Filled(bytes);
        Self::with_body(200, body).header("content-type", "application/octet-stream")
    }

    /// These bytes in place of head and body; then the connection is closed.
    pub fn raw(bytes: impl Into<Bytes>) -> Self {
        Self::with_body(0, Body::Raw(bytes.into())).ending(Ending::Close)
    }

    /// Not a byte: the connection is reset once the request has arrived.
    pub fn refused() -> Self {
        Self::with_body(0, Body::Nothing).ending(Ending::Reset)
    }

    /// Not a byte: the connection stays open until the caller leaves.
    pub fn silence() -> Self {
        Self::with_body(0, Body::Nothing).ending(Ending::Stall)
    }

    /// Sets the status.
    #[must_use]
    pub const fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Adds a header, or replaces the one this kind of answer has by itself.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if name.eq_ignore_ascii_case("content-type") {
            self.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
        }
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Waits before the head.
    #[must_use]
    pub const fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Waits between the head and the first piece of the body.
    #[must_use]
    pub const fn first_delay(mut self, delay: Duration) -> Self {
        self.first_delay = delay;
        self
    }

    /// Waits between the pieces of a chunked body.
    #[must_use]
    pub const fn chunk_delay(mut self, delay: Duration) -> Self {
        self.chunk_delay = delay;
        self
    }

    /// Waits after the last byte, before what follows.
    #[must_use]
    pub const fn end_delay(mut self, delay: Duration) -> Self {
        self.end_delay = delay;
        self
    }

    /// Sets what follows.
    #[must_use]
    pub const fn ending(mut self, ending: Ending) -> Self {
        self.ending = ending;
        self
    }

    /// Leaves out the end of a chunked body.
    #[must_use]
    pub fn without_end(mut self) -> Self {
        if let Body::Chunked { ended, .. } = &mut self.body {
            *ended = false;
        }
        self
    }

    /// Replaces an unsaid body by what such a provider would answer to `call`.
    pub(super) fn completed_for(self, call: &Call) -> Self {
        if !matches!(self.body, Body::Default) {
            return self;
        }
        let Self { headers, body, .. } = defaults::answer(self.status, call);
        let said = |name: &str| self.headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
        let own: Vec<_> = headers.into_iter().filter(|(name, _)| !said(name)).collect();
        Self { headers: own.into_iter().chain(self.headers).collect(), body, ..self }
    }
}
