//! What is wrong with a query.

use serde_json::{Value, json};
use weir_core::Timestamp;
use weir_core::store::StoreError;

/// An error in the form of GraphQL.
#[derive(Debug)]
pub(super) struct Fault {
    code: &'static str,
    message: String,
    path: Vec<String>,
}

impl Fault {
    /// The text is no query.
    pub(super) fn syntax(message: impl Into<String>) -> Self {
        Self { code: "syntax", message: message.into(), path: Vec::new() }
    }

    /// It asks for something that is not there.
    pub(super) fn validation(message: impl Into<String>) -> Self {
        Self { code: "validation", message: message.into(), path: Vec::new() }
    }

    /// It asks for too much.
    pub(super) fn limit(message: impl Into<String>) -> Self {
        Self { code: "limit", message: message.into(), path: Vec::new() }
    }

    /// It asks for what the caller may not see.
    pub(super) fn authz(message: impl Into<String>) -> Self {
        Self { code: "authz", message: message.into(), path: Vec::new() }
    }

    /// The store failed; the reason is for the operator alone, unless it is the query itself.
    pub(super) fn store(error: &StoreError) -> Self {
        if let StoreError::TooManyGroups = error {
            let message = "the query finds too many groups: ask for fewer dimensions, longer \
                           pieces of time, or a narrower filter";
            return Self::limit(message);
        }
        tracing::error!(%error, "the log store failed in an analytics query");
        let message = "The store is not available now".to_owned();
        Self { code: "unavailable", message, path: Vec::new() }
    }

    /// The same, at a place of the answer.
    pub(super) fn at(self, path: &[String]) -> Self {
        if self.path.is_empty() { Self { path: path.to_vec(), ..self } } else { self }
    }

    /// The JSON of it.
    pub(super) fn view(&self) -> Value {
        let path = if self.path.is_empty() { Value::Null } else { json!(self.path) };
        json!({
            "message": self.message,
            "path": path,
            "extensions": { "code": self.code, "timestamp": Timestamp::now() },
        })
    }
}
