//! HTTP/1.1 connections, driven by the call that uses them.
//!
//! The usual way is a task for each connection, to which every call talks over channels. Here the
//! connection lies inside the answer's body and is polled by whoever polls that, so a call costs
//! no task switches, a slow client slows the provider down, and dropping the answer closes the
//! connection at once. Idle connections are polled by nobody; the pool looks at them before reuse.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use hyper::body::Incoming;
use hyper::client::conn::http1::{Connection, SendRequest};
use hyper_util::rt::TokioIo;

use super::endpoint::Endpoint;
use super::io::Io;
use super::send_body::SendBody;

/// An open connection with nothing on its way.
pub(super) struct Http1 {
    sender: SendRequest<SendBody>,
    driver: Pin<Box<Connection<TokioIo<Io>, SendBody>>>,
}

/// A call that found no answer, and whether its request may be sent again elsewhere.
pub(super) struct Failed {
    pub(super) error: hyper::Error,
    /// The request, when not a byte of it was written.
    pub(super) unsent: Option<Request<SendBody>>,
}

impl Http1 {
    pub(super) async fn handshake(io: Io) -> Result<Self, hyper::Error> {
        let (sender, driver) = hyper::client::conn::http1::Builder::new()
            .max_buf_size(256 * 1024)
            .handshake(TokioIo::new(io))
            .await?;
        Ok(Self { sender, driver: Box::pin(driver) })
    }

    /// Whether it can carry another call. Notices a peer that has closed, without a system call
    /// when nothing happened on the socket.
    pub(super) fn is_usable(&mut self) -> bool {
        let mut cx = Context::from_waker(Waker::noop());
        self.driver.as_mut().poll(&mut cx).is_pending() && self.sender.is_ready()
    }

    /// Sends a request and waits for the head of its answer. Dropping the future closes the
    /// connection.
    pub(super) async fn call(
        mut self,
        request: Request<SendBody>,
        home: Arc<Endpoint>,
    ) -> Result<Response<Http1Body>, Failed> {
        let sending = self.sender.try_send_request(request);
        let mut sending = std::pin::pin!(sending);
        let driver = &mut self.driver;
        let mut driver_ended = false;
        let answer = std::future::poll_fn(|cx| {
            if let Poll::Ready(answer) = sending.as_mut().poll(cx) {
                return Poll::Ready(answer);
            }
            if !driver_ended {
                // Its own error reaches us through the answer, too.
                driver_ended = driver.as_mut().poll(cx).is_ready();
                return sending.as_mut().poll(cx);
            }
            Poll::Pending
        })
        .await;
        match answer {
            Ok(answer) => Ok(answer.map(|incoming| Http1Body {
                incoming,
                connection: (!driver_ended).then_some((self, home)),
            })),
            Err(mut failed) => {
                let unsent = failed.take_message();
                Err(Failed { error: failed.into_error(), unsent })
            }
        }
    }
}

/// The body of an answer, with the connection that it arrives on.
pub(super) struct Http1Body {
    incoming: Incoming,
    /// `None` once the connection has ended or gone back to the pool.
    connection: Option<(Http1, Arc<Endpoint>)>,
}

impl Http1Body {
    /// Gives the connection back for the next call, if it is fit for one.
    fn release(&mut self, cx: &mut Context<'_>) {
        let Some((mut connection, home)) = self.connection.take() else { return };
        // One more poll lets the connection see that the exchange is over.
        if connection.driver.as_mut().poll(cx).is_pending() && connection.sender.is_ready() {
            home.put_idle(connection);
        }
    }
}

impl Body for Http1Body {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = &mut *self;
        let mut polled = Pin::new(&mut this.incoming).poll_frame(cx);
        if polled.is_pending()
            && let Some((connection, _)) = &mut this.connection
        {
            if connection.driver.as_mut().poll(cx).is_ready() {
                this.connection = None;
            }
            polled = Pin::new(&mut this.incoming).poll_frame(cx);
        }
        match &polled {
            Poll::Ready(None) => this.release(cx),
            // A body of known length is over with its last frame; nobody will poll again.
            Poll::Ready(Some(Ok(_))) if this.incoming.is_end_stream() => this.release(cx),
            Poll::Ready(Some(Err(_))) => this.connection = None,
            _ => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.incoming.size_hint()
    }
}

impl Drop for Http1Body {
    fn drop(&mut self) {
        // A body that was empty from the start is never polled, yet its connection is sound.
        if self.incoming.is_end_stream() {
            self.release(&mut Context::from_waker(Waker::noop()));
        }
    }
}
