//! The response body: prepared bytes, let out in steps and ended as the script says.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http_body::{Frame, SizeHint};
use std::io::Write as _;
use tokio::time::{Instant, Sleep, sleep};

use super::events::{Ending, Events};
use super::script::{Script, Trouble};

/// Pause before a cut: the HTTP layer drops what it has not yet flushed when a body fails, and
/// the chunks before the cut must arrive.
const FLUSH_PAUSE: Duration = Duration::from_millis(20);

/// A prepared body.
pub(super) struct Body {
    data: Bytes,
    /// Where each frame ends in `data`.
    ends: Vec<usize>,
    /// Index of the next frame.
    next: usize,
    /// Where the next frame begins.
    at: usize,
    /// Pause before each frame but the first.
    gap: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    ending: Ending,
    /// Length to declare; `None` sends chunks of unknown total.
    declared: Option<u64>,
}

impl Body {
    /// A whole document with a declared length.
    pub(super) fn document(data: Vec<u8>) -> Self {
        let declared = Some(data.len() as u64);
        let ends = if data.is_empty() { Vec::new() } else { vec![data.len()] };
        Self::new(data, ends, Duration::ZERO, Ending::Clean, declared)
    }

    /// A document, or the first half of it where the script has trouble in the middle.
    pub(super) fn scripted(mut data: Vec<u8>, script: &Script, gzip: bool) -> io::Result<Self> {
        let trouble = script.after.map(|after| after.trouble);
        if matches!(trouble, None | Some(Trouble::Error)) {
            let data = if gzip { compress(&data, &[data.len()])?.0 } else { data };
            return Ok(Self::document(data));
        }
        data.truncate(data.len() / 2);
        let mut ends = vec![data.len()];
        if gzip {
            (data, ends) = compress(&data, &ends)?;
        }
        let ending = match trouble {
            Some(Trouble::Hang) => Ending::Hang,
            Some(Trouble::Cut) => Ending::Cut,
            _ => Ending::Clean,
        };
        Ok(Self::new(data, ends, Duration::ZERO, ending, None))
    }

    /// A stream, one event a frame.
    pub(super) fn stream(mut events: Events, script: &Script, gzip: bool) -> io::Result<Self> {
        if let Some(after) = script.after {
            events.disturb(after);
        }
        let Events { buffer, ends, ending, .. } = events;
        let (buffer, ends) = if gzip { compress(&buffer, &ends)? } else { (buffer, ends) };
        Ok(Self::new(buffer, ends, script.chunk, ending, None))
    }

    fn new(
        data: Vec<u8>,
        ends: Vec<usize>,
        gap: Duration,
        ending: Ending,
        declared: Option<u64>,
    ) -> Self {
        Self { data: data.into(), ends, next: 0, at: 0, gap, timer: None, ending, declared }
    }

    /// Waits once for `pause`; the next call starts a new wait.
    fn poll_pause(&mut self, cx: &mut Context<'_>, pause: Duration) -> Poll<()> {
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(pause)));
        ready!(timer.as_mut().poll(cx));
        self.timer = None;
        Poll::Ready(())
    }

    /// Waits for the time of the next frame. The timer is set again in place, and counts from the
    /// time it was due, so that the rhythm does not drift under load.
    fn poll_gap(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.gap.is_zero() {
            return Poll::Ready(());
        }
        match &mut self.timer {
            None => self.timer = Some(Box::pin(sleep(self.gap))),
            Some(timer) => {
                ready!(timer.as_mut().poll(cx));
                let due: Instant = timer.deadline() + self.gap;
                timer.as_mut().reset(due);
            }
        }
        Poll::Ready(())
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let Some(end) = self.ends.get(self.next).copied() else {
            return match self.ending {
                Ending::Clean => Poll::Ready(None),
                // Never woken again: the task ends when the client closes the connection.
                Ending::Hang => Poll::Pending,
                Ending::Cut => {
                    self.gap = Duration::ZERO;
                    ready!(self.poll_pause(cx, FLUSH_PAUSE));
                    Poll::Ready(Some(Err(io::Error::other("cut by the script"))))
                }
            };
        };
        ready!(self.poll_gap(cx));
        let frame = self.data.slice(self.at..end);
        self.at = end;
        self.next += 1;
        Poll::Ready(Some(Ok(Frame::data(frame))))
    }

    fn is_end_stream(&self) -> bool {
        self.ending == Ending::Clean && self.next == self.ends.len()
    }

    fn size_hint(&self) -> SizeHint {
        match self.declared {
            Some(total) => SizeHint::with_exact(total - self.at as u64),
            None => SizeHint::default(),
        }
    }
}

/// Compresses each frame so that it can be decompressed as soon as it arrives.
fn compress(data: &[u8], ends: &[usize]) -> io::Result<(Vec<u8>, Vec<usize>)> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let mut compressed_ends = Vec::with_capacity(ends.len() + 1);
    let mut at = 0;
    for end in ends {
        encoder.write_all(data.get(at..*end).unwrap_or_default())?;
        encoder.flush()?;
        compressed_ends.push(encoder.get_ref().len());
        at = *end;
    }
    let compressed = encoder.finish()?;
    compressed_ends.push(compressed.len());
    Ok((compressed, compressed_ends))
}
