//! What an answer says, read from a copy of its bytes while they pass.
//!
//! The shape of the bytes decides, never the provider's name: a custom provider that speaks a known
//! dialect is understood as well as the original. A reader takes chunks cut anywhere, keeps only
//! small captured values, and never fails: of bytes it cannot understand it reports nothing.

mod collector;
mod counts;
mod delivered;
mod dialect;
mod documents;
mod error;
mod field;
mod framing;
mod modality;
mod prefilter;
mod reader;

#[cfg(test)]
mod tests;

use weir_core::log::LogError;
use weir_core::{Cost, Usage};

use crate::pricing::SearchSize;

pub use counts::usage_from_headers;
pub use framing::{Encoding, Framing};
pub use reader::Reader;

/// Everything an answer told about itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// Tokens, normalised over all dialects (spec: observability 5.1).
    pub usage: Option<Usage>,
    /// What of it is billed, where the provider tells that apart: the measure of the cost.
    pub billed: Option<Usage>,
    /// How much of the web its searches looked at.
    pub search_size: SearchSize,
    /// The model that answered, in the provider's word.
    pub model: Option<Box<str>>,
    /// The service tier that was charged, e.g. `priority`.
    pub service_tier: Option<Box<str>>,
    /// Why the model stopped, in the provider's word.
    pub finish_reason: Option<Box<str>>,
    /// An error inside the answer, whatever the HTTP status said.
    pub error: Option<LogError>,
    /// What the provider says this call cost.
    pub reported_cost: Option<Cost>,
    /// Whether the answer came to its proper end.
    pub end: End,
    /// Bytes of text, reasoning and arguments that the events of a stream have brought, as JSON
    /// writes them. For estimates, where the usage never came.
    pub delivered: u64,
}

/// How an answer ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// With the mark its dialect ends with, or with an error the provider reported itself.
    Complete,
    /// Cut off: the dialect or the framing was recognised, and its end never came.
    Truncated,
    /// Nothing in it tells.
    #[default]
    Unknown,
}
