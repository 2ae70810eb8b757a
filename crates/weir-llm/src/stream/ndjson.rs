//! One document a line.

use memchr::memchr;

use super::{Events, Pending, hand_over};

/// Cuts lines; empty ones are passed over.
#[derive(Debug, Default)]
pub struct Lines {
    pending: Pending,
}

impl Lines {
    /// Takes the next bytes.
    pub fn push(&mut self, chunk: &[u8], events: &mut impl Events) {
        let mut rest = chunk;
        while let Some(end) = memchr(b'\n', rest) {
            let (line, after) = rest.split_at(end);
            if !self.pending.is_empty() {
                self.pending.extend(line, events);
                self.pending.dispatch(&[], events);
            } else if !line.is_empty() {
                hand_over(&[], line, events);
            }
            rest = &after[1..];
        }
        if !rest.is_empty() {
            self.pending.extend(rest, events);
        }
    }

    /// The stream is over: a line without its line feed counts. Says whether one was pending.
    pub fn finish(&mut self, events: &mut impl Events) -> bool {
        let pending = !self.pending.is_empty();
        if pending {
            self.pending.dispatch(&[], events);
        }
        pending
    }
}
