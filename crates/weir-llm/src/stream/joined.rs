//! Events whole, however long: for translators, which need the entire JSON of one.

use super::{Events, sse::Sse};

/// Longest event that is put together, in bytes: a picture in base64 fits.
pub const MAX_JOINED: usize = 32 * 1024 * 1024;

/// Cuts server-sent events and gives each whole, with its name.
#[derive(Debug, Default)]
pub struct JoinedSse {
    sse: Sse,
    parts: Vec<u8>,
    overlong: bool,
}

struct Joining<'a, F> {
    parts: &'a mut Vec<u8>,
    overlong: &'a mut bool,
    each: F,
}

impl<F: FnMut(&[u8], &[u8])> Events for Joining<'_, F> {
    fn whole(&mut self, name: &[u8], data: &[u8]) {
        (self.each)(name, data);
    }

    fn part(&mut self, data: &[u8]) {
        if self.parts.len() + data.len() > MAX_JOINED {
            *self.overlong = true;
            self.parts.clear();
        }
        if !*self.overlong {
            self.parts.extend_from_slice(data);
        }
    }

    fn end_of_parts(&mut self, name: &[u8]) {
        if !*self.overlong {
            (self.each)(name, self.parts);
        }
        *self.parts = Vec::new();
    }
}

impl JoinedSse {
    /// Takes the next bytes; `each` gets name and data of every event that they complete.
    pub fn push(&mut self, chunk: &[u8], each: impl FnMut(&[u8], &[u8])) {
        let mut joining = Joining { parts: &mut self.parts, overlong: &mut self.overlong, each };
        self.sse.push(chunk, &mut joining);
    }

    /// The stream is over: an event without its blank line counts.
    pub fn finish(&mut self, each: impl FnMut(&[u8], &[u8])) {
        let mut joining = Joining { parts: &mut self.parts, overlong: &mut self.overlong, each };
        self.sse.finish(&mut joining);
    }

    /// Whether an event was too long to be put together; it is lost.
    pub const fn lost_one(&self) -> bool {
        self.overlong
    }
}
