//! A bounded copy of a body for the log.

/// The bytes of a body up to a limit. Beyond the limit only the size is known, and what was kept
/// is given back: half a body helps nobody.
#[derive(Debug)]
pub(crate) struct Capture {
    bytes: Vec<u8>,
    size: u64,
    limit: usize,
}

impl Capture {
    /// Keeps bodies of up to `limit` bytes; 0 keeps none.
    pub(crate) const fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), size: 0, limit }
    }

    /// Makes room for a body of a known length, or keeps nothing of one that is too large anyway.
    pub(crate) fn expect(&mut self, length: u64) {
        const AT_ONCE: usize = 64 * 1024;
        match usize::try_from(length) {
            Ok(length) if length <= self.limit => self.bytes.reserve_exact(length.min(AT_ONCE)),
            _ => self.limit = 0,
        }
    }

    /// Adds the next part.
    pub(crate) fn push(&mut self, part: &[u8]) {
        self.size += part.len() as u64;
        if self.is_whole() {
            self.bytes.extend_from_slice(part);
        } else {
            self.bytes = Vec::new();
        }
    }

    /// Bytes seen, kept or not.
    pub(crate) const fn size(&self) -> u64 {
        self.size
    }

    /// Whether everything seen was kept.
    pub(crate) const fn is_whole(&self) -> bool {
        self.size <= self.limit as u64
    }

    /// Takes what was kept.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_kept_whole_or_not_at_all() {
        let mut capture = Capture::new(4);
        capture.push(b"ab");
        capture.push(b"cd");
        assert_eq!((capture.is_whole(), &capture.bytes[..]), (true, &b"abcd"[..]));
        capture.push(b"e");
        assert_eq!((capture.is_whole(), capture.size(), capture.take()), (false, 5, Vec::new()));
    }
}
