//! Just enough HTTP/1.1 to be cheap on both sides: heads, lengths and chunks.

use std::io;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

mod chunked;
#[cfg(test)]
mod tests;

use self::chunked::Chunked;

/// Longest head that is read, and the size of the read buffer.
const CAPACITY: usize = 64 * 1024;

/// What the reader keeps of a request's or response's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The status code of a response; meaningless for a request.
    pub(crate) status: u16,
    framing: Framing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Length(usize),
    Chunked,
}

/// Reads messages from one keep-alive connection.
pub(crate) struct Reader {
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
}

impl Reader {
    pub(crate) fn new() -> Self {
        Self { buffer: vec![0; CAPACITY].into_boxed_slice(), start: 0, end: 0 }
    }

    /// Reads the next head; `None` if the peer closed before it.
    pub(crate) async fn head(&mut self, stream: &mut TcpStream) -> io::Result<Option<Head>> {
        loop {
            let unread = self.unread();
            if let Some(length) = unread.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = parse_head(unread.get(..length).unwrap_or_default())?;
                self.start += length + 4;
                return Ok(Some(head));
            }
            let empty = unread.is_empty();
            if self.fill(stream).await? == 0 {
                return if empty { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
            }
        }
    }

    /// Reads the body that belongs to `head` and hands its pieces to `out` as they come.
    pub(crate) async fn body(
        &mut self,
        stream: &mut TcpStream,
        head: Head,
        mut out: impl FnMut(&[u8]),
    ) -> io::Result<()> {
        let mut chunked = Chunked::default();
        let mut missing = match head.framing {
            Framing::Length(length) => length,
            Framing::Chunked => usize::MAX,
        };
        loop {
            let unread = self.unread();
            let (taken, done) = match head.framing {
                Framing::Length(_) => {
                    let taken = unread.len().min(missing);
                    out(unread.get(..taken).unwrap_or_default());
                    missing -= taken;
                    (taken, missing == 0)
                }
                Framing::Chunked => chunked.feed(unread, &mut out)?,
            };
            self.start += taken;
            if done {
                return Ok(());
            }
            if self.fill(stream).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    fn unread(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Reads what is there, after making room; an overlong head is an error.
    async fn fill(&mut self, stream: &mut TcpStream) -> io::Result<usize> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let room = self.buffer.get_mut(self.end..).unwrap_or_default();
        if room.is_empty() {
            return Err(io::Error::other("the head is too long"));
        }
        let count = stream.read(room).await?;
        self.end += count;
        Ok(count)
    }
}

fn parse_head(head: &[u8]) -> io::Result<Head> {
    let head = std::str::from_utf8(head).map_err(io::Error::other)?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).unwrap_or(0);
    let mut framing = Framing::Length(0);
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("content-length") {
            framing = Framing::Length(value.trim().parse().map_err(io::Error::other)?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            framing = Framing::Chunked;
        }
    }
    Ok(Head { status, framing })
}
