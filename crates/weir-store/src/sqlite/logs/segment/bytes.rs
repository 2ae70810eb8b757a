//! Blobs: little-endian figures one after another, and a checksum at the end.

use crate::sqlite::fault::Fault;

/// What is said of a blob that does not hold what it should.
pub(super) fn damaged(what: &str) -> Fault {
    Fault::Content(format!("a segment is damaged: {what}"))
}

/// Ends a blob.
pub(super) fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = crc32fast::hash(&bytes);
    bytes.extend_from_slice(&sum.to_le_bytes());
    bytes
}

/// What was sealed.
pub(super) fn open(blob: &[u8]) -> Result<&[u8], Fault> {
    let (bytes, sum) = blob.split_last_chunk::<4>().ok_or_else(|| damaged("no checksum"))?;
    if crc32fast::hash(bytes) != u32::from_le_bytes(*sum) {
        return Err(damaged("wrong checksum"));
    }
    Ok(bytes)
}

/// The part of a blob that is not yet read.
pub(super) struct Rest<'blob>(pub(super) &'blob [u8]);

impl<'blob> Rest<'blob> {
    pub(super) fn take(&mut self, length: usize) -> Result<&'blob [u8], Fault> {
        let (taken, rest) =
            self.0.split_at_checked(length).ok_or_else(|| damaged("it ends too early"))?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (taken, rest) =
            self.0.split_first_chunk::<N>().ok_or_else(|| damaged("it ends too early"))?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(super) fn u8(&mut self) -> Result<u8, Fault> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    pub(super) fn u32(&mut self) -> Result<u32, Fault> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(super) fn u32s(&mut self, count: usize) -> Result<Vec<u32>, Fault> {
        let bytes = self.take(count.checked_mul(4).ok_or_else(|| damaged("a count"))?)?;
        let (figures, _) = bytes.as_chunks::<4>();
        Ok(figures.iter().map(|figure| u32::from_le_bytes(*figure)).collect())
    }

    pub(super) fn end(&self) -> Result<(), Fault> {
        if self.0.is_empty() { Ok(()) } else { Err(damaged("it is too long")) }
    }
}

/// A count of rows, texts or bytes; in a segment they stay far below the limit.
pub(super) fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
