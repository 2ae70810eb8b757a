//! The least a Rust gateway can cost: a hyper server, a hyper client, every byte looked at, no logic.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::{CONNECTION, TRANSFER_ENCODING};
use http::{Request, Response};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::LocalSet;

/// Serves on `port` for ever.
pub(crate) fn run(port: u16, upstream: u16) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let pool = Pool { port: upstream, idle: Rc::default() };
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let pool = pool.clone();
            let service = service_fn(move |request| forward(request, pool.clone()));
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::task::spawn_local(connection);
        }
    })
}

async fn forward(
    mut request: Request<Incoming>,
    pool: Pool,
) -> Result<Response<Tap>, Box<dyn std::error::Error + Send + Sync>> {
    request.headers_mut().remove(CONNECTION);
    let mut sender = pool.take().await?;
    let mut response = sender.send_request(request).await?;
    response.headers_mut().remove(TRANSFER_ENCODING);
    Ok(response.map(|body| Tap { body, sender: Some(sender), pool, seen: 0, ended: false }))
}

/// Connections to the upstream that wait for work.
#[derive(Clone)]
struct Pool {
    port: u16,
    idle: Rc<RefCell<Vec<SendRequest<Incoming>>>>,
}

impl Pool {
    async fn take(
        &self,
    ) -> Result<SendRequest<Incoming>, Box<dyn std::error::Error + Send + Sync>> {
        // Taken in a statement of its own: the borrow must end before the wait.
        let idle = self.idle.borrow_mut().pop();
        if let Some(mut sender) = idle
            && sender.ready().await.is_ok()
        {
            return Ok(sender);
        }
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::task::spawn_local(connection);
        Ok(sender)
    }
}

/// A response body that is looked at on its way and gives its connection back at its end.
struct Tap {
    body: Incoming,
    sender: Option<SendRequest<Incoming>>,
    pool: Pool,
    seen: usize,
    ended: bool,
}

impl Body for Tap {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                self.seen = std::hint::black_box(self.seen + length);
            }
            Some(Err(_)) => {}
            None => self.ended = true,
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        // A body that was not read to its end leaves its connection unusable.
        if (self.ended || self.body.is_end_stream())
            && let Some(sender) = self.sender.take()
        {
            self.pool.idle.borrow_mut().push(sender);
        }
    }
}
