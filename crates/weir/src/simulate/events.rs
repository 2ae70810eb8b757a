//! The events of a streamed answer, written in advance into one buffer.
//!
//! Everything about an answer is known before its first byte goes out, so a stream is one
//! allocation and a list of ends; sending a chunk is a slice of it. How an event is framed on the
//! wire is the [`Framing`]'s business; the dialects only name events and give their JSON.

mod aws;
#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Value, json};

use super::script::{After, Trouble};

/// JSON that no parser accepts; its frame is always intact.
const MALFORMED: &[u8] = b"{\"broken\": [1, 2,";

/// How a body ends once all its data is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Clean,
    Hang,
    Cut,
}

/// How events are laid out on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// Server-sent events with bare line feeds.
    Sse,
    /// Server-sent events with CRLF line ends, as Google sends them.
    SseCrlf,
    /// One JSON array that grows.
    JsonArray,
    /// AWS event stream, one named frame for each event.
    AwsEvents,
    /// AWS event stream whose frames carry another provider's events in base64.
    AwsChunks,
}

impl Framing {
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Sse => "text/event-stream; charset=utf-8",
            Self::SseCrlf => "text/event-stream",
            Self::JsonArray => "application/json; charset=UTF-8",
            Self::AwsEvents | Self::AwsChunks => "application/vnd.amazon.eventstream",
        }
    }

    /// The error frame's name where the dialect's own name does not reach the wire.
    const fn exception(self) -> &'static str {
        match self {
            Self::AwsEvents | Self::AwsChunks => "modelStreamErrorException",
            _ => "",
        }
    }
}

/// The name (empty if none) and the data of a dialect's error event, given the number of events
/// before it.
pub(super) type ErrorEvent = fn(usize) -> (&'static str, Value);

/// The events of one answer.
pub(super) struct Events {
    pub(super) buffer: Vec<u8>,
    /// Where each event ends in `buffer`.
    pub(super) ends: Vec<usize>,
    pub(super) ending: Ending,
    pub(super) framing: Framing,
    error: ErrorEvent,
}

impl Events {
    /// No events yet.
    pub(super) fn new(framing: Framing, error: ErrorEvent) -> Self {
        Self {
            buffer: Vec::with_capacity(4096),
            ends: Vec::new(),
            ending: Ending::Clean,
            framing,
            error,
        }
    }

    /// Adds an event with data only.
    pub(super) fn data(&mut self, data: &impl Serialize) {
        self.named("", data);
    }

    /// Adds an event with a name.
    pub(super) fn named(&mut self, name: &str, data: &impl Serialize) {
        match self.framing {
            Framing::Sse | Framing::SseCrlf => {
                let eol = if self.framing == Framing::Sse { "\n" } else { "\r\n" };
                if !name.is_empty() {
                    self.text("event: ");
                    self.text(name);
                    self.text(eol);
                }
                self.text("data: ");
                // Plain data into memory: there is nothing that could fail.
                let _ = serde_json::to_writer(&mut self.buffer, data);
                self.text(eol);
                self.text(eol);
            }
            Framing::JsonArray => {
                self.text(if self.ends.is_empty() { "[" } else { ",\r\n" });
                let _ = serde_json::to_writer(&mut self.buffer, data);
            }
            Framing::AwsEvents => {
                let payload = serde_json::to_vec(data).unwrap_or_default();
                aws::event(&mut self.buffer, name, &aws::padded(payload));
            }
            Framing::AwsChunks => {
                let inner = serde_json::to_vec(data).unwrap_or_default();
                let payload = json!({ "bytes": STANDARD.encode(inner) }).to_string();
                aws::event(&mut self.buffer, "chunk", &aws::padded(payload.into_bytes()));
            }
        }
        self.close();
    }

    /// Adds OpenAI's last event, which is not JSON.
    pub(super) fn done(&mut self) {
        self.text("data: [DONE]\n\n");
        self.close();
    }

    /// Closes the array, in the framing that has one.
    pub(super) fn finish(&mut self) {
        if self.framing == Framing::JsonArray {
            self.text(if self.ends.is_empty() { "[]" } else { "]" });
            self.close();
        }
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
            let broken = self.malformed(count);
            for end in self.ends.iter_mut().skip(count) {
                *end += broken.len();
            }
            self.ends.insert(count, at + broken.len());
            self.buffer.splice(at..at, broken);
            return;
        }
        self.buffer.truncate(at);
        self.ends.truncate(count);
        match after.trouble {
            Trouble::Hang => self.ending = Ending::Hang,
            Trouble::Cut => self.ending = Ending::Cut,
            Trouble::Error => self.fail(),
            Trouble::End | Trouble::Malformed => {}
        }
    }

    /// Adds the dialect's error event, which is the last.
    fn fail(&mut self) {
        let (name, data) = (self.error)(self.ends.len());
        match self.framing.exception() {
            "" => self.named(name, &data),
            exception => {
                let message = data.pointer("/error/message").or(data.get("message"));
                let payload = json!({ "message": message, "originalStatusCode": 500 }).to_string();
                aws::exception(&mut self.buffer, exception, payload.as_bytes());
                self.close();
            }
        }
        self.finish();
    }

    /// An event of broken JSON in an intact frame.
    fn malformed(&self, before: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let around = |open: &[u8], close: &[u8]| [open, MALFORMED, close].concat();
        match self.framing {
            Framing::Sse => around(b"data: ", b"\n\n"),
            Framing::SseCrlf => around(b"data: ", b"\r\n\r\n"),
            Framing::JsonArray => around(if before == 0 { b"[" } else { b",\r\n" }, b""),
            // Under a name that clients know; others they pass over.
            Framing::AwsEvents => {
                aws::event(&mut bytes, "contentBlockDelta", MALFORMED);
                bytes
            }
            Framing::AwsChunks => {
                aws::event(&mut bytes, "chunk", MALFORMED);
                bytes
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.buffer.extend_from_slice(text.as_bytes());
    }

    fn close(&mut self) {
        self.ends.push(self.buffer.len());
    }
}
