//! Settings of a gateway that steer its traffic beyond what the original knows: further limits, the
//! cache of like questions, the replay of streams.

use serde::{Deserialize, Serialize};

use crate::route::Technique;

/// How fast a cached stream is given again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StreamPace {
    /// As fast as the client reads.
    #[default]
    Full,
    /// Part by part, as it once came.
    Recorded,
}

/// A limit for a part of a gateway's calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Names it in headers, logs and errors; unique in its gateway. Its counters go by it.
    pub id: String,
    /// Whose calls are counted together.
    pub by: LimitBy,
    /// What is counted.
    pub unit: LimitUnit,
    /// The most: in a window, or at the same time.
    pub limit: u64,
    /// Seconds of a window; not for [`LimitUnit::Concurrent`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<u64>,
    /// How windows follow each other.
    #[serde(default)]
    pub technique: Technique,
}

impl RateLimit {
    /// Limits of one gateway.
    pub const MOST: usize = 20;
}

/// Whose calls a limit counts together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum LimitBy {
    /// `gateway`: all of them.
    Gateway,
    /// `token`: those of each gateway token; callers without one count together.
    Token,
    /// `model`: those of each provider's model.
    Model,
    /// `metadata.{key}`: those of each value; calls without the key are not limited.
    Metadata(String),
}

impl TryFrom<String> for LimitBy {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "gateway" => Ok(Self::Gateway),
            "token" => Ok(Self::Token),
            "model" => Ok(Self::Model),
            _ => match text.strip_prefix("metadata.").filter(|key| !key.is_empty()) {
                Some(key) => Ok(Self::Metadata(key.to_owned())),
                None => Err("must be gateway, token, model or metadata.{key}".to_owned()),
            },
        }
    }
}

impl From<LimitBy> for String {
    fn from(by: LimitBy) -> Self {
        match by {
            LimitBy::Gateway => "gateway".to_owned(),
            LimitBy::Token => "token".to_owned(),
            LimitBy::Model => "model".to_owned(),
            LimitBy::Metadata(key) => format!("metadata.{key}"),
        }
    }
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LimitUnit {
    /// Client requests.
    Requests,
    /// Tokens, in and out.
    Tokens,
    /// Requests at the same time.
    Concurrent,
}

impl LimitUnit {
    /// The stored word.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Tokens => "tokens",
            Self::Concurrent => "concurrent",
        }
    }
}

/// Answers questions that are alike with the same answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SemanticCache {
    /// Provider of the embedding model.
    pub provider: String,
    /// The embedding model, in its provider's words.
    pub model: String,
    /// Least cosine similarity, above 0 and up to 1.
    pub threshold: f64,
}
