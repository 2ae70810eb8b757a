//! The socket under HTTP, able to stop speaking HTTP.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// What goes out in place of a response: no HTTP version would accept it.
const NOISE: &[u8] = b"\x15\x03\x01\x00\x02\x02\x28 this is not HTTP \xff\xfe\x00\n\n";

/// A TCP stream that, once `garble` is set, sends noise in place of what HTTP wanted to send.
///
/// The handler sets the flag for the `garbage` directive; the HTTP layer above does not know.
pub(super) struct Wire {
    stream: TcpStream,
    garble: Arc<AtomicBool>,
    noise_sent: bool,
}

impl Wire {
    pub(super) fn new(stream: TcpStream, garble: Arc<AtomicBool>) -> Self {
        Self { stream, garble, noise_sent: false }
    }

    /// Sends the noise once and swallows `len` bytes of HTTP.
    fn swallow(&mut self, cx: &mut Context<'_>, len: usize) -> Poll<io::Result<usize>> {
        if !self.noise_sent {
            ready!(Pin::new(&mut self.stream).poll_write(cx, NOISE))?;
            self.noise_sent = true;
        }
        Poll::Ready(Ok(len))
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.garble.load(Ordering::Relaxed) {
            return self.swallow(cx, buf.len());
        }
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.garble.load(Ordering::Relaxed) {
            let len = bufs.iter().map(|buf| buf.len()).sum();
            return self.swallow(cx, len);
        }
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
