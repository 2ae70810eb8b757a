//! One origin's connections: idle HTTP/1.1 ones, and HTTP/2 ones with room.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::HeaderValue;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::connect::Connector;
use super::http1::Http1;
use super::http2::{Http2, Permit};
use super::origin::Origin;

/// Idle HTTP/1.1 connections kept for each origin at most.
const MAX_IDLE: usize = 512;

/// Longest wait for another call's connection.
const TURN: Duration = Duration::from_millis(500);

/// An origin and the open connections to it.
pub(crate) struct Endpoint {
    pub(super) origin: Origin,
    pub(super) host_header: HeaderValue,
    /// By whose rules connections to it are made.
    pub(super) by: By,
    idle: Mutex<Vec<Idle>>,
    shared: Mutex<Vec<SharedConnection>>,
    /// The peer was found to speak HTTP/1.1 only, so that every call needs a connection.
    unshared: AtomicBool,
    /// One call at a time connects where connections may be shared.
    connecting: Semaphore,
}

/// By whose rules connections are made.
pub(super) enum By {
    /// Those of providers.
    Providers,
    /// A caller named the place: what the operator listed for providers does not hold for it.
    Callers,
    /// Its own: the operator chose a policy or an identity for it.
    Own(Arc<Connector>),
}

struct Idle {
    connection: Http1,
    since: Instant,
}

struct SharedConnection {
    connection: Http2,
    last_used: Instant,
}

impl Endpoint {
    pub(super) fn new(origin: Origin) -> Self {
        let host_header = origin.host_header();
        // HTTP/2 is agreed on during the TLS handshake; without TLS there is none.
        let unshared = AtomicBool::new(!origin.is_https());
        Self {
            origin,
            host_header,
            by: By::Providers,
            idle: Mutex::default(),
            shared: Mutex::default(),
            unshared,
            connecting: Semaphore::new(1),
        }
    }

    /// A place that a caller named.
    pub(super) fn foreign(origin: Origin) -> Self {
        Self { by: By::Callers, ..Self::new(origin) }
    }

    /// A place with rules of its own.
    pub(super) fn own(origin: Origin, connector: Arc<Connector>) -> Self {
        Self { by: By::Own(connector), ..Self::new(origin) }
    }

    /// Where this endpoint is.
    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The connection that was used last, if it is still sound: recently used ones are the least
    /// likely to have been closed by the peer.
    pub(super) fn take_idle(&self) -> Option<Http1> {
        loop {
            let mut idle = lock(&self.idle).pop()?;
            if idle.connection.is_usable() {
                return Some(idle.connection);
            }
        }
    }

    pub(super) fn put_idle(&self, connection: Http1) {
        let mut idle = lock(&self.idle);
        if idle.len() < MAX_IDLE {
            idle.push(Idle { connection, since: Instant::now() });
        }
    }

    /// A place on an HTTP/2 connection.
    pub(super) fn reserve_shared(&self) -> Option<(Http2, Permit)> {
        let mut shared = lock(&self.shared);
        shared.iter_mut().find_map(|entry| {
            let permit = entry.connection.reserve()?;
            entry.last_used = Instant::now();
            Some((entry.connection.clone(), permit))
        })
    }

    pub(super) fn put_shared(&self, connection: Http2) {
        lock(&self.shared).push(SharedConnection { connection, last_used: Instant::now() });
    }

    /// Waits for the turn to connect, where the connection may serve others, too. `None` where it
    /// may not, or when the one whose turn it is takes long: a provider that does not answer must
    /// not make its callers fail one after another.
    pub(super) async fn turn_to_connect(&self) -> Option<SemaphorePermit<'_>> {
        if self.unshared.load(Ordering::Relaxed) {
            return None;
        }
        let turn = timeout(TURN, self.connecting.acquire()).await.ok()?.ok()?;
        // Whoever went first may have found out.
        (!self.unshared.load(Ordering::Relaxed)).then_some(turn)
    }

    /// Remembers what a new connection speaks.
    pub(super) fn note_sharing(&self, is_http2: bool) {
        self.unshared.store(!is_http2, Ordering::Relaxed);
    }

    /// Whether it has no connection.
    pub(super) fn is_bare(&self) -> bool {
        lock(&self.idle).is_empty() && lock(&self.shared).is_empty()
    }

    /// Closes connections that are dead, or idle for longer than `limit`. Returns how many are
    /// left.
    pub(super) fn sweep(&self, limit: Duration) -> usize {
        let mut idle = lock(&self.idle);
        idle.retain_mut(|idle| idle.since.elapsed() < limit && idle.connection.is_usable());
        let mut shared = lock(&self.shared);
        shared.retain(|entry| {
            let unused = entry.connection.is_idle() && entry.last_used.elapsed() >= limit;
            !entry.connection.is_closed() && !unused
        });
        idle.len() + shared.len()
    }
}

/// The lists stay usable whatever happened to a thread that held them.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
