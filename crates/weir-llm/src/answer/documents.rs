//! Reads the documents of an answer: events of a stream, payloads of frames, or the one body.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use memchr::{memchr, memmem};

use crate::scan::Scanner;
use crate::stream::aws_event_stream::{Frames, Headers};
use crate::stream::{Events, MAX_WHOLE};

use super::collector::Collector;
use super::field::{ANSWER, Field};
use super::{delivered, error, prefilter};

/// Events that are read in full even when they do not tell what there is to know.
const PATIENCE: u32 = 8;

/// The scanner and what it has gathered.
#[derive(Debug)]
pub(super) struct Documents {
    pub(super) scanner: Scanner<Field>,
    pub(super) facts: Collector,
    /// Documents read in full.
    read: u32,
    in_parts: bool,
    /// The last document was not closed.
    pub(super) open: bool,
    decoded: Vec<u8>,
}

impl Documents {
    pub(super) fn new() -> Self {
        Self {
            scanner: Scanner::new(&ANSWER),
            facts: Collector::default(),
            read: 0,
            in_parts: false,
            open: false,
            decoded: Vec::new(),
        }
    }

    /// Bytes of a body that is one document.
    pub(super) fn body(&mut self, bytes: &[u8]) {
        self.scanner.push(bytes, &mut self.facts);
    }

    fn begin(&mut self) {
        self.scanner.reset();
        self.facts.forget_document();
        self.read = self.read.saturating_add(1);
    }

    fn end(&mut self, name: &[u8], document: &[u8]) {
        self.open = self.scanner.is_open();
        if name == b"error" && self.facts.error.is_none() {
            self.facts.set_error(Some(error::of_document("error", document)));
        }
    }

    fn document(&mut self, name: &[u8], document: &[u8]) {
        self.begin();
        self.scanner.push(document, &mut self.facts);
        self.end(name, document);
    }

    /// Whether there is nothing left to learn from ordinary events.
    fn is_settled(&self) -> bool {
        let facts = &self.facts;
        facts.saw_content
            && (self.read >= PATIENCE || facts.model.is_some() && facts.progress.is_recognised())
    }
}

impl Events for Documents {
    fn whole(&mut self, name: &[u8], data: &[u8]) {
        if data.trim_ascii() == b"[DONE]" {
            self.facts.progress.done = true;
            self.open = false;
            return;
        }
        self.facts.delivered += delivered::bytes(data);
        if !self.is_settled() || name == b"error" || prefilter::is_interesting(data) {
            self.document(name, data);
        } else {
            self.open = !data.trim_ascii_end().ends_with(b"}");
        }
    }

    fn part(&mut self, data: &[u8]) {
        if !std::mem::replace(&mut self.in_parts, true) {
            self.begin();
        }
        self.scanner.push(data, &mut self.facts);
    }

    fn end_of_parts(&mut self, name: &[u8]) {
        self.in_parts = false;
        self.end(name, &[]);
    }
}

impl Frames for Documents {
    fn frame(&mut self, headers: &Headers<'_>, payload: &[u8]) {
        let kind = headers.text(":message-type").unwrap_or("event");
        if kind != "event" {
            let code = headers.text(":exception-type").or_else(|| headers.text(":error-code"));
            let mut error = error::of_document(code.unwrap_or(kind), payload);
            if let Some(message) = headers.text(":error-message") {
                error.message = message.into();
            }
            self.facts.set_error(Some(error));
            return;
        }
        self.facts.progress.event(headers.text(":event-type").unwrap_or_default().as_bytes());
        let mut decoded = std::mem::take(&mut self.decoded);
        let document = if decode_chunk(payload, &mut decoded) { &decoded } else { payload };
        self.facts.delivered += delivered::bytes(document);
        self.document(&[], document);
        self.decoded = decoded;
    }
}

/// Takes the inner document out of `{"bytes":"<base64>"}`, the form in which the answer of an
/// invoked model is streamed.
fn decode_chunk(payload: &[u8], decoded: &mut Vec<u8>) -> bool {
    let Some(start) = memmem::find(&payload[..payload.len().min(MAX_WHOLE)], b"\"bytes\":\"")
    else {
        return false;
    };
    let text = &payload[start + b"\"bytes\":\"".len()..];
    let Some(end) = memchr(b'"', text) else { return false };
    decoded.clear();
    STANDARD.decode_vec(&text[..end], decoded).is_ok()
}
