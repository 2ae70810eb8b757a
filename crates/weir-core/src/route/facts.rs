//! What a route may learn about a call, and how much of that may be shown.

use std::borrow::Cow;

use serde_json::Value;

use super::field::FieldPath;

/// The facts of one call. Whoever implements it parses the body at the first question for it, and
/// once at most: most routes ask nothing of it.
pub trait CallFacts {
    /// A value of the call's metadata, `cf.user_id` included.
    fn metadata(&self, key: &str) -> Option<Cow<'_, Value>>;
    /// A place in the body, see [`value_at`]. A body that is no JSON has no places.
    fn body(&self, path: &[String]) -> Option<Cow<'_, Value>>;
    /// A header by its name in lower case.
    fn header(&self, name: &str) -> Option<Cow<'_, str>>;
}

/// The place in a document that names and numbers lead to, e.g. `["messages", "0", "role"]`.
pub fn value_at<'v>(document: &'v Value, path: &[String]) -> Option<&'v Value> {
    path.iter().try_fold(document, |value, step| match value {
        Value::Object(fields) => fields.get(step),
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Characters of a value that are shown.
const SHOWN: usize = 64;
/// What is shown of a value that nobody may see.
const HIDDEN: &str = "(hidden)";
/// Parts of the names of headers that hold credentials.
const CREDENTIALS: [&str; 6] = ["authorization", "cookie", "key", "token", "secret", "password"];
/// Fields of bodies whose text is a prompt.
const PROMPTS: [&str; 10] = [
    "content",
    "input",
    "instructions",
    "prompt",
    "query",
    "suffix",
    "system",
    "text",
    "texts",
    "message",
];

impl FieldPath {
    /// What a call says here.
    pub fn of<'c>(&self, call: &'c dyn CallFacts) -> Option<Cow<'c, Value>> {
        match self {
            Self::Metadata(key) => call.metadata(key),
            Self::Body(path) => call.body(path),
            Self::Header(name) => {
                let value = call.header(name)?;
                Some(Cow::Owned(Value::String(value.into_owned())))
            }
        }
    }

    /// The value that tells counters apart: the text itself, other values as JSON, and an empty
    /// text where the call says nothing (spec: data-plane 8.3).
    pub fn key_of(&self, call: &dyn CallFacts) -> String {
        match self.of(call).map(Cow::into_owned) {
            None => String::new(),
            Some(Value::String(text)) => text,
            Some(other) => other.to_string(),
        }
    }

    /// A value found here, or one it is held against, for people: 64 characters of it, nothing of a
    /// credential, and of what may be a prompt its length.
    pub fn show(&self, value: &Value) -> String {
        match self {
            Self::Header(name) if CREDENTIALS.iter().any(|word| name.contains(word)) => {
                HIDDEN.to_owned()
            }
            Self::Body(path) => shown_of_body(path, value),
            _ => cut(&value.to_string()),
        }
    }
}

/// Text deep inside a body is taken for a part of a prompt.
fn shown_of_body(path: &[String], value: &Value) -> String {
    let is_prompt = path.len() > 1 || path.iter().any(|step| PROMPTS.contains(&step.as_str()));
    match value {
        Value::String(text) if is_prompt => format!("({} characters)", text.chars().count()),
        Value::Array(items) => format!("(a list of {})", items.len()),
        Value::Object(_) => "(an object)".to_owned(),
        other => cut(&other.to_string()),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}...", &text[..end]),
    }
}

#[cfg(test)]
pub(super) mod tests;
