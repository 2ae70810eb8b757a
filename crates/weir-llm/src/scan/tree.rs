//! What to look for, and who is told.

/// A place in a document: what to take there, and which keys lead on.
#[derive(Debug)]
pub struct Node<F: 'static> {
    /// What to do with a value found here.
    pub capture: Capture<F>,
    /// Keys of an object here (or of the objects in an array here) that lead to wanted values.
    pub children: &'static [(&'static str, Self)],
}

/// What to do with a value.
#[derive(Clone, Copy, Debug)]
pub enum Capture<F> {
    /// Nothing; only its children count, if any.
    Nothing,
    /// Hand over its raw text, whatever it is; its children are not looked at.
    Raw(F),
    /// Hand over its raw text if it is a string, number or literal.
    Scalar(F),
    /// Tell when it is there and not null, false or empty. An object with wanted children is
    /// walked instead.
    Presence(F),
    /// Tell when it is there at all, and walk on to its children.
    Seen(F),
}

impl<F> Node<F> {
    /// A place whose value is handed over when it is a scalar.
    pub const fn scalar(field: F) -> Self {
        Self { capture: Capture::Scalar(field), children: &[] }
    }

    /// A place whose value is handed over whatever it is.
    pub const fn raw(field: F) -> Self {
        Self { capture: Capture::Raw(field), children: &[] }
    }

    /// A place where only presence counts.
    pub const fn presence(field: F) -> Self {
        Self { capture: Capture::Presence(field), children: &[] }
    }

    /// A place on the way to others.
    pub const fn branch(children: &'static [(&'static str, Self)]) -> Self {
        Self { capture: Capture::Nothing, children }
    }
}

/// Takes what a scanner finds.
pub trait Sink<F> {
    /// A wanted value, as it stands in the document: strings with quotes and escapes.
    fn value(&mut self, field: F, raw: &[u8]);

    /// A wanted value that was longer than [`super::MAX_VALUE`].
    fn dropped(&mut self, _field: F) {}

    /// A value of which only presence counts is there ([`Capture::Presence`], [`Capture::Seen`]).
    fn present(&mut self, _field: F) {}

    /// An object of the root level is closed.
    fn object_end(&mut self) {}
}

/// Longest key worth comparing.
const MAX_KEY: usize = 48;

/// The part of a key that came with earlier pieces.
#[derive(Debug)]
pub(super) struct Key {
    bytes: [u8; MAX_KEY],
    len: usize,
    too_long: bool,
}

impl Default for Key {
    fn default() -> Self {
        Self { bytes: [0; MAX_KEY], len: 0, too_long: false }
    }
}

impl Key {
    pub(super) fn clear(&mut self) {
        self.len = 0;
        self.too_long = false;
    }

    pub(super) fn extend(&mut self, part: &[u8]) {
        match self.bytes.get_mut(self.len..self.len + part.len()) {
            Some(room) if !self.too_long => {
                room.copy_from_slice(part);
                self.len += part.len();
            }
            _ => self.too_long = true,
        }
    }

    /// The whole key, given its last part; `None` when it is longer than any that is wanted.
    pub(super) fn with<'a>(&'a mut self, last: &'a [u8]) -> Option<&'a [u8]> {
        if self.len == 0 && !self.too_long {
            return Some(last);
        }
        self.extend(last);
        (!self.too_long).then(|| &self.bytes[..self.len])
    }
}
