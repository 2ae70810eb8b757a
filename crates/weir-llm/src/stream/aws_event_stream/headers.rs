//! Headers of a frame.

/// The headers of a frame, read where they lie.
#[derive(Clone, Copy, Debug)]
pub struct Headers<'a>(&'a [u8]);

impl<'a> Headers<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The value of a header that holds text, e.g. `:event-type`.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        let mut rest = self.0;
        while let Some((header, after)) = Header::first(rest) {
            if header.name == name.as_bytes() && header.kind == TEXT {
                return std::str::from_utf8(header.value).ok();
            }
            rest = after;
        }
        None
    }
}

/// The type number of text.
const TEXT: u8 = 7;

struct Header<'a> {
    name: &'a [u8],
    kind: u8,
    value: &'a [u8],
}

impl<'a> Header<'a> {
    /// The first header, and the bytes after it.
    fn first(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (length, bytes) = bytes.split_first()?;
        let (name, bytes) = bytes.split_at_checked(usize::from(*length))?;
        let (kind, bytes) = bytes.split_first()?;
        let (length, bytes) = match *kind {
            // true and false
            0 | 1 => (0, bytes),
            // byte, short, integer, long, time
            2 => (1, bytes),
            3 => (2, bytes),
            4 => (4, bytes),
            5 | 8 => (8, bytes),
            // byte arrays and texts bring their length
            6 | TEXT => {
                let (length, bytes) = bytes.split_at_checked(2)?;
                (usize::from(u16::from_be_bytes(length.try_into().ok()?)), bytes)
            }
            // UUID
            9 => (16, bytes),
            _ => return None,
        };
        let (value, after) = bytes.split_at_checked(length)?;
        Some((Self { name, kind: *kind, value }, after))
    }
}
