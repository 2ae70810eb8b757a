//! One vector, and the file of them.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Map, Value};

use super::keys;

/// A vector as the file has it.
#[derive(Clone, Debug)]
pub struct Vector {
    /// Its name, e.g. `url-001`.
    pub id: String,
    /// The feature it belongs to, e.g. `url`.
    pub area: String,
    /// State of the world before.
    pub given: Map<String, Value>,
    /// What the client sends.
    pub request: Value,
    /// What must come of it.
    pub expect: Map<String, Value>,
}

impl Vector {
    /// Reads one vector.
    ///
    /// # Errors
    /// When a part of it is missing or of the wrong kind.
    pub fn from_json(value: &Value) -> Result<Self> {
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let table = |key: &str| value.get(key).and_then(Value::as_object).cloned();
        let id = text("id").with_context(|| format!("a vector without id: {value}"))?;
        let lacks = |key: &str| format!("{id}: no {key}");
        Ok(Self {
            area: text("area").with_context(|| lacks("area"))?,
            given: table("given").unwrap_or_default(),
            request: value.get("request").cloned().with_context(|| lacks("request"))?,
            expect: table("expect").with_context(|| lacks("expect"))?,
            id,
        })
    }

    /// The items of the request: those of its sequence, or itself alone.
    pub fn items(&self) -> Vec<&Value> {
        match self.request.get("sequence").and_then(Value::as_array) {
            Some(items) => items.iter().collect(),
            None => vec![&self.request],
        }
    }

    /// What is wrong with the vector itself: keys that nobody here understands, or nothing
    /// asserted.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = keys::unknown(self);
        let asserts = ["status", "steps", "ws_handshake_status", "ws_frames"];
        if !asserts.iter().any(|key| self.expect.contains_key(*key)) {
            faults.push("expect asserts neither status nor steps".to_owned());
        }
        faults
    }
}

/// Reads a file of vectors: a JSON array.
///
/// # Errors
/// When it cannot be read or one of them is malformed.
pub fn load(path: &Path) -> Result<Vec<Vector>> {
    let shown = || path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(shown)?;
    let list: Vec<Value> = serde_json::from_str(&text).with_context(shown)?;
    list.iter().map(Vector::from_json).collect()
}
