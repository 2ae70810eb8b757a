//! Where the body of a message ends, and taking it off the wire piece by piece.

use anyhow::{Context as _, Result, bail};
use bytes::{Buf as _, BytesMut};

use super::head::{Head, Headers};

/// Takes the body of one message out of the bytes of a connection.
#[derive(Debug)]
pub(crate) enum Decoder {
    /// This many bytes are still to come.
    Length(u64),
    /// Chunked, before a size line.
    Size,
    /// Chunked, inside a chunk: this many bytes are still to come.
    Data(u64),
    /// Chunked, before the line end that follows a chunk.
    DataEnd,
    /// Chunked, after the last chunk.
    Trailer,
    /// Everything until the connection ends.
    UntilClose,
    /// The body is complete.
    Done,
}

impl Decoder {
    /// The framing of a request.
    pub(crate) fn for_request(head: &Head) -> Result<Self> {
        Ok(Self::from_headers(&head.headers)?.unwrap_or(Self::Done))
    }

    /// The framing of the answer to a request with `method`.
    pub(crate) fn for_response(head: &Head, status: u16, method: &str) -> Result<Self> {
        if method == "HEAD" || matches!(status, 100..200 | 204 | 304) {
            return Ok(Self::Done);
        }
        Ok(Self::from_headers(&head.headers)?.unwrap_or(Self::UntilClose))
    }

    fn from_headers(headers: &Headers) -> Result<Option<Self>> {
        let coding = headers.get("transfer-encoding").unwrap_or_default();
        if coding.to_ascii_lowercase().contains("chunked") {
            return Ok(Some(Self::Size));
        }
        let length = headers.get("content-length").map(str::parse).transpose();
        Ok(length.context("content-length")?.map(|length| match length {
            0 => Self::Done,
            length => Self::Length(length),
        }))
    }

    /// Whether the body is complete.
    pub(crate) const fn is_done(&self) -> bool {
        matches!(self, Self::Done)
    }

    /// Whether the end of the connection is a proper end of the body.
    pub(crate) const fn may_end(&self) -> bool {
        matches!(self, Self::Done | Self::UntilClose)
    }

    /// Moves what `input` holds of the body into `body`.
    pub(crate) fn feed(&mut self, input: &mut BytesMut, body: &mut Vec<u8>) -> Result<()> {
        loop {
            match self {
                Self::Done => return Ok(()),
                Self::UntilClose => {
                    take(input, u64::MAX, body);
                    return Ok(());
                }
                Self::Length(left) => {
                    let taken = take(input, *left, body);
                    *left -= taken;
                    if *left > 0 {
                        return Ok(());
                    }
                    *self = Self::Done;
                }
                Self::Data(left) => {
                    let taken = take(input, *left, body);
                    *left -= taken;
                    if *left > 0 {
                        return Ok(());
                    }
                    *self = Self::DataEnd;
                }
                Self::Size | Self::DataEnd | Self::Trailer => {
                    let Some(line) = line(input) else { return Ok(()) };
                    self.after_line(&line)?;
                }
            }
        }
    }

    /// The next state once a whole line has arrived between chunks.
    fn after_line(&mut self, line: &str) -> Result<()> {
        *self = match self {
            Self::Size => {
                let digits = line.split(';').next().unwrap_or_default().trim();
                let size = u64::from_str_radix(digits, 16);
                match size.with_context(|| format!("chunk size {line:?}"))? {
                    0 => Self::Trailer,
                    size => Self::Data(size),
                }
            }
            Self::Trailer if line.is_empty() => Self::Done,
            Self::Trailer => Self::Trailer,
            _ if line.is_empty() => Self::Size,
            _ => bail!("{line:?} after a chunk"),
        };
        Ok(())
    }
}

/// Moves at most `limit` bytes; returns how many.
fn take(input: &mut BytesMut, limit: u64, body: &mut Vec<u8>) -> u64 {
    let count = usize::try_from(limit).unwrap_or(usize::MAX).min(input.len());
    body.extend_from_slice(&input[..count]);
    input.advance(count);
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// Takes one line, without its end; `None` while its end has not arrived.
fn line(input: &mut BytesMut) -> Option<String> {
    let end = input.windows(2).position(|window| window == b"\r\n")?;
    let line = input.split_to(end + 2);
    Some(String::from_utf8_lossy(&line[..end]).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(raw: &[u8], step: usize) -> (Vec<u8>, bool) {
        let head = Head::parse(raw).unwrap().unwrap();
        let mut decoder = Decoder::for_request(&head).unwrap();
        let (mut input, mut body) = (BytesMut::new(), Vec::new());
        for piece in raw[head.raw.len()..].chunks(step) {
            input.extend_from_slice(piece);
            decoder.feed(&mut input, &mut body).unwrap();
        }
        (body, decoder.is_done())
    }

    #[test]
    fn chunked_bodies_decode_at_any_cut() {
        let raw = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\
            5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nt: v\r\n\r\n";
        for step in [1, 2, 3, 7, raw.len()] {
            assert_eq!(decode(raw, step), (b"hello!".to_vec(), true), "step {step}");
        }
    }

    #[test]
    fn a_cut_body_is_not_complete() {
        let raw = b"POST / HTTP/1.1\r\ncontent-length: 4\r\n\r\nabc";
        assert_eq!(decode(raw, 1), (b"abc".to_vec(), false));
        let raw = b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n";
        assert_eq!(decode(raw, 4), (b"abc".to_vec(), false));
    }

    #[test]
    fn answers_without_a_body_end_with_their_head() {
        let head = Head::parse(b"HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n");
        let head = head.unwrap().unwrap();
        assert!(Decoder::for_response(&head, 304, "GET").unwrap().is_done());
        assert!(Decoder::for_response(&head, 200, "HEAD").unwrap().is_done());
        assert!(!Decoder::for_response(&head, 200, "GET").unwrap().is_done());
    }

    #[test]
    fn duplicate_headers_keep_their_order() {
        let head = Head::parse(b"GET /a//b%2Fc HTTP/1.1\r\nA: 1\r\nb: x\r\na: 2\r\n\r\n");
        let head = head.unwrap().unwrap();
        assert_eq!(head.word(1), "/a//b%2Fc");
        assert_eq!(head.headers.all("a"), ["1", "2"]);
    }
}
