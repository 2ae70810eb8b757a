//! The facts of one call, from its head to its log record. Written by few steps, read by many.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::Method;
use weir_core::log::LogError;
use weir_core::trail::Trail;
use weir_core::{Error, Gateway, LogId, ProviderSlug, Snapshot, Timestamp, Usage};
use weir_llm::answer::Reader;

use crate::auth::Caller;
use crate::capture::Capture;
use crate::credential::Source;
use crate::options::RequestOptions;
use crate::plane::Shared;
use crate::request_body::RequestCopy;

/// One client call. Dropping it unfinished finishes it as abandoned, so that every call leaves
/// exactly one record, also when the client leaves or a task panics.
pub(crate) struct Exchange {
    /// `None` once finished.
    facts: Option<Box<Facts>>,
    shared: Arc<Shared>,
}

/// What is known about a call.
pub(crate) struct Facts {
    /// Id of its log row.
    pub(crate) id: LogId,
    /// Id of the request that it belongs to; the same, unless that has several steps.
    pub(crate) request_id: LogId,
    /// Which of the steps it is.
    pub(crate) step: u32,
    pub(crate) started: Instant,
    pub(crate) created_at: Timestamp,
    /// The configuration it began with, and ends by.
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) caller: Caller,
    pub(crate) options: RequestOptions,
    pub(crate) call: Call,
    pub(crate) trace: Trace,
    /// What was decided on it so far, and why.
    pub(crate) trail: Trail,
}

/// What the client asked for.
pub(crate) struct Call {
    pub(crate) provider: ProviderSlug,
    pub(crate) method: Method,
    /// Path after the provider, with the query, as the client sent it; at a unified endpoint the
    /// path after the gateway.
    pub(crate) rest: Box<str>,
    /// What a unified endpoint made of it; none on a provider's own path.
    pub(crate) unified: Option<Unified>,
    pub(crate) content_type: Option<Box<str>>,
    pub(crate) user_agent: Option<Box<str>>,
    pub(crate) request: RequestCopy,
}

/// A call at a unified endpoint, in the provider's terms.
pub(crate) struct Unified {
    /// The model, in the provider's word.
    pub(crate) model: Box<str>,
    /// What it is for, in the log's word.
    pub(crate) model_type: &'static str,
}

/// What happened so far.
#[derive(Default)]
pub(crate) struct Trace {
    /// Waiting for the client's body; not our own time.
    pub(crate) body_wait: Duration,
    pub(crate) sent_at: Option<Instant>,
    pub(crate) head_at: Option<Instant>,
    pub(crate) replied_at: Option<Instant>,
    pub(crate) first_byte_at: Option<Instant>,
    pub(crate) first_content_at: Option<Instant>,
    pub(crate) upstream_status: Option<u16>,
    /// Whose credential went along.
    pub(crate) source: Option<Source>,
    pub(crate) status: Option<u16>,
    pub(crate) answer: Option<AnswerCopy>,
    /// The error that a translated stream ended in.
    pub(crate) told: Option<LogError>,
    /// Token counts that came in headers.
    pub(crate) header_usage: Option<Usage>,
}

/// The answer's side of the tap.
pub(crate) struct AnswerCopy {
    pub(crate) content_type: Option<Box<str>>,
    pub(crate) is_stream: bool,
    /// The bytes are compressed.
    pub(crate) gzip: bool,
    pub(crate) reader: Reader,
    pub(crate) capture: Capture,
}

/// How a call ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The answer was handed over whole.
    Delivered,
    /// The client left before that.
    ClientGone,
    /// The provider broke off inside its answer, or fell silent.
    BrokenOff(LogError),
    /// The gateway answered with an error of its own, of this status.
    Refused(LogError, u16),
}

impl Exchange {
    pub(crate) fn new(facts: Box<Facts>, shared: Arc<Shared>) -> Self {
        shared.metrics.in_flight.inc();
        Self { facts: Some(facts), shared }
    }

    /// The facts; none once the call is finished.
    pub(crate) fn facts(&self) -> Option<&Facts> {
        self.facts.as_deref()
    }

    /// The facts, to add to.
    pub(crate) fn facts_mut(&mut self) -> Option<&mut Facts> {
        self.facts.as_deref_mut()
    }

    /// Everything that is not of one call.
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Ends the call. Further calls do nothing.
    pub(crate) fn finish(&mut self, outcome: Outcome) {
        if let Some(facts) = self.facts.take() {
            self.shared.metrics.in_flight.dec();
            crate::finish::finish(*facts, outcome, &self.shared);
        }
    }

    /// Ends the call with an error of the gateway's own.
    pub(crate) fn refuse(&mut self, error: &Error) {
        let log =
            LogError { code: error.kind().label().into(), message: error.description().into() };
        self.finish(Outcome::Refused(log, error.code().http));
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.finish(Outcome::ClientGone);
    }
}
