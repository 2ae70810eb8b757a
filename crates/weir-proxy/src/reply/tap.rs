//! The body of a provider's answer, passed on frame by frame while a copy is read.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Sleep;
use weir_core::Error;
use weir_core::log::LogError;
use weir_llm::canonical::Failure;
use weir_llm::stream_usage::UsageEventFilter;
use weir_llm::translate::StreamTranslator;

use super::source::BodySource;
use crate::cache::SharedEnd;
use crate::exchange::{Exchange, Facts, Outcome};
use crate::spending::stop;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How often a silent answer looks whether its caller was stopped.
const LOOK: Duration = Duration::from_secs(2);

/// A provider's answer on its way. Frames go on as they are; `finish` runs at the last one, or
/// when the body is dropped before that.
pub struct TapBody {
    body: BodySource,
    /// A frame that was read ahead of the head.
    first: Option<Bytes>,
    change: Change,
    exchange: Exchange,
    idle: Duration,
    /// When all of the call has to be over.
    deadline: Option<Instant>,
    /// Made at the first wait, so that an answer that is there at once costs no timer.
    silence: Option<Pin<Box<Sleep>>>,
    last_frame: Instant,
    /// The state of the configuration by which the call may go on.
    generation: u64,
    ended: bool,
    /// The failure that comes next.
    broken: Option<BrokenOff>,
}

/// What becomes of the frames on their way.
pub(super) enum Change {
    /// They go on as they are.
    Nothing,
    /// They were changed and read before.
    Done,
    /// The event is taken out that we asked for and the client did not.
    Usage(UsageEventFilter),
    /// They are put into the client's dialect.
    Translate(Box<StreamTranslator>),
}

impl TapBody {
    pub(super) fn new(
        body: BodySource,
        first: Option<Bytes>,
        change: Change,
        exchange: Exchange,
    ) -> Self {
        let last_frame = Instant::now();
        let deadline = exchange.facts().and_then(|facts| facts.deadline);
        let own = exchange.facts().and_then(|facts| facts.options.idle_timeout);
        let idle = own.unwrap_or(exchange.shared().limits.idle);
        let silence = None;
        let generation = exchange.facts().map_or(0, |facts| facts.snapshot.generation());
        let mut tap = Self {
            body,
            first,
            change,
            exchange,
            idle,
            deadline,
            silence,
            last_frame,
            generation,
            ended: false,
            broken: None,
        };
        if tap.is_end_stream() {
            tap.end(Outcome::Delivered);
        }
        tap
    }

    /// Makes the end of the call known to those that join it. Its facts, unless it has ended.
    pub(super) fn tell(&mut self, end: &SharedEnd) -> Option<&Facts> {
        let facts = self.exchange.facts_mut()?;
        facts.trace.tells = Some(Arc::clone(end));
        Some(facts)
    }

    fn end(&mut self, outcome: Outcome) {
        self.ended = true;
        self.exchange.finish(outcome);
    }

    /// Reads a copy of a frame of the provider's.
    fn read(&mut self, data: &[u8]) {
        self.last_frame = Instant::now();
        let now = self.last_frame;
        let Some(facts) = self.exchange.facts_mut() else { return };
        let trace = &mut facts.trace;
        trace.first_byte_at.get_or_insert(now);
        if let Some(answer) = &mut trace.answer
            && !matches!(self.change, Change::Done)
        {
            answer.reader.push(data);
            if trace.first_content_at.is_none() && answer.is_stream && answer.reader.saw_content() {
                trace.first_content_at = Some(now);
            }
        }
    }

    /// Keeps a copy of what the client gets.
    fn keep(&mut self, data: &[u8]) {
        if let Some(facts) = self.exchange.facts_mut()
            && let Some(answer) = &mut facts.trace.answer
        {
            answer.capture.push(data);
        }
    }

    /// Remembers an error that the client was told.
    fn note(&mut self, failure: Option<Failure>) {
        if let (Some(failure), Some(facts)) = (failure, self.exchange.facts_mut()) {
            let code = failure.kind.or(failure.code).unwrap_or_else(|| "provider_error".to_owned());
            let error = LogError { code: code.into(), message: failure.message.into() };
            facts.trace.told.get_or_insert(error);
        }
    }

    /// Reads a copy of a frame, and gives what of it goes on: with a change that can be nothing.
    fn pass(&mut self, data: Bytes) -> Option<Bytes> {
        self.read(&data);
        let data = match &mut self.change {
            Change::Nothing | Change::Done => data,
            Change::Usage(filter) => {
                let passed = Bytes::from(filter.push(&data));
                self.keep(&data);
                return self.passed(passed);
            }
            Change::Translate(translator) => {
                let translated = Bytes::from(translator.push(&data));
                let failure = translator.take_failure();
                self.note(failure);
                translated
            }
        };
        self.keep(&data);
        self.passed(data)
    }

    fn passed(&mut self, data: Bytes) -> Option<Bytes> {
        self.collect(&data);
        if self.is_end_stream() {
            self.end(Outcome::Delivered);
        }
        (!data.is_empty()).then_some(data)
    }

    /// Collects what the client gets for the cache.
    fn collect(&mut self, data: &Bytes) {
        if let Some(facts) = self.exchange.facts_mut()
            && let Some(fill) = &mut facts.trace.fill
            && !data.is_empty()
        {
            fill.push(data);
        }
    }

    /// What is left to say when the provider has said everything.
    fn rest(&mut self) -> Option<Bytes> {
        let rest = match std::mem::replace(&mut self.change, Change::Nothing) {
            Change::Nothing | Change::Done => Vec::new(),
            Change::Usage(filter) => filter.finish(),
            Change::Translate(mut translator) => {
                let rest = translator.finish();
                self.note(translator.take_failure());
                self.keep(&rest);
                rest
            }
        };
        let rest = Bytes::from(rest);
        self.collect(&rest);
        self.end(Outcome::Delivered);
        (!rest.is_empty()).then_some(rest)
    }

    /// Ends the answer as the provider did: badly. What was passed on before gets one chance to
    /// leave, because the failure makes the server drop what it has not yet written.
    fn break_off(
        &mut self,
        cx: &Context<'_>,
        code: &str,
        message: &str,
        cause: String,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let error = LogError { code: code.into(), message: message.into() };
        if let Change::Translate(translator) = &mut self.change {
            // Its client reads events, and can be told in one what happened.
            let failure = Failure { kind: Some(code.to_owned()), ..Failure::new(502, message) };
            let last = translator.fail(&failure);
            self.keep(&last);
            self.end(Outcome::BrokenOff(error));
            return Poll::Ready((!last.is_empty()).then(|| Ok(Frame::data(last.into()))));
        }
        self.end(Outcome::BrokenOff(error));
        self.broken = Some(BrokenOff(cause));
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Whether the provider has been silent for too long, the call has taken all of its time, or its
    /// caller was stopped. Frames do not touch the timer; it looks at the time of the last frame when
    /// it fires, and goes on if that was recent.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<Late> {
        let idle = self.idle;
        let deadline = self.deadline;
        let first = deadline.map_or(idle, |at| at.duration_since(Instant::now()).min(idle));
        let first = first.min(LOOK);
        let mut silence =
            self.silence.take().unwrap_or_else(|| Box::pin(tokio::time::sleep(first)));
        while silence.as_mut().poll(cx).is_ready() {
            if let Some(stopped) = self.stopped() {
                return Poll::Ready(Late::Stopped(stopped));
            }
            let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return Poll::Ready(Late::Over);
            }
            let quiet = self.last_frame.elapsed();
            if quiet >= idle {
                return Poll::Ready(Late::Silent);
            }
            let wait = left.map_or(idle - quiet, |left| left.min(idle - quiet)).min(LOOK);
            silence.as_mut().reset(tokio::time::Instant::now() + wait);
        }
        self.silence = Some(silence);
        Poll::Pending
    }

    /// Whether an operator has stopped the call's caller since it was last asked. Looks further only
    /// when the configuration is another than before.
    fn stopped(&mut self) -> Option<Error> {
        let shared = self.exchange.shared();
        let live = shared.configuration.live().load();
        if live.generation() == self.generation {
            return None;
        }
        self.generation = live.generation();
        let stopped = stop::of(&live, self.exchange.facts()?, shared.clock.now())?;
        shared.metrics.calls_cut_off.inc();
        Some(stopped)
    }

    /// Whether the call has taken all of its time although parts of the answer keep coming.
    fn is_over_time(&self) -> bool {
        self.deadline.is_some_and(|at| at <= Instant::now())
    }

    fn break_late(
        &mut self,
        cx: &Context<'_>,
        late: Late,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let (code, message) = match late {
            Late::Silent => {
                ("idle_timeout", format!("the provider sent nothing for {:?}", self.idle))
            }
            Late::Over => ("total_timeout", "the call took longer than it may".to_owned()),
            Late::Stopped(stopped) => ("stopped", stopped.description().into_owned()),
        };
        self.break_off(cx, code, &message, message.clone())
    }
}

/// How an answer is late.
enum Late {
    /// Nothing came for too long.
    Silent,
    /// The time for the whole call is over.
    Over,
    /// An operator has stopped its caller.
    Stopped(Error),
}

/// The provider broke off, or has to, and so must we: the client has to see that the answer is not
/// whole.
#[derive(Debug, thiserror::Error)]
#[error("the answer broke off: {0}")]
struct BrokenOff(String);

impl Body for TapBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        if let Some(broken) = this.broken.take() {
            return Poll::Ready(Some(Err(broken.into())));
        }
        if this.ended {
            return Poll::Ready(None);
        }
        if let Some(stopped) = this.stopped() {
            return this.break_late(cx, Late::Stopped(stopped));
        }
        if let Some(data) = this.first.take()
            && let Some(data) = this.pass(data)
        {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        if this.is_over_time() {
            return this.break_late(cx, Late::Over);
        }
        loop {
            match Pin::new(&mut this.body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => {
                        if let Some(data) = this.pass(data) {
                            return Poll::Ready(Some(Ok(Frame::data(data))));
                        }
                    }
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                Poll::Ready(None) => {
                    return Poll::Ready(this.rest().map(|rest| Ok(Frame::data(rest))));
                }
                Poll::Ready(Some(Err(error))) => {
                    let message = "the provider closed the connection inside its answer";
                    return this.break_off(cx, "stream_truncated", message, error.to_string());
                }
                Poll::Pending => {
                    let Poll::Ready(late) = this.poll_silence(cx) else { return Poll::Pending };
                    return this.break_late(cx, late);
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        // A change may still hold something when the provider has said everything.
        let held = matches!(self.change, Change::Usage(_) | Change::Translate(_));
        self.ended || (self.first.is_none() && !held && self.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        if matches!(self.change, Change::Usage(_) | Change::Translate(_)) {
            return SizeHint::default();
        }
        let mut hint = self.body.size_hint();
        if let Some(first) = &self.first {
            let length = first.len() as u64;
            if let Some(upper) = hint.upper() {
                hint.set_upper(upper + length);
            }
            hint.set_lower(hint.lower() + length);
        }
        hint
    }
}
