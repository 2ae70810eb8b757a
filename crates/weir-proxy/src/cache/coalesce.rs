//! Identical calls that are under way at the same time share one call of the provider (single
//! flight). The first of them takes the seat and makes the call; the others wait for its answer and
//! read it as it comes. Who leaves, leaves alone: the seat passes to the next in line, and an answer
//! goes on for as long as anybody reads it.

mod buffer;
mod flight;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::sync::OwnedSemaphorePermit;
use weir_core::cache::CacheKey;
use weir_core::log::LogError;
use weir_core::{Cost, LogId};

use self::flight::Flight;
pub(crate) use self::flight::{SharedBody, Source};
use super::Fills;

/// Most different answers that are shared at the same time. Further calls go alone.
const MOST: usize = 16_384;

/// What must agree for two calls to share an answer that neither of them has.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FlightKey {
    pub(super) key: CacheKey,
    /// The key that the call has by itself, where `key` is one of the caller's: that one says nothing
    /// of who asks for what, and an answer on its way may be an error that is for one caller only.
    pub(super) default: Option<CacheKey>,
    /// Compressions that the client reads. A stored answer is unpacked, one on its way is not.
    pub(super) accepts: Option<HeaderValue>,
}

/// The head of a shared answer, as its followers need it.
#[derive(Clone)]
pub(crate) struct SharedHead {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Log id of the call that was made.
    pub(crate) from: Option<LogId>,
    pub(crate) end: SharedEnd,
}

/// How the call that was made ended; empty until it has.
pub(crate) type SharedEnd = Arc<OnceLock<Ended>>;

/// What the row of a call says, and the rows of those that joined it repeat.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) error: Option<LogError>,
    pub(crate) cost: Option<Cost>,
}

/// All answers that are being shared: a cheap handle.
#[derive(Clone)]
pub(crate) struct Flights {
    under_way: Arc<Mutex<HashMap<FlightKey, Arc<Flight>>>>,
    fills: Fills,
}

/// What a call is among its like.
pub(crate) enum Seat {
    /// It makes the call.
    Lead(Lead),
    /// It gets another's answer.
    Joined(SharedHead, SharedBody),
}

/// The duty to make the call. Dropped before an answer is there, it passes to the next in line.
pub(crate) struct Lead {
    body: SharedBody,
    permit: OwnedSemaphorePermit,
}

impl Flights {
    /// None under way. What their answers hold in memory is counted in `fills`.
    pub(crate) fn new(fills: Fills) -> Self {
        Self { under_way: Arc::default(), fills }
    }

    /// Gets in line with the identical calls that are under way. Answers at once when there are none,
    /// else when one has an answer. Dropping the future leaves the line. None when too much is under
    /// way.
    pub(crate) async fn join(&self, key: FlightKey) -> Option<Seat> {
        let body = self.board(key)?;
        // Closed once there is an answer; until then it goes from hand to hand, first come first
        // served.
        match body.flight().seat().acquire_owned().await {
            Ok(permit) => Some(Seat::Lead(Lead { body, permit })),
            Err(_closed) => {
                let head = body.flight().head()?.clone();
                Some(Seat::Joined(head, body))
            }
        }
    }

    fn board(&self, key: FlightKey) -> Option<SharedBody> {
        let mut under_way = self.lock();
        let has_room = under_way.len() < MOST;
        let flight = match under_way.entry(key) {
            Entry::Occupied(found) => Arc::clone(found.get()),
            Entry::Vacant(free) if has_room => {
                let flight = Flight::new(free.key().clone(), self.fills.clone());
                Arc::clone(free.insert(Arc::new(flight)))
            }
            Entry::Vacant(_) => return None,
        };
        // Under the lock of the map, so that whatever is in it still has its first frame.
        let id = flight.buffer().enter();
        Some(SharedBody::new(self.clone(), flight, id))
    }

    /// Lets nobody join any more; frames go as soon as all have read them.
    fn close(&self, flight: &Arc<Flight>) {
        let mut under_way = self.lock();
        if under_way.get(flight.key()).is_some_and(|found| Arc::ptr_eq(found, flight)) {
            under_way.remove(flight.key());
        }
        flight.buffer().close();
    }

    /// Takes a reader out. The last one closes.
    fn leave(&self, flight: &Arc<Flight>, id: u64) -> bool {
        let mut under_way = self.lock();
        let is_last = flight.buffer().leave(id);
        if is_last && under_way.get(flight.key()).is_some_and(|found| Arc::ptr_eq(found, flight)) {
            under_way.remove(flight.key());
        }
        is_last
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<FlightKey, Arc<Flight>>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lead {
    /// Hands the answer to all in line. An error is for those alone who have waited for it: who comes
    /// later asks again.
    pub(crate) fn publish(self, head: SharedHead, source: Source) -> SharedBody {
        let Self { body, permit } = self;
        let is_error = head.status.as_u16() >= 400;
        body.flight().begin(head, source);
        if is_error {
            body.flights().close(body.flight());
        }
        body.flight().seat().close();
        drop(permit);
        body
    }
}

#[cfg(test)]
mod tests;
