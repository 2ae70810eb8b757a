//! The facts of one call, from its head to its log record. Written by few steps, read by many.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use http::Method;
use weir_core::cache::CachedAnswer;
use weir_core::log::LogError;
use weir_core::trail::Trail;
use weir_core::{Error, Gateway, LogId, ProviderSlug, Snapshot, Timestamp, Usage};
use weir_llm::answer::Reader;

use crate::admission::{Admission, Passed};
use crate::auth::Caller;
use crate::cache::{Fill, SharedEnd};
use crate::capture::Capture;
use crate::credential::{Source, UsedKey};
use crate::dynamic::call::SharedTicket;
use crate::options::RequestOptions;
use crate::plane::Shared;
use crate::redact::SentKeys;
use crate::request_body::RequestCopy;
use crate::spending::{Scope, Spend};

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
    /// Which try inside the step, from 0.
    pub(crate) attempt: u32,
    /// When the request came, or this try of it began.
    pub(crate) started: Instant,
    /// When all of the call has to be over.
    pub(crate) deadline: Option<Instant>,
    pub(crate) created_at: Timestamp,
    /// It came in a list of steps, whose places the client knows.
    pub(crate) universal: bool,
    /// The configuration it began with, and ends by.
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) caller: Caller,
    pub(crate) options: RequestOptions,
    pub(crate) call: Call,
    pub(crate) trace: Trace,
    /// What was decided, and why.
    pub(crate) trail: Trail,
    /// What the request took from the limits, shared by all that belongs to it. None for what no
    /// client asked for.
    pub(crate) admission: Option<Arc<Admission>>,
    /// Whose limits of what may be spent hold for it.
    pub(crate) scope: Scope,
    /// Its place at its target, kept until its last byte.
    pub(crate) ticket: Option<SharedTicket>,
    /// Set when another call was faster, and this one is let go.
    pub(crate) lost: Option<Arc<AtomicBool>>,
}

impl Facts {
    /// The facts of another try of the same call, under an id of its own, which takes over what this
    /// one was to do; when it begins is said when it does. None when the body has passed and cannot
    /// be sent again.
    pub(crate) fn again(&mut self, id: LogId) -> Option<Box<Self>> {
        matches!(self.call.request, RequestCopy::Whole(_)).then_some(())?;
        let (options, call) = (self.options.clone(), self.call.whole());
        let mut again = self.of_step(id, self.step, options, call, self.created_at);
        again.attempt = self.attempt + 1;
        again.trace = self.trace.of_next_try();
        again.trail = self.trail.clone();
        again.ticket.clone_from(&self.ticket);
        again.lost.clone_from(&self.lost);
        Some(again)
    }

    /// The facts of a step of this request, under an id of its own.
    pub(crate) fn of_step(
        &self,
        id: LogId,
        step: u32,
        options: RequestOptions,
        call: Call,
        now: Timestamp,
    ) -> Box<Self> {
        // The first one begins with the request.
        let is_first = step == 0;
        Box::new(Self {
            id,
            request_id: self.request_id,
            step,
            attempt: 0,
            started: if is_first { self.started } else { Instant::now() },
            deadline: self.deadline,
            created_at: if is_first { self.created_at } else { now },
            universal: self.universal,
            snapshot: Arc::clone(&self.snapshot),
            gateway: Arc::clone(&self.gateway),
            caller: self.caller.clone(),
            options,
            call,
            trace: Trace::default(),
            trail: Trail::default(),
            admission: self.admission.clone(),
            scope: self.scope,
            ticket: None,
            lost: None,
        })
    }

    /// Whether anybody will read what was decided on the call.
    pub(crate) const fn is_told(&self) -> bool {
        self.options.collect || self.options.explain
    }

    /// Whether another call was faster.
    pub(crate) fn is_lost(&self) -> bool {
        self.lost.as_ref().is_some_and(|lost| lost.load(Ordering::Relaxed))
    }

    /// The longest that anything may take before the answer begins.
    pub(crate) fn patience(&self) -> Option<Duration> {
        self.options.request_timeout.into_iter().chain(self.time_left()).min()
    }

    /// The longest wait for a first byte that leaves the whole call in its time.
    pub(crate) fn time_left(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }
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

impl Call {
    /// The call once more, with its body if that is in memory.
    pub(crate) fn whole(&self) -> Self {
        let request = match &self.request {
            RequestCopy::Whole(body) => RequestCopy::Whole(body.clone()),
            _ => RequestCopy::nothing(),
        };
        Self {
            provider: self.provider.clone(),
            method: self.method.clone(),
            rest: self.rest.clone(),
            unified: self.unified.clone(),
            content_type: self.content_type.clone(),
            user_agent: self.user_agent.clone(),
            request,
        }
    }
}

/// A call at a unified endpoint, in the provider's terms.
#[derive(Clone)]
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
    /// Waiting for the vector of the question; not our own time either.
    pub(crate) embedding_wait: Duration,
    pub(crate) sent_at: Option<Instant>,
    /// It did not go out after all: there was no connection for it.
    pub(crate) unsent: bool,
    pub(crate) head_at: Option<Instant>,
    pub(crate) replied_at: Option<Instant>,
    pub(crate) first_byte_at: Option<Instant>,
    pub(crate) first_content_at: Option<Instant>,
    pub(crate) upstream_status: Option<u16>,
    /// Whose credential went along.
    pub(crate) source: Option<Source>,
    /// Which of the stored or platform keys it was.
    pub(crate) key: Option<UsedKey>,
    /// Every key that went along, to be struck out of what is kept.
    pub(crate) sent_keys: SentKeys,
    pub(crate) status: Option<u16>,
    pub(crate) answer: Option<AnswerCopy>,
    /// The error that a translated stream ended in.
    pub(crate) told: Option<LogError>,
    /// Token counts that came in headers.
    pub(crate) header_usage: Option<Usage>,
    /// The stored answer that the client gets.
    pub(crate) hit: Option<Arc<CachedAnswer>>,
    /// The answer of an identical call that the client gets.
    pub(crate) joined: Option<Joined>,
    /// Tells the calls that joined this one how it ended.
    pub(crate) tells: Option<SharedEnd>,
    /// Limits on tokens that it passed.
    pub(crate) passed: Passed,
    /// What it may spend.
    pub(crate) spend: Spend,
    /// The answer, being collected for the cache.
    pub(crate) fill: Option<Box<Fill>>,
}

/// An answer that another call asked for.
pub(crate) struct Joined {
    /// It is an error.
    pub(crate) failed: bool,
    pub(crate) end: SharedEnd,
}

impl Trace {
    /// The provider was not asked: the answer is stored, or another call's.
    pub(crate) const fn is_given_again(&self) -> bool {
        self.hit.is_some() || self.joined.is_some()
    }

    /// Whether the request went out, or may have.
    pub(crate) const fn was_sent(&self) -> bool {
        self.sent_at.is_some() && !self.unsent
    }

    /// What the next try of the call begins with: where its answer goes, which limits it has passed,
    /// and what it is to claim. What this try holds it settles itself.
    fn of_next_try(&mut self) -> Self {
        Self {
            passed: self.passed.clone(),
            spend: self.spend.of_next_try(),
            fill: self.fill.take(),
            ..Self::default()
        }
    }

    /// The answer counts as one from the cache. An error never does.
    pub(crate) fn is_cached(&self) -> bool {
        self.hit.is_some() || self.joined.as_ref().is_some_and(|joined| !joined.failed)
    }
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

    /// The longest silence that the provider may keep inside its answer, as of now.
    pub(crate) fn silence(&self) -> Duration {
        let facts = self.facts();
        let idle = facts.and_then(|facts| facts.options.idle_timeout);
        let idle = idle.unwrap_or(self.shared.limits.idle);
        facts.and_then(Facts::time_left).map_or(idle, |left| left.min(idle))
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
