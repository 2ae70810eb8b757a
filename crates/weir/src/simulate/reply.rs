//! What a dialect gives back to the handler.

use super::fault::Fault;
use super::script::Script;
use super::sse::Events;

/// A good answer, not yet disturbed by the script.
pub(super) enum Reply {
    /// One JSON document.
    Document(Vec<u8>),
    /// A stream of events.
    Stream(Events),
}

impl Reply {
    /// A document from anything that can be written as JSON.
    pub(super) fn document(value: &impl serde::Serialize) -> Self {
        // Plain data into memory: there is nothing that could fail.
        Self::Document(serde_json::to_vec(value).unwrap_or_default())
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
}

/// A parsed request of one endpoint.
pub(super) trait Operation {
    /// The model's name as sent, script included.
    fn model(&self) -> &str;

    /// The answer.
    ///
    /// # Errors
    /// When the request is well-formed JSON, but not a good request.
    fn reply(&self, call: &Call<'_>) -> Result<Reply, Fault>;
}
