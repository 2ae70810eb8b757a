//! The body of a provider's answer, passed on frame by frame while a copy is read.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Sleep;
use weir_core::log::LogError;

use crate::exchange::{Exchange, Outcome};
use crate::upstream::UpstreamBody;

/// A provider's answer on its way. Frames go on as they are; `finish` runs at the last one, or
/// when the body is dropped before that.
pub struct TapBody {
    body: UpstreamBody,
    /// A frame that was read ahead of the head.
    first: Option<Bytes>,
    exchange: Exchange,
    idle: Duration,
    /// Made at the first wait, so that an answer that is there at once costs no timer.
    silence: Option<Pin<Box<Sleep>>>,
    last_frame: Instant,
    ended: bool,
}

impl TapBody {
    pub(super) fn new(
        body: UpstreamBody,
        first: Option<Bytes>,
        exchange: Exchange,
        idle: Duration,
    ) -> Self {
        let last_frame = Instant::now();
        let mut tap = Self { body, first, exchange, idle, silence: None, last_frame, ended: false };
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
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        if let Some(data) = this.first.take() {
            this.note(&data);
            if this.is_end_stream() {
                this.end(Outcome::Delivered);
            }
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        match Pin::new(&mut this.body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(data) = frame.data_ref() {
                    this.note(data);
                }
                if this.is_end_stream() {
                    this.end(Outcome::Delivered);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(None) => {
                this.end(Outcome::Delivered);
                Poll::Ready(None)
            }
            Poll::Ready(Some(Err(error))) => {
                let message = "the provider closed the connection inside its answer";
                this.end(Outcome::BrokenOff(LogError {
                    code: "stream_truncated".into(),
                    message: message.into(),
                }));
                Poll::Ready(Some(Err(BrokenOff(error.to_string()).into())))
            }
            Poll::Pending => match this.poll_silence(cx) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(()) => {
                    let quiet = this.idle.as_secs();
                    let message = format!("the provider sent nothing for {quiet} s");
                    this.end(Outcome::BrokenOff(LogError {
                        code: "idle_timeout".into(),
                        message: message.as_str().into(),
                    }));
                    Poll::Ready(Some(Err(BrokenOff(message).into())))
                }
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && (self.ended || self.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
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
