//! What a dialect gives back to the handler.

use super::events::Events;
use super::fault::Fault;
use super::script::Script;

/// A good answer, not yet disturbed by the script.
pub(super) struct Reply {
    pub(super) content: Content,
    pub(super) content_type: &'static str,
    /// Headers beside the usual ones.
    pub(super) headers: Vec<(&'static str, String)>,
}

/// The body of an answer.
pub(super) enum Content {
    /// Sent whole.
    Document(Vec<u8>),
    /// Sent event by event.
    Stream(Events),
}

impl Reply {
    /// A document from anything that can be written as JSON.
    pub(super) fn document(value: &impl serde::Serialize) -> Self {
        // Plain data into memory: there is nothing that could fail.
        Self::bytes("application/json", serde_json::to_vec(value).unwrap_or_default())
    }

    /// A document of another type.
    pub(super) fn bytes(content_type: &'static str, document: Vec<u8>) -> Self {
        Self { content: Content::Document(document), content_type, headers: Vec::new() }
    }

    /// A stream of events.
    pub(super) fn stream(events: Events) -> Self {
        let content_type = events.framing.content_type();
        Self { content: Content::Stream(events), content_type, headers: Vec::new() }
    }

    /// Adds a response header.
    pub(super) fn with_header(mut self, name: &'static str, value: u64) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }
}

/// What every dialect gets beside its parsed request.
pub(super) struct Call<'a> {
    /// The model's name without its script; answers name it.
    pub(super) model: &'a str,
    pub(super) script: &'a Script,
    /// Hash of the request body.
    pub(super) seed: u64,
}

impl Call<'_> {
    /// An id that is the same for the same request.
    pub(super) fn id(&self, prefix: &str) -> String {
        format!("{prefix}{:016x}", self.seed)
    }

    /// The id of number `index` of several things; the first has the plain id.
    pub(super) fn nth_id(&self, prefix: &str, index: usize) -> String {
        let id = self.id(prefix);
        if index == 0 { id } else { format!("{id}_{index}") }
    }
}

/// A parsed request of one endpoint.
pub(super) trait Operation: Send + Sync {
    /// The model's name as sent, script included.
    fn model(&self) -> &str;

    /// The answer.
    ///
    /// # Errors
    /// When the request is well-formed JSON, but not a good request.
    fn reply(&self, call: &Call<'_>) -> Result<Reply, Fault>;
}
