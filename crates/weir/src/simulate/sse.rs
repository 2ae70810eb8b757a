//! A stream of server-sent events, written in advance into one buffer.
//!
//! Everything about an answer is known before its first byte goes out, so a stream is one
//! allocation and a list of ends; sending a chunk is a slice of it.

use serde::Serialize;

use super::script::{After, Trouble};

/// An event that no JSON parser accepts, with the framing intact.
const MALFORMED: &[u8] = b"data: {\"broken\": [1, 2,\n\n";

/// How a body ends once all its data is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Clean,
    Hang,
    Cut,
}

/// The events of one answer.
pub(super) struct Events {
    pub(super) buffer: Vec<u8>,
    /// Where each event ends in `buffer`.
    pub(super) ends: Vec<usize>,
    pub(super) ending: Ending,
    error: fn(usize) -> String,
}

impl Events {
    /// No events yet. `error` writes the dialect's error event, framing included, given the
    /// number of events before it.
    pub(super) fn new(error: fn(usize) -> String) -> Self {
        Self { buffer: Vec::with_capacity(4096), ends: Vec::new(), ending: Ending::Clean, error }
    }

    /// Adds an event with data only.
    pub(super) fn data(&mut self, data: &impl Serialize) {
        self.buffer.extend_from_slice(b"data: ");
        // Plain data into memory: there is nothing that could fail.
        let _ = serde_json::to_writer(&mut self.buffer, data);
        self.close();
    }

    /// Adds an event with a name.
    pub(super) fn named(&mut self, name: &str, data: &impl Serialize) {
        self.buffer.extend_from_slice(b"event: ");
        self.buffer.extend_from_slice(name.as_bytes());
        self.buffer.push(b'\n');
        self.data(data);
    }

    /// Adds OpenAI's last event, which is not JSON.
    pub(super) fn done(&mut self) {
        self.buffer.extend_from_slice(b"data: [DONE]");
        self.close();
    }

    /// Number of events so far.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Works scripted trouble into the finished stream. A stream with fewer events than the
    /// trouble waits for gets it at its end.
    pub(super) fn disturb(&mut self, after: After) {
        let count = after.events.min(self.ends.len());
        let at = count.checked_sub(1).and_then(|last| self.ends.get(last)).copied().unwrap_or(0);
        if after.trouble == Trouble::Malformed {
            self.buffer.splice(at..at, MALFORMED.iter().copied());
            for end in self.ends.iter_mut().skip(count) {
                *end += MALFORMED.len();
            }
            self.ends.insert(count, at + MALFORMED.len());
            return;
        }
        self.buffer.truncate(at);
        self.ends.truncate(count);
        match after.trouble {
            Trouble::Hang => self.ending = Ending::Hang,
            Trouble::Cut => self.ending = Ending::Cut,
            Trouble::Error => {
                self.buffer.extend_from_slice((self.error)(count).as_bytes());
                self.ends.push(self.buffer.len());
            }
            Trouble::End | Trouble::Malformed => {}
        }
    }

    fn close(&mut self) {
        self.buffer.extend_from_slice(b"\n\n");
        self.ends.push(self.buffer.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disturbed(events: usize, trouble: Trouble) -> (Vec<String>, Ending) {
        let mut stream = Events::new(|count| format!("data: error {count}\n\n"));
        stream.data(&1);
        stream.named("two", &2);
        stream.done();
        stream.disturb(After { events, trouble });
        let mut start = 0;
        let mut parts = Vec::new();
        for end in stream.ends {
            parts.push(String::from_utf8(stream.buffer[start..end].to_vec()).unwrap());
            start = end;
        }
        assert_eq!(start, stream.buffer.len());
        (parts, stream.ending)
    }

    #[test]
    fn trouble_keeps_the_events_before_it() {
        let first = "data: 1\n\n".to_owned();
        let kept = vec![first.clone()];
        assert_eq!(disturbed(1, Trouble::End), (kept.clone(), Ending::Clean));
        assert_eq!(disturbed(1, Trouble::Cut), (kept.clone(), Ending::Cut));
        assert_eq!(disturbed(1, Trouble::Hang), (kept, Ending::Hang));
        assert_eq!(disturbed(1, Trouble::Error).0, [first, "data: error 1\n\n".to_owned()]);
        assert_eq!(disturbed(0, Trouble::Cut), (Vec::new(), Ending::Cut));
    }

    #[test]
    fn a_malformed_event_is_added_between() {
        let (parts, ending) = disturbed(2, Trouble::Malformed);
        let broken = std::str::from_utf8(MALFORMED).unwrap();
        assert_eq!(parts, ["data: 1\n\n", "event: two\ndata: 2\n\n", broken, "data: [DONE]\n\n"]);
        assert_eq!(ending, Ending::Clean);
        assert_eq!(disturbed(99, Trouble::Malformed).0.len(), 4);
    }
}
