//! What a provider answers.

use serde_json::Value;
use weir_core::Usage;

use super::message::Part;

/// An answer in one piece.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Response {
    /// The provider's id.
    pub id: Option<String>,
    /// Unix time in seconds, where the provider says it.
    pub created: Option<i64>,
    /// The model that answered, in the provider's word.
    pub model: Option<String>,
    /// The answers; most providers give one.
    pub choices: Vec<Choice>,
    /// Tokens, as totals with their parts inside.
    pub usage: Option<Usage>,
    /// The tier that was charged.
    pub service_tier: Option<String>,
}

/// One answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choice {
    /// Text, thoughts and tool calls, in order.
    pub parts: Vec<Part>,
    /// Why it ended.
    pub finish: Finish,
    /// Likelihoods, in OpenAI's form.
    pub logprobs: Option<Value>,
    /// Citations, in OpenAI's form (`annotations`).
    pub annotations: Vec<Value>,
}

/// Why an answer ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Finish {
    /// It was complete.
    #[default]
    Stop,
    /// A stop text came up; which one, where the provider says it.
    StopSequence(Option<String>),
    /// It became too long.
    Length,
    /// Tools are to be called.
    ToolCalls,
    /// It was held back.
    ContentFilter,
}

/// An error of a provider: the body of an answer with an error status, or an event inside a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// HTTP status; inside a stream the one it would have had.
    pub status: u16,
    /// The provider's word for the kind, e.g. `overloaded_error`.
    pub kind: Option<String>,
    /// The provider's code.
    pub code: Option<String>,
    /// The parameter it is about.
    pub param: Option<String>,
    /// What was wrong.
    pub message: String,
}

impl Failure {
    /// A failure that only has a status and a text.
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), ..Self::default() }
    }

    /// The answer ended before its closing event.
    pub fn truncated() -> Self {
        Self {
            kind: Some("stream_truncated".to_owned()),
            ..Self::new(502, "the provider's answer ended before it was complete")
        }
    }

    /// The answer is not what the provider's dialect promises.
    pub fn unreadable(reason: impl std::fmt::Display) -> Self {
        Self {
            kind: Some("unreadable_answer".to_owned()),
            ..Self::new(502, format!("the provider's answer could not be read: {reason}"))
        }
    }
}
