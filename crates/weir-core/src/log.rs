//! The log record: one row for each attempt (spec: observability 1.1, 1.2).

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::cost::Cost;
use crate::id::{AccountId, GatewayId, LogId, ProviderSlug};
use crate::trail::Trail;
use crate::usage::Usage;

/// One attempt as the log keeps it. Names are those of the logs API, so nothing is renamed on the
/// way out.
#[derive(Clone, Debug)]
pub struct LogRecord {
    /// Id of the row.
    pub id: LogId,
    /// Id of the client's request; equal to `id` when one attempt answered.
    pub request_id: LogId,
    /// Groups the rows of one request: the client's choice, `None` when it made none and the
    /// request id stands in.
    pub event_id: Option<Box<str>>,
    /// When the request arrived.
    pub created_at: Timestamp,
    /// Account of the gateway.
    pub account: AccountId,
    /// Gateway it came through.
    pub gateway: GatewayId,
    /// Provider that was called.
    pub provider: ProviderSlug,
    /// Model as the request or the answer names it; empty when neither does.
    pub model: Box<str>,
    /// `text-generation`, `text-embeddings`, ... when the path or body tells.
    pub model_type: Option<&'static str>,
    /// Path after the provider's slug, with its query, credentials cut out.
    pub path: Box<str>,
    /// HTTP method.
    pub method: Box<str>,
    /// Surface: `http`, later `universal`, `compat`, ...
    pub request_type: &'static str,
    /// Content type of the request.
    pub request_content_type: Option<Box<str>>,
    /// Content type of the answer.
    pub response_content_type: Option<Box<str>>,
    /// Status sent to the client; `None` when it left before one was sent.
    pub status_code: Option<u16>,
    /// Status the provider answered with.
    pub upstream_status_code: Option<u16>,
    /// A 2xx answer without an error inside it, delivered whole.
    pub success: bool,
    /// Served from the gateway's cache.
    pub cached: bool,
    /// Request head received to last byte handed over, in milliseconds.
    pub duration_ms: u32,
    /// Request head received to first byte of the answer, in milliseconds.
    pub latency_ms: Option<u32>,
    /// Request head received to first content of a streamed answer, in milliseconds.
    pub ttft_ms: Option<u32>,
    /// Time spent inside Weir rather than waiting for the provider, in microseconds.
    pub overhead_us: u32,
    /// What the call consumed, when the answer told.
    pub usage: Option<Usage>,
    /// What it cost; `None` when no price is known, never zero for unknown.
    pub cost: Option<Cost>,
    /// The caller set the price.
    pub custom_cost: bool,
    /// The price row that was used, e.g. `openai/gpt-4o-mini@2026-11-20`.
    pub price_id: Option<Arc<str>>,
    /// Cost as the provider itself reports it.
    pub provider_reported_cost: Option<Cost>,
    /// The caller's metadata as JSON text.
    pub metadata: Option<Box<str>>,
    /// Position in a fallback chain.
    pub step: u32,
    /// Which try inside the step, from 0.
    pub attempt_index: u32,
    /// The caller presented a valid token.
    pub authentication: bool,
    /// Id of that token.
    pub key_id: Option<Arc<str>>,
    /// Paid by a platform-managed key.
    pub wholesale: bool,
    /// A stored key was used.
    pub byok: bool,
    /// Client program.
    pub user_agent: Option<Box<str>>,
    /// The answer was a stream.
    pub stream: bool,
    /// Why the model stopped, in the provider's word, or `client_disconnect`.
    pub finish_reason: Option<Box<str>>,
    /// What went wrong, if anything.
    pub error: Option<LogError>,
    /// What was decided on the call, and why.
    pub trail: Option<Box<Trail>>,
    /// Full size of the request body in bytes, stored or not.
    pub request_size: u64,
    /// Full size of the answer's body in bytes, stored or not.
    pub response_size: u64,
    /// The bodies, or why they are not kept.
    pub payload: Payload,
}

impl LogRecord {
    /// What our own prices make of the call, whoever's figure counts. `None` where none of them fits.
    pub fn computed_cost(&self) -> Option<Cost> {
        let price = self.trail.as_ref()?.price.as_ref()?;
        match &*price.by {
            "gateway" | "account" | "list" => self.cost,
            _ => price.computed,
        }
    }
}

/// A failure as the log shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogError {
    /// Short machine word: a provider's error code or type, or ours (`timeout`,
    /// `stream_truncated`, ...).
    pub code: Box<str>,
    /// Text for people, without secrets.
    pub message: Box<str>,
}

/// Bodies of an attempt, kept apart from the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// Both bodies, whole and decoded.
    Stored {
        /// What the client sent.
        request: Vec<u8>,
        /// What the provider answered; for a stream, its raw bytes.
        response: Vec<u8>,
    },
    /// Not kept, and why.
    Omitted(PayloadReason),
}

impl Payload {
    /// Memory held by the bodies, in bytes.
    pub fn size(&self) -> usize {
        match self {
            Self::Stored { request, response } => request.capacity() + response.capacity(),
            Self::Omitted(_) => 0,
        }
    }
}

/// Why bodies were not kept (`payload_reason` in the API).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadReason {
    /// The caller or the gateway asked for that.
    OptedOut,
    /// Larger than one log may be (spec: data-plane 14: 10 MB).
    TooLarge,
    /// Given up so that the row itself could be kept while the store was slow.
    QueueFull,
}

impl PayloadReason {
    /// The stored word.
    pub const fn label(self) -> &'static str {
        match self {
            Self::OptedOut => "opted_out",
            Self::TooLarge => "too_large",
            Self::QueueFull => "queue_full",
        }
    }

    /// Reads the stored word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::OptedOut, Self::TooLarge, Self::QueueFull]
            .into_iter()
            .find(|reason| reason.label() == text)
    }
}

/// Which of the two bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The client's.
    Request,
    /// The provider's.
    Response,
}
