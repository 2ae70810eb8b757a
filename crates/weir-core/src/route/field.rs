//! The facts of a call that a route may ask for (spec: data-plane 8.3).

use std::fmt;

use serde_json::Value;

use crate::fault::Faults;

/// A fact of a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FieldPath {
    /// `metadata.{key}`; the key may hold dots.
    Metadata(String),
    /// `body.{a.b.0.c}`: names and places on the way there.
    Body(Vec<String>),
    /// `headers.{name}`, in lower case.
    Header(String),
}

/// Bytes of a path.
const MAX_BYTES: usize = 512;

impl FieldPath {
    /// Reads a path.
    pub fn parse(text: &str) -> Option<Self> {
        let (root, rest) = text.split_once('.').filter(|_| text.len() <= MAX_BYTES)?;
        if rest.is_empty() {
            return None;
        }
        match root {
            "metadata" => Some(Self::Metadata(rest.to_owned())),
            "headers" => Some(Self::Header(rest.to_ascii_lowercase())),
            "body" => {
                let steps: Vec<String> = rest.split('.').map(str::to_owned).collect();
                steps.iter().all(|step| !step.is_empty()).then_some(Self::Body(steps))
            }
            _ => None,
        }
    }

    /// Reads a path out of a document.
    pub(super) fn read(value: &Value, faults: &mut Faults) -> Option<Self> {
        let read = value.as_str().and_then(Self::parse);
        if read.is_none() {
            faults.refuse("must be a path such as metadata.user_id, body.model or headers.x-team");
        }
        read
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Metadata(key) => write!(f, "metadata.{key}"),
            Self::Body(steps) => write!(f, "body.{}", steps.join(".")),
            Self::Header(name) => write!(f, "headers.{name}"),
        }
    }
}
