//! What a request says about itself: in its body, and in its path.

pub mod bounds;
mod path;

#[cfg(test)]
mod tests;

use crate::scan::{Node, Scanner, Sink};

pub use path::{model_from_path, model_type, streams};

/// What a body told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestFacts {
    /// The wanted model, in the client's word.
    pub model: Option<Box<str>>,
    /// Whether a stream is wanted; `None` when the body does not say.
    pub stream: Option<bool>,
    /// The body is not one whole JSON document. An empty body is not malformed.
    pub malformed: bool,
}

#[derive(Clone, Copy, Debug)]
enum Field {
    Model,
    Stream,
}

static REQUEST: Node<Field> =
    Node::branch(&[("model", Node::scalar(Field::Model)), ("stream", Node::scalar(Field::Stream))]);

impl Sink<Field> for RequestFacts {
    fn value(&mut self, field: Field, raw: &[u8]) {
        // As everywhere in JSON, the last of several equal keys counts.
        match field {
            Field::Model => self.model = serde_json::from_slice(raw).ok(),
            Field::Stream => {
                self.stream = match raw {
                    b"true" => Some(true),
                    b"false" => Some(false),
                    _ => None,
                }
            }
        }
    }
}

/// Reads one JSON request body, chunk by chunk, without holding it.
#[derive(Debug)]
pub struct RequestReader {
    scanner: Scanner<Field>,
    facts: RequestFacts,
    empty: bool,
}

impl Default for RequestReader {
    fn default() -> Self {
        Self { scanner: Scanner::new(&REQUEST), facts: RequestFacts::default(), empty: true }
    }
}

impl RequestReader {
    /// A reader for one body.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes of the body.
    pub fn push(&mut self, chunk: &[u8]) {
        self.empty &= chunk.is_empty();
        self.scanner.push(chunk, &mut self.facts);
    }

    /// Everything the body told.
    pub fn finish(self) -> RequestFacts {
        let malformed = !self.empty && !self.scanner.is_complete();
        RequestFacts { malformed, ..self.facts }
    }
}
