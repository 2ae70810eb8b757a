//! What an answer says, read from a copy of its bytes while they pass.
//!
//! The shape of the bytes decides, never the provider's name: a custom provider that speaks a known
//! dialect is understood as well as the original. A reader takes chunks cut anywhere, keeps only
//! small captured values, and never fails: of bytes it cannot understand it reports nothing.

mod framing;

use weir_core::log::LogError;
use weir_core::{Cost, Usage};

pub use framing::{Encoding, Framing};

/// Everything an answer told about itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Tokens, normalised over all dialects (spec: observability 5.1).
    pub usage: Option<Usage>,
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
}

/// How an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With the mark its dialect ends with, or with an error the provider reported itself.
    Complete,
    /// Cut off: the dialect or the framing was recognised, and its end never came.
    Truncated,
    /// Nothing in it tells.
    Unknown,
}

/// Reads one answer, chunk by chunk.
pub struct Reader;

impl Reader {
    /// A reader for a body of that framing and content encoding.
    pub fn new(_framing: Framing, _encoding: Encoding) -> Self {
        Self
    }

    /// Takes the next bytes of the body, as they came from the provider.
    pub fn push(&mut self, _chunk: &[u8]) {}

    /// Whether any content has come yet: text, reasoning or a piece of a tool call. Role
    /// announcements and pings are none.
    pub fn saw_content(&self) -> bool {
        false
    }

    /// Everything the body told. Call it when the body has ended, in whatever way.
    pub fn finish(self) -> Answer {
        Answer {
            usage: None,
            model: None,
            service_tier: None,
            finish_reason: None,
            error: None,
            reported_cost: None,
            end: End::Unknown,
        }
    }
}

/// Usage from the headers of a Bedrock `invoke` answer, whose body often has none
/// (spec: observability 5.1). `get` looks a header up by its lower-case name.
pub fn usage_from_headers<'a>(_get: impl Fn(&str) -> Option<&'a str>) -> Option<Usage> {
    None
}
