//! The chunked transfer coding, decoded as it arrives.

use std::io;

/// Where a decoder is between two pieces of input.
#[derive(Debug, Default)]
pub(super) struct Chunked(State);

#[derive(Debug, Default)]
enum State {
    /// Before a size line.
    #[default]
    Begin,
    /// In a size line, with the size so far; `true` once the digits are over.
    Size(usize, bool),
    /// In data, with the bytes still missing.
    Data(usize),
    /// At the line end after data, with the bytes of it still missing.
    DataEnd(u8),
    /// After the last chunk, with the length of the trailer line so far.
    Trailer(usize),
    Done,
}

impl Chunked {
    /// Decodes `input`, gives content to `out`, and returns how much was read and whether the body
    /// has ended.
    pub(super) fn feed(
        &mut self,
        input: &[u8],
        out: &mut impl FnMut(&[u8]),
    ) -> io::Result<(usize, bool)> {
        let mut at = 0;
        while let Some(byte) = input.get(at).copied() {
            self.0 = match &self.0 {
                State::Begin => size_digit(0, byte)?,
                State::Size(0, _) if byte == b'\n' => State::Trailer(0),
                State::Size(size, _) if byte == b'\n' => State::Data(*size),
                State::Size(size, true) => State::Size(*size, true),
                State::Size(size, false) => size_digit(*size, byte)?,
                State::Data(missing) => {
                    let rest = input.get(at..).unwrap_or_default();
                    let data = rest.get(..*missing).unwrap_or(rest);
                    out(data);
                    at += data.len();
                    let missing = missing - data.len();
                    self.0 = if missing > 0 { State::Data(missing) } else { State::DataEnd(2) };
                    continue;
                }
                State::DataEnd(1) => State::Begin,
                State::DataEnd(_) => State::DataEnd(1),
                State::Trailer(0) if byte == b'\n' => State::Done,
                State::Trailer(_) if byte == b'\n' => State::Trailer(0),
                State::Trailer(length) if byte == b'\r' => State::Trailer(*length),
                State::Trailer(length) => State::Trailer(length + 1),
                State::Done => break,
            };
            at += 1;
            if matches!(self.0, State::Done) {
                break;
            }
        }
        Ok((at, matches!(self.0, State::Done)))
    }
}

/// The state after one more byte of a size line. Anything but a digit ends the digits.
fn size_digit(size: usize, byte: u8) -> io::Result<State> {
    match char::from(byte).to_digit(16) {
        Some(digit) => size
            .checked_mul(16)
            .map(|size| State::Size(size + digit as usize, false))
            .ok_or_else(|| io::Error::other("the chunk is too large")),
        None => Ok(State::Size(size, true)),
    }
}
