//! One shared answer, and its readers.
//!
//! No task pumps it: whichever reader wants more asks the source, and what comes is there for all.
//! The source wakes every reader that waits, because the one that asked may have left since.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
use std::task::{Context, Poll, Wake, Waker};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use tokio::sync::Semaphore;

use super::buffer::{Buffer, Look};
use super::{Fills, FlightKey, Flights, SharedHead};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Where a shared answer comes from.
pub(crate) type Source = UnsyncBoxBody<Bytes, BoxError>;

/// An answer that several calls wait for or read. Locks are taken in the order source, map of
/// flights, buffer.
pub(super) struct Flight {
    key: FlightKey,
    /// One seat, whose holder makes the call; closed once there is an answer.
    seat: Arc<Semaphore>,
    head: OnceLock<SharedHead>,
    /// None before there is an answer, and after its end.
    source: Mutex<Option<Source>>,
    /// The source woke its readers since it was last asked.
    is_awake: AtomicBool,
    buffer: Mutex<Buffer>,
}

impl Flight {
    pub(super) fn new(key: FlightKey, fills: Fills) -> Self {
        Self {
            key,
            seat: Arc::new(Semaphore::new(1)),
            head: OnceLock::new(),
            source: Mutex::new(None),
            is_awake: AtomicBool::new(false),
            buffer: Mutex::new(Buffer::new(fills)),
        }
    }

    pub(super) const fn key(&self) -> &FlightKey {
        &self.key
    }

    pub(super) fn seat(&self) -> Arc<Semaphore> {
        Arc::clone(&self.seat)
    }

    pub(super) fn head(&self) -> Option<&SharedHead> {
        self.head.get()
    }

    pub(super) fn buffer(&self) -> MutexGuard<'_, Buffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// There is an answer.
    pub(super) fn begin(&self, head: SharedHead, source: Source) {
        if source.is_end_stream() {
            self.buffer().end(Ok(()));
        } else {
            *self.source.lock().unwrap_or_else(PoisonError::into_inner) = Some(source);
        }
        self.head.get_or_init(|| head);
    }

    /// Asks the source for more, for reader `id`. False when that reader has to wait.
    fn ask(self: &Arc<Self>, flights: &Flights, id: u64) -> bool {
        let mut source = match self.source.try_lock() {
            Ok(source) => source,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            // Another reader is asking, and wakes this one.
            Err(TryLockError::WouldBlock) => return false,
        };
        // Taken away at the end, which the buffer tells of.
        let Some(body) = source.as_mut() else { return true };
        self.is_awake.store(false, Ordering::SeqCst);
        let waker = Waker::from(Arc::clone(self));
        let end = match Pin::new(&mut *body).poll_frame(&mut Context::from_waker(&waker)) {
            Poll::Pending => {
                drop(source);
                // Readers that were woken meanwhile found the source busy: they have to look again.
                if self.is_awake.swap(false, Ordering::SeqCst) {
                    self.wake_readers(None);
                }
                return false;
            }
            Poll::Ready(Some(Ok(frame))) => {
                // Trailers have no place in an answer that is given to many.
                if let Ok(data) = frame.into_data() {
                    self.buffer().push(data);
                }
                body.is_end_stream().then_some(Ok(()))
            }
            Poll::Ready(Some(Err(error))) => Some(Err(error.to_string().into())),
            Poll::Ready(None) => Some(Ok(())),
        };
        if let Some(end) = end {
            *source = None;
            self.buffer().end(end);
            flights.close(self);
        }
        drop(source);
        self.wake_readers(Some(id));
        true
    }

    fn wake_readers(&self, except: Option<u64>) {
        let wakers = self.buffer().wakers(except);
        wakers.into_iter().for_each(Waker::wake);
    }
}

impl Wake for Flight {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_awake.store(true, Ordering::SeqCst);
        self.wake_readers(None);
    }
}

/// One reader of a shared answer: all of it, from its first frame.
pub struct SharedBody {
    flights: Flights,
    flight: Arc<Flight>,
    id: u64,
    /// The next thing it says is that the answer broke off.
    is_breaking: bool,
}

/// The answer broke off for all of its readers.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct BrokenOff(Arc<str>);

impl SharedBody {
    pub(super) const fn new(flights: Flights, flight: Arc<Flight>, id: u64) -> Self {
        Self { flights, flight, id, is_breaking: false }
    }

    pub(super) const fn flight(&self) -> &Arc<Flight> {
        &self.flight
    }

    pub(super) const fn flights(&self) -> &Flights {
        &self.flights
    }
}

impl Body for SharedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        loop {
            let look = this.flight.buffer().look(this.id, cx.waker());
            match look {
                Look::Frame(frame, wakers) => {
                    wakers.into_iter().for_each(Waker::wake);
                    return Poll::Ready(Some(Ok(Frame::data(frame))));
                }
                Look::End => return Poll::Ready(None),
                Look::Broken(cause) if this.is_breaking => {
                    return Poll::Ready(Some(Err(BrokenOff(cause).into())));
                }
                Look::Broken(_) => {
                    // One chance to leave for what was read before: the failure makes the server
                    // drop what it has not yet written.
                    this.is_breaking = true;
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Look::TooMuch => this.flights.close(&this.flight),
                Look::Full => return Poll::Pending,
                Look::More => {
                    if !this.flight.ask(&this.flights, this.id) {
                        return Poll::Pending;
                    }
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.flight.buffer().left(self.id) == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        let left = self.flight.buffer().left(self.id);
        left.map_or_else(SizeHint::default, |left| SizeHint::with_exact(left as u64))
    }
}

impl Drop for SharedBody {
    fn drop(&mut self) {
        if self.flights.leave(&self.flight, self.id) {
            // Nobody reads any more: the call of the provider ends now.
            let source = self.flight.source.lock().unwrap_or_else(PoisonError::into_inner).take();
            drop(source);
        } else {
            // It may have been the slowest, for which the others waited.
            self.flight.wake_readers(None);
        }
    }
}
