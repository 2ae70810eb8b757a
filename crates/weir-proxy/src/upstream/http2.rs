//! HTTP/2 connections: shared by many calls, each driven by a task of its own.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::client::conn::http2::SendRequest;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};

use super::http1::Failed;
use super::io::Io;
use super::send_body::SendBody;

/// Streams that one connection carries at most. Large providers permit about a hundred; beyond
/// that a call would wait silently, so another connection is opened instead.
const MAX_STREAMS: usize = 100;

/// A connection that can carry more calls.
#[derive(Clone)]
pub(super) struct Http2 {
    sender: SendRequest<SendBody>,
    in_flight: Arc<AtomicUsize>,
    /// Streams that the peer permits.
    limit: Arc<AtomicUsize>,
}

/// A place on a connection, given back when dropped.
pub(super) struct Permit(Arc<AtomicUsize>);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Http2 {
    pub(super) async fn handshake(io: Io) -> Result<Self, hyper::Error> {
        let (sender, mut driver) = hyper::client::conn::http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .adaptive_window(true)
            .keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(Duration::from_secs(20))
            .max_send_buf_size(256 * 1024)
            .handshake(TokioIo::new(io))
            .await?;
        let limit = Arc::new(AtomicUsize::new(MAX_STREAMS));
        let peer_limit = Arc::clone(&limit);
        tokio::spawn(async move {
            let ended = std::future::poll_fn(|cx| {
                let polled = Pin::new(&mut driver).poll(cx);
                // The peer may change what it permits at any time.
                peer_limit.store(driver.current_max_send_streams(), Ordering::Relaxed);
                polled
            });
            if let Err(error) = ended.await {
                tracing::debug!(%error, "upstream h2 connection ended");
            }
        });
        Ok(Self { sender, in_flight: Arc::default(), limit })
    }

    /// A place on this connection, if it lives and has one.
    pub(super) fn reserve(&self) -> Option<Permit> {
        if self.sender.is_closed() {
            return None;
        }
        let limit = self.limit.load(Ordering::Relaxed).clamp(1, MAX_STREAMS);
        if self.in_flight.fetch_add(1, Ordering::Relaxed) >= limit {
            self.in_flight.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        Some(Permit(Arc::clone(&self.in_flight)))
    }

    pub(super) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.in_flight.load(Ordering::Relaxed) == 0
    }

    pub(super) async fn call(
        mut self,
        request: Request<SendBody>,
        permit: Permit,
    ) -> Result<Response<Http2Body>, Failed> {
        let sent = async {
            if let Err(error) = self.sender.ready().await {
                return Err((error, Some(request)));
            }
            self.sender.try_send_request(request).await.map_err(|mut failed| {
                let unsent = failed.take_message();
                (failed.into_error(), unsent)
            })
        };
        match sent.await {
            Ok(answer) => Ok(answer.map(|incoming| Http2Body { incoming, _permit: permit })),
            Err((error, unsent)) => Err(Failed { error, unsent }),
        }
    }
}

/// The body of an answer; dropping it early resets its stream and leaves the connection to others.
pub(super) struct Http2Body {
    incoming: Incoming,
    _permit: Permit,
}

impl Body for Http2Body {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        Pin::new(&mut self.incoming).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
