//! What cannot be told yet, because another block is open.

use std::collections::VecDeque;

/// Most bytes that wait. Only a provider that tells several calls at once comes near it.
const MAX_WAITING: usize = 8 * 1024 * 1024;

/// A tool call, and its arguments as far as they came.
pub(super) struct Call {
    pub(super) number: u32,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) json: String,
}

impl Call {
    pub(super) fn new(number: u32, id: &str, name: &str, base: &str) -> Self {
        let id = if id.is_empty() { format!("call_{base}_{number}") } else { id.to_owned() };
        Self { number, id, name: name.to_owned(), json: String::new() }
    }
}

/// Calls in their order, and the text behind them.
#[derive(Default)]
pub(super) struct Waiting {
    calls: VecDeque<Call>,
    text: String,
    size: usize,
}

impl Waiting {
    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty() && self.text.is_empty()
    }

    /// Says whether there was room; so do the next two.
    pub(super) fn hold(&mut self, call: Call) -> bool {
        self.size += call.id.len() + call.name.len();
        self.calls.push_back(call);
        self.fits()
    }

    pub(super) fn hold_text(&mut self, text: &str) -> bool {
        self.size += text.len();
        self.text.push_str(text);
        self.fits()
    }

    /// More arguments for a waiting call. Of one that is told already only white space can be left.
    pub(super) fn add(&mut self, number: u32, json: &str) -> bool {
        if let Some(call) = self.calls.iter_mut().find(|call| call.number == number) {
            call.json.push_str(json);
            self.size += json.len();
        }
        self.fits()
    }

    pub(super) fn next(&mut self) -> Option<Call> {
        let call = self.calls.pop_front()?;
        self.size = self.size.saturating_sub(call.id.len() + call.name.len() + call.json.len());
        Some(call)
    }

    pub(super) fn take_text(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    fn fits(&self) -> bool {
        self.size <= MAX_WAITING
    }
}

/// How far the arguments of the open call have come: enough of JSON to see their end.
#[derive(Default)]
pub(super) struct Arguments {
    begun: bool,
    depth: u32,
    in_string: bool,
    escaped: bool,
}

impl Arguments {
    pub(super) fn read(&mut self, json: &str) {
        for byte in json.bytes() {
            if std::mem::take(&mut self.escaped) {
                continue;
            }
            match (self.in_string, byte) {
                (true, b'\\') => self.escaped = true,
                (_, b'"') => self.in_string = !self.in_string,
                (false, b'{' | b'[') => {
                    self.begun = true;
                    self.depth += 1;
                }
                (false, b'}' | b']') => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
    }

    pub(super) const fn are_missing(&self) -> bool {
        !self.begun
    }

    pub(super) const fn are_whole(&self) -> bool {
        self.begun && self.depth == 0
    }

    pub(super) const fn are_unfinished(&self) -> bool {
        self.begun && self.depth > 0
    }
}
