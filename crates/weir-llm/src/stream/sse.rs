//! Server-sent events: CRLF, CR or LF, comments, several data lines, a missing last blank line.

#[cfg(test)]
mod tests;

use memchr::memchr2;

use super::{Events, Pending, hand_over};

/// Longest event name that is kept; what is beyond is cut off.
const MAX_NAME: usize = 64;

/// Cuts server-sent events.
#[derive(Debug, Default)]
pub struct Sse {
    state: State,
    /// The last line ended with CR: a LF right after it belongs to it.
    after_cr: bool,
    /// Name of the field on the present line, as far as it has come.
    field: FieldName,
    name: Vec<u8>,
    pending: Pending,
    /// A data line of the present event is over, so another one is joined with a line feed.
    has_line: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// In the field name at the start of a line.
    #[default]
    Field,
    /// Right after the colon, where one space is dropped.
    Colon(Field),
    /// In the value.
    Value(Field),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Data,
    Event,
    /// Comments, `id`, `retry` and unknown fields.
    Other,
}

/// The start of a line up to its colon. Long enough for a byte order mark and `event`.
#[derive(Debug, Default)]
struct FieldName {
    bytes: [u8; 8],
    len: usize,
}

impl FieldName {
    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
        }
        self.len += 1;
    }

    fn take(&mut self) -> Field {
        let name = self.bytes.get(..std::mem::take(&mut self.len)).unwrap_or_default();
        match name.strip_prefix(b"\xef\xbb\xbf").unwrap_or(name) {
            b"data" => Field::Data,
            b"event" => Field::Event,
            _ => Field::Other,
        }
    }
}

impl Sse {
    /// Takes the next bytes.
    pub fn push(&mut self, chunk: &[u8], events: &mut impl Events) {
        let mut rest = chunk;
        while let Some(byte) = rest.first().copied() {
            if std::mem::take(&mut self.after_cr) && byte == b'\n' {
                rest = &rest[1..];
                continue;
            }
            if let Some(after) = self.whole_event(rest, events) {
                rest = after;
                continue;
            }
            match self.state {
                State::Field if matches!(byte, b'\r' | b'\n') => {
                    if self.field.len == 0 {
                        self.dispatch(events);
                    } else if self.field.take() == Field::Data {
                        self.join_lines(events);
                        self.data(&[], true, events);
                    }
                    self.after_cr = byte == b'\r';
                    rest = &rest[1..];
                }
                State::Field => {
                    if byte == b':' {
                        self.state = State::Colon(self.field.take());
                    } else {
                        self.field.push(byte);
                    }
                    rest = &rest[1..];
                }
                State::Colon(field) => {
                    if field == Field::Event {
                        self.name.clear();
                    }
                    self.state = State::Value(field);
                    if byte == b' ' {
                        rest = &rest[1..];
                    }
                    if field == Field::Data {
                        self.join_lines(events);
                    }
                }
                State::Value(field) => rest = self.value(field, rest, events),
            }
        }
    }

    /// The stream is over: an event without its blank line counts. Says whether one was pending.
    pub fn finish(&mut self, events: &mut impl Events) -> bool {
        let pending = !self.pending.is_empty();
        self.dispatch(events);
        pending
    }

    /// The common case, without a copy: a data line and its blank line lie in this chunk, with
    /// nothing pending before them. Returns what follows.
    fn whole_event<'a>(&mut self, rest: &'a [u8], events: &mut impl Events) -> Option<&'a [u8]> {
        if self.state != State::Field
            || self.field.len != 0
            || self.has_line
            || !self.pending.is_empty()
        {
            return None;
        }
        let data = rest.strip_prefix(b"data:")?;
        let data = data.strip_prefix(b" ").unwrap_or(data);
        let (data, end) = data.split_at(memchr2(b'\r', b'\n', data)?);
        let after = end.strip_prefix(b"\n\n").or_else(|| end.strip_prefix(b"\r\n\r\n"))?;
        hand_over(&self.name, data, events);
        self.name.clear();
        Some(after)
    }

    /// A piece of a value, up to the line's end if it is there. Returns what follows.
    fn value<'a>(&mut self, field: Field, rest: &'a [u8], events: &mut impl Events) -> &'a [u8] {
        let end = memchr2(b'\r', b'\n', rest);
        let (value, after) = rest.split_at(end.unwrap_or(rest.len()));
        match field {
            Field::Data => self.data(value, end.is_some(), events),
            Field::Event => {
                let room = MAX_NAME.saturating_sub(self.name.len()).min(value.len());
                self.name.extend_from_slice(&value[..room]);
            }
            Field::Other => {}
        }
        match after.first() {
            None => after,
            Some(byte) => {
                self.after_cr = *byte == b'\r';
                self.state = State::Field;
                &after[1..]
            }
        }
    }

    /// A data line begins: a line feed parts it from one before it.
    fn join_lines(&mut self, events: &mut impl Events) {
        if std::mem::take(&mut self.has_line) {
            self.pending.extend(b"\n", events);
        }
    }

    fn data(&mut self, value: &[u8], line_ends: bool, events: &mut impl Events) {
        self.pending.extend(value, events);
        self.has_line = line_ends;
    }

    fn dispatch(&mut self, events: &mut impl Events) {
        if self.has_line || !self.pending.is_empty() {
            self.pending.dispatch(&self.name, events);
        }
        self.has_line = false;
        self.name.clear();
    }
}
