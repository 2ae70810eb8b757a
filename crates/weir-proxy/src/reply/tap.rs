//! The body of a provider's answer, passed on frame by frame while a copy is read.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Sleep;
use weir_core::log::LogError;
use weir_llm::stream_usage::UsageEventFilter;

use crate::exchange::{Exchange, Outcome};
use crate::upstream::UpstreamBody;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A provider's answer on its way. Frames go on as they are; `finish` runs at the last one, or
/// when the body is dropped before that.
pub struct TapBody {
    body: UpstreamBody,
    /// A frame that was read ahead of the head.
    first: Option<Bytes>,
    /// Takes out the event that we asked for and the client did not.
    filter: Option<UsageEventFilter>,
    exchange: Exchange,
    idle: Duration,
    /// Made at the first wait, so that an answer that is there at once costs no timer.
    silence: Option<Pin<Box<Sleep>>>,
    last_frame: Instant,
    ended: bool,
    /// The failure that comes next.
    broken: Option<BrokenOff>,
}

impl TapBody {
    pub(super) fn new(
        body: UpstreamBody,
        first: Option<Bytes>,
        filter: Option<UsageEventFilter>,
        exchange: Exchange,
        idle: Duration,
    ) -> Self {
        let last_frame = Instant::now();
        let silence = None;
        let mut tap = Self {
            body,
            first,
            filter,
            exchange,
            idle,
            silence,
            last_frame,
            ended: false,
            broken: None,
        };
        if tap.is_end_stream() {
            tap.end(Outcome::Delivered);
        }
        tap
    }

    fn end(&mut self, outcome: Outcome) {
        self.ended = true;
        self.exchange.finish(outcome);
    }

    /// Reads a copy of a frame that is about to be passed on.
    fn note(&mut self, data: &[u8]) {
        self.last_frame = Instant::now();
        let now = self.last_frame;
        let Some(facts) = self.exchange.facts_mut() else { return };
        let trace = &mut facts.trace;
        trace.first_byte_at.get_or_insert(now);
        if let Some(answer) = &mut trace.answer {
            answer.capture.push(data);
            answer.reader.push(data);
            if trace.first_content_at.is_none() && answer.is_stream && answer.reader.saw_content() {
                trace.first_content_at = Some(now);
            }
        }
    }

    /// Reads a copy of a frame, and gives what of it goes on: with a filter that can be nothing.
    fn pass(&mut self, data: Bytes) -> Option<Bytes> {
        self.note(&data);
        let data = match &mut self.filter {
            Some(filter) => Bytes::from(filter.push(&data)),
            None => data,
        };
        if self.is_end_stream() {
            self.end(Outcome::Delivered);
        }
        (!data.is_empty()).then_some(data)
    }

    /// Ends the answer as the provider did: badly. What was passed on before gets one chance to
    /// leave, because the failure makes the server drop what it has not yet written.
    fn break_off<T>(
        &mut self,
        cx: &Context<'_>,
        code: &str,
        message: &str,
        cause: String,
    ) -> Poll<Option<Result<T, BoxError>>> {
        let error = LogError { code: code.into(), message: message.into() };
        self.end(Outcome::BrokenOff(error));
        self.broken = Some(BrokenOff(cause));
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Whether the provider has been silent for too long. Frames do not touch the timer; it looks
    /// at the time of the last frame when it fires, and goes on if that was recent.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let idle = self.idle;
        let silence = self.silence.get_or_insert_with(|| Box::pin(tokio::time::sleep(idle)));
        while silence.as_mut().poll(cx).is_ready() {
            let quiet = self.last_frame.elapsed();
            if quiet >= idle {
                return Poll::Ready(());
            }
            silence.as_mut().reset(tokio::time::Instant::now() + (idle - quiet));
        }
        Poll::Pending
    }
}

/// The provider broke off, and so must we: the client has to see that the answer is not whole.
#[derive(Debug, thiserror::Error)]
#[error("the provider broke off: {0}")]
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
        if let Some(data) = this.first.take()
            && let Some(data) = this.pass(data)
        {
            return Poll::Ready(Some(Ok(Frame::data(data))));
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
                    this.end(Outcome::Delivered);
                    let held = this.filter.take().map(UsageEventFilter::finish);
                    let held = held.filter(|held| !held.is_empty());
                    return Poll::Ready(held.map(|held| Ok(Frame::data(held.into()))));
                }
                Poll::Ready(Some(Err(error))) => {
                    let message = "the provider closed the connection inside its answer";
                    return this.break_off(cx, "stream_truncated", message, error.to_string());
                }
                Poll::Pending => {
                    if this.poll_silence(cx).is_pending() {
                        return Poll::Pending;
                    }
                    let message = format!("the provider sent nothing for {:?}", this.idle);
                    return this.break_off(cx, "idle_timeout", &message, message.clone());
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        // A filter may still hold something when the provider has said everything.
        self.ended || (self.first.is_none() && self.filter.is_none() && self.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        if self.filter.is_some() {
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
