//! Settings of a gateway that steer its traffic beyond what the original knows: further limits, the
//! cache of like questions, the replay of streams.

use serde::{Deserialize, Serialize};

use crate::fault::Faults;
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

    /// Names that the limits have which are no rules: the gateway's own, and the one of calls on the
    /// operator's keys.
    pub const RESERVED: [&str; 2] = ["gateway", "platform"];

    /// Whether an id may name a limit: it goes into headers, so it is plain.
    ///
    /// # Errors
    ///
    /// The reason, to be put behind the field's name.
    pub fn check_id(id: &str) -> Result<(), &'static str> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        if id.is_empty() || id.len() > 64 || !id.bytes().all(plain) {
            Err("must be 1 to 64 letters, digits, '_', '-' or '.'")
        } else if Self::RESERVED.contains(&id) {
            Err("is the name of a limit that is there already")
        } else {
            Ok(())
        }
    }

    /// Notes what is wrong with the limits of one gateway.
    pub(crate) fn check(limits: &[Self], faults: &mut Faults) {
        if limits.len() > Self::MOST {
            faults.refuse(format_args!("may hold {} limits", Self::MOST));
        }
        for (place, limit) in limits.iter().enumerate() {
            let before = limits.iter().take(place);
            faults.within(place, |faults| limit.check_one(before, faults));
        }
    }

    fn check_one<'a>(&self, mut before: impl Iterator<Item = &'a Self>, faults: &mut Faults) {
        if let Err(reason) = Self::check_id(&self.id) {
            faults.refuse_at("id", reason);
        } else if before.any(|other| other.id == self.id) {
            faults.refuse_at("id", format_args!("{} is given more than once", self.id));
        }
        if self.limit == 0 {
            faults.refuse_at("limit", "must be greater than 0");
        }
        let windowed = self.unit != LimitUnit::Concurrent;
        match self.interval {
            Some(_) if !windowed => {
                faults.refuse_at("interval", "is not for concurrent, which has no window");
            }
            None | Some(0) if windowed => {
                faults.refuse_at("interval", "is required: the seconds of a window, above 0");
            }
            _ => {}
        }
        // Fixed is what reads back when nobody said anything.
        if !windowed && self.technique != Technique::Fixed {
            faults.refuse_at("technique", "is not for concurrent, which has no window");
        }
    }
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

impl LimitBy {
    /// Reads the stored word.
    ///
    /// # Errors
    ///
    /// What it must be, to be put behind the field's name.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        match text {
            "gateway" => Ok(Self::Gateway),
            "token" => Ok(Self::Token),
            "model" => Ok(Self::Model),
            _ => match text.strip_prefix("metadata.").filter(|key| !key.is_empty()) {
                Some(key) => Ok(Self::Metadata(key.to_owned())),
                None => Err("must be gateway, token, model or metadata.{key}"),
            },
        }
    }
}

impl TryFrom<String> for LimitBy {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
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

impl SemanticCache {
    /// Notes what is wrong with it.
    pub(crate) fn check(&self, faults: &mut Faults) {
        // Written so that what is no number fails, too.
        let sensible = self.threshold > 0.0 && self.threshold <= 1.0;
        if !sensible {
            faults.refuse_at("threshold", "must be above 0 and at most 1");
        }
    }
}

#[cfg(test)]
mod tests;
