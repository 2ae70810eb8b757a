//! Sending a request and reading its answer.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use super::head::Head;
use super::request::Request;
use super::response::{Piece, Response};
use super::wire::Decoder;

/// An exchange that takes longer than this hangs, and is a failure.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends a request on a connection of its own and reads the whole answer.
///
/// Reading begins while the body is still being sent, because a server may refuse a body before
/// it has seen all of it.
///
/// # Errors
/// When no whole head comes back in [`PATIENCE`]. A body that breaks off is not an error:
/// see [`Response::complete`].
pub async fn exchange(address: SocketAddr, request: &Request) -> Result<Response> {
    let mut client = Client::open(address).await?;
    let Client { ref mut writer, ref mut reader } = client;
    let sending = async {
        let sent = writer.write_all(&request.head()).await;
        if sent.is_ok() {
            // Whether this worked is the reader's business: a refusal may have arrived.
            let _sent = writer.write_all(&request.body).await;
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        response = reader.response(&request.method) => response,
        () = sending => bail!("the request outlived its answer"),
    }
}

/// A connection on which a test decides byte by byte what is sent and when.
#[derive(Debug)]
pub struct Client {
    writer: OwnedWriteHalf,
    reader: Reader,
}

impl Client {
    /// Opens a connection.
    ///
    /// # Errors
    /// When nothing listens there.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let connected = TcpStream::connect(address).await;
        let stream = connected.with_context(|| format!("connect to {address}"))?;
        stream.set_nodelay(true)?;
        let (reader, writer) = stream.into_split();
        let reader = Reader { socket: reader, buffer: BytesMut::new(), opened: Instant::now() };
        Ok(Self { writer, reader })
    }

    /// Sends these bytes.
    ///
    /// # Errors
    /// When the other side is gone.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) -> Result<()> {
        self.writer.write_all(bytes.as_ref()).await.context("send")
    }

    /// Sends one chunk of a chunked body; an empty one ends the body.
    ///
    /// # Errors
    /// When the other side is gone.
    pub async fn send_chunk(&mut self, bytes: impl AsRef<[u8]>) -> Result<()> {
        let bytes = bytes.as_ref();
        let size = format!("{:x}\r\n", bytes.len());
        self.send([size.as_bytes(), bytes, b"\r\n"].concat()).await
    }

    /// Reads a whole answer to a request with `method`.
    ///
    /// # Errors
    /// As [`exchange`].
    pub async fn response(&mut self, method: &str) -> Result<Response> {
        self.reader.response(method).await
    }

    /// Reads until the body so far holds `needle`, and leaves the rest of the answer unread.
    ///
    /// # Errors
    /// When the connection ends first, or [`PATIENCE`] does.
    pub async fn read_until(&mut self, needle: &str) -> Result<()> {
        let seen = |buffer: &[u8]| String::from_utf8_lossy(buffer).contains(needle);
        let read = async {
            while !seen(&self.reader.buffer) {
                ensure!(self.reader.fill().await? > 0, "connection ended before {needle:?}");
            }
            Ok(())
        };
        tokio::time::timeout(PATIENCE, read).await.context("nothing more arrives")?
    }

    /// Whether the other side closes the connection within this time.
    pub async fn is_closed_within(&mut self, time: Duration) -> bool {
        let end = async { while matches!(self.reader.fill().await, Ok(1..)) {} };
        tokio::time::timeout(time, end).await.is_ok()
    }
}

#[derive(Debug)]
struct Reader {
    socket: OwnedReadHalf,
    buffer: BytesMut,
    opened: Instant,
}

impl Reader {
    /// Reads what is there; 0 at the end of the connection.
    async fn fill(&mut self) -> Result<usize> {
        self.buffer.reserve(64 * 1024);
        Ok(self.socket.read_buf(&mut self.buffer).await?)
    }

    async fn response(&mut self, method: &str) -> Result<Response> {
        let read = self.read_response(method);
        tokio::time::timeout(PATIENCE, read).await.context("no whole answer arrives")?
    }

    async fn read_response(&mut self, method: &str) -> Result<Response> {
        let (head, status) = loop {
            let head = self.head().await?;
            let status = head.word(1).parse().with_context(|| head.start.clone())?;
            // Interim answers are not the answer, except the one that ends HTTP.
            if !matches!(status, 100 | 102..200) {
                break (head, status);
            }
        };
        let mut decoder = Decoder::for_response(&head, status, method)?;
        let (mut body, mut pieces) = (Vec::new(), Vec::new());
        let complete = loop {
            let before = body.len();
            let sound = decoder.feed(&mut self.buffer, &mut body).is_ok();
            if body.len() > before {
                let bytes = Bytes::copy_from_slice(&body[before..]);
                pieces.push(Piece { at: Instant::now(), bytes });
            }
            if decoder.is_done() || !sound {
                break sound;
            }
            if !matches!(self.fill().await, Ok(1..)) {
                break decoder.may_end();
            }
        };
        let (started, ended) = (self.opened, Instant::now());
        self.opened = ended;
        Ok(Response { status, head, body, pieces, complete, started, ended })
    }

    async fn head(&mut self) -> Result<Head> {
        loop {
            if let Some(head) = Head::parse(&self.buffer)? {
                let _head = self.buffer.split_to(head.raw.len());
                return Ok(head);
            }
            let read = self.fill().await.context("reading the answer")?;
            ensure!(read > 0, "connection closed without an answer: {:?}", self.buffer);
        }
    }
}
