//! Incremental readers that cut a stream into its events, wherever the network cut the bytes.
//!
//! Each hands an event over whole when it fits a bounded buffer (without copying it when one chunk
//! holds all of it), and in parts when it does not, so that memory stays constant however long a
//! line or frame is. Which of the two happens depends on the event's length alone, never on the
//! chunks.
//!
//! The one stream without a reader here is a JSON array that grows over time: the scanner reads its
//! elements as they come (`crate::scan`).

pub mod aws_event_stream;
pub mod joined;
pub mod ndjson;
pub mod sse;

/// Longest event that is handed over whole, in bytes; longer ones come in parts.
pub const MAX_WHOLE: usize = 64 * 1024;

/// Takes the events of a stream.
pub trait Events {
    /// One event. `name` is its type if the framing has one, else empty.
    fn whole(&mut self, name: &[u8], data: &[u8]);

    /// A part of an event too long to be handed over whole.
    fn part(&mut self, data: &[u8]);

    /// The event that came in parts is over.
    fn end_of_parts(&mut self, name: &[u8]);
}

/// An event being collected: whole while it fits, in parts from then on.
#[derive(Debug, Default)]
struct Pending {
    data: Vec<u8>,
    in_parts: bool,
}

impl Pending {
    fn is_empty(&self) -> bool {
        self.data.is_empty() && !self.in_parts
    }

    fn extend(&mut self, data: &[u8], events: &mut impl Events) {
        if self.in_parts {
            events.part(data);
        } else if self.data.len() + data.len() <= MAX_WHOLE {
            self.data.extend_from_slice(data);
        } else {
            events.part(&self.data);
            events.part(data);
            self.data.clear();
            self.in_parts = true;
        }
    }

    fn dispatch(&mut self, name: &[u8], events: &mut impl Events) {
        if self.in_parts {
            events.end_of_parts(name);
        } else {
            events.whole(name, &self.data);
        }
        self.data.clear();
        self.in_parts = false;
    }
}

/// Hands over an event that lies in one piece, in the manner its length asks for.
fn hand_over(name: &[u8], data: &[u8], events: &mut impl Events) {
    if data.len() <= MAX_WHOLE {
        events.whole(name, data);
    } else {
        events.part(data);
        events.end_of_parts(name);
    }
}
