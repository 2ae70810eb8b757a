//! Which dialect a stream speaks, and whether it came to the end that dialect has.

use super::End;

/// Marks seen so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress {
    /// `choices`: OpenAI chat and completions.
    pub(super) chat: bool,
    /// `candidates`: Gemini.
    pub(super) gemini: bool,
    /// `response` with a piece of text: Workers AI.
    pub(super) text_pieces: bool,
    /// `done`: Ollama.
    pub(super) ollama: bool,
    /// A named event that opens a stream with a closing counterpart.
    opened: bool,
    /// That counterpart.
    closed: bool,
    /// A finish reason.
    pub(super) finished: bool,
    /// `[DONE]`, Ollama's last line, or Bedrock's closing count.
    pub(super) done: bool,
}

impl Progress {
    /// The name of an event: `type` of its document, or the type of its frame.
    pub(super) fn event(&mut self, name: &[u8]) {
        match name {
            // Anthropic, Cohere v2 and v1, Converse.
            b"message_start" | b"message-start" | b"stream-start" | b"messageStart" => {
                self.opened = true;
            }
            b"message_stop" | b"message-end" | b"stream-end" | b"messageStop" => {
                self.opened = true;
                self.closed = true;
            }
            b"response.completed"
            | b"response.incomplete"
            | b"response.failed"
            | b"response.cancelled"
            | b"response.done" => {
                self.opened = true;
                self.closed = true;
            }
            _ if name.starts_with(b"response.") => self.opened = true,
            _ => {}
        }
    }

    /// Whether the dialect is known.
    pub(super) fn is_recognised(&self) -> bool {
        self.chat || self.gemini || self.text_pieces || self.ollama || self.opened
    }

    /// How a stream ended whose framing is whole.
    pub(super) fn end(&self) -> End {
        let whole = if self.done || self.closed {
            true
        } else if self.opened {
            false
        } else {
            (self.chat || self.gemini) && self.finished
        };
        match (whole, self.is_recognised()) {
            (true, _) => End::Complete,
            (false, true) => End::Truncated,
            (false, false) => End::Unknown,
        }
    }
}
