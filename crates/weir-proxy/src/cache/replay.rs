//! A stored stream on its way once more.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, Sleep};
use weir_core::cache::CachedAnswer;
use weir_core::traffic::StreamPace;

/// Gives the parts of a stored stream, at once or at the pace at which they once came.
pub(crate) struct Replay {
    answer: Arc<CachedAnswer>,
    next: usize,
    pace: StreamPace,
    began: Instant,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Replay {
    pub(crate) fn new(answer: Arc<CachedAnswer>, pace: StreamPace) -> Self {
        Self { answer, next: 0, pace, began: Instant::now(), waiting: None }
    }

    pub(crate) fn poll_part(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let Some(frame) = self.answer.frames.get(self.next) else { return Poll::Ready(None) };
        if self.pace == StreamPace::Recorded {
            let due = self.began + Duration::from_millis(frame.at_ms.into());
            let waiting =
                self.waiting.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
            if waiting.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.waiting = None;
        }
        let start = self.next.checked_sub(1).and_then(|it| self.answer.frames.get(it));
        let start = start.map_or(0, |frame| frame.end as usize);
        self.next += 1;
        Poll::Ready(Some(self.answer.body.slice(start..frame.end as usize)))
    }

    pub(crate) fn is_over(&self) -> bool {
        self.next >= self.answer.frames.len()
    }
}
