//! The binary event stream of AWS: length, headers, payload, two checksums.
//!
//! A frame is: total length, length of the headers, CRC of these eight bytes; the headers; the
//! payload; CRC of everything before it. All numbers are big-endian. A frame is handed over after
//! its checksum has been verified; only the payload of a frame longer than [`MAX_FRAME`] goes by
//! unread, so memory stays bounded.

mod headers;

#[cfg(test)]
pub(crate) mod frames;
#[cfg(test)]
mod tests;

pub use headers::Headers;

/// Longest frame that is read, in bytes; longer ones are passed over.
pub const MAX_FRAME: usize = 256 * 1024;

const PRELUDE: usize = 12;
const TRAILER: usize = 4;

/// Takes the frames of a stream.
pub trait Frames {
    /// One frame, verified.
    fn frame(&mut self, headers: &Headers<'_>, payload: &[u8]);

    /// A frame that is too long to be read, which is passed over.
    fn overlong(&mut self) {}
}

/// Cuts frames.
#[derive(Debug, Default)]
pub struct AwsEventStream {
    /// The frame so far, when it came in several pieces.
    carry: Vec<u8>,
    /// Bytes of an overlong frame still to pass over.
    to_pass: usize,
    broken: bool,
}

impl AwsEventStream {
    /// Takes the next bytes.
    pub fn push(&mut self, chunk: &[u8], frames: &mut impl Frames) {
        let mut rest = chunk;
        while !rest.is_empty() && !self.broken {
            let passed = self.to_pass.min(rest.len());
            self.to_pass -= passed;
            rest = &rest[passed..];
            if self.carry.is_empty() {
                let Some(length) = self.frame_length(rest) else {
                    self.carry.extend_from_slice(if self.broken { &[] } else { rest });
                    return;
                };
                if self.pass_over(length, 0, frames) {
                    continue;
                }
                let Some(frame) = rest.get(..length) else {
                    self.carry.extend_from_slice(rest);
                    return;
                };
                self.frame(frame, frames);
                rest = &rest[length..];
            } else {
                rest = self.fill(rest, frames);
            }
        }
    }

    /// Whether the bytes so far end inside a frame, or were not a valid stream.
    pub fn is_cut(&self) -> bool {
        self.broken || self.to_pass > 0 || !self.carry.is_empty()
    }

    /// Adds to the frame begun with earlier pieces. Returns what follows.
    fn fill<'a>(&mut self, rest: &'a [u8], frames: &mut impl Frames) -> &'a [u8] {
        let have = self.carry.len();
        let mut carry = std::mem::take(&mut self.carry);
        let wanted = if have < PRELUDE {
            PRELUDE
        } else {
            let Some(length) = self.frame_length(&carry) else { return &[] };
            if self.pass_over(length, have, frames) {
                return rest;
            }
            length
        };
        let take = wanted.saturating_sub(have).min(rest.len());
        carry.extend_from_slice(&rest[..take]);
        if wanted > PRELUDE && carry.len() == wanted {
            self.frame(&carry, frames);
            carry.clear();
        }
        self.carry = carry;
        &rest[take..]
    }

    /// Length of the frame that begins here, once its prelude is there and proves right.
    fn frame_length(&mut self, bytes: &[u8]) -> Option<usize> {
        let prelude = bytes.get(..PRELUDE)?;
        let total = number(prelude, 0)?;
        let headers = number(prelude, 4)?;
        let fits = headers <= total.saturating_sub(PRELUDE + TRAILER) && total >= PRELUDE + TRAILER;
        if !fits || number(prelude, 8) != Some(checksum(&prelude[..8])) {
            self.broken = true;
            return None;
        }
        Some(total)
    }

    /// Begins to pass over a frame that is too long, of which `have` bytes are gone already.
    fn pass_over(&mut self, length: usize, have: usize, frames: &mut impl Frames) -> bool {
        let too_long = length > MAX_FRAME;
        if too_long {
            self.to_pass = length - have;
            frames.overlong();
        }
        too_long
    }

    fn frame(&mut self, frame: &[u8], frames: &mut impl Frames) {
        let body = frame.len() - TRAILER;
        if number(frame, body) != Some(checksum(&frame[..body])) {
            self.broken = true;
            return;
        }
        let headers = number(frame, 4).unwrap_or_default();
        let (headers, payload) = frame[PRELUDE..body].split_at(headers);
        frames.frame(&Headers::new(headers), payload);
    }
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(bytes)).ok()
}

fn checksum(bytes: &[u8]) -> usize {
    usize::try_from(crc32fast::hash(bytes)).unwrap_or(usize::MAX)
}
