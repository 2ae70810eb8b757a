//! Comparing what was expected with what came.

use std::fmt;

use anyhow::{Context as _, Result};
use regex::Regex;
use serde_json::Value;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mismatch {
    place: String,
    expected: String,
    got: String,
}

impl Mismatch {
    /// A difference at `place`.
    pub(super) fn new(place: &str, expected: impl fmt::Display, got: impl fmt::Display) -> Self {
        let (expected, got) = (short(&expected.to_string()), short(&got.to_string()));
        Self { place: place.to_owned(), expected, got }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, got {}", self.place, self.expected, self.got)
    }
}

/// On one line, and not longer than a reader bears.
fn short(text: &str) -> String {
    const LIMIT: usize = 400;
    let line = text.replace('\n', "\\n").replace('\r', "\\r");
    match line.char_indices().nth(LIMIT) {
        Some((cut, _)) => format!("{}...", &line[..cut]),
        None => line,
    }
}

/// The pattern of a text `/.../`; `None` for other texts.
fn pattern(expected: &str) -> Option<Result<Regex>> {
    let inner = expected.strip_prefix('/')?.strip_suffix('/')?;
    Some(Regex::new(inner).with_context(|| expected.to_owned()))
}

/// Compares a text: the exact value, `"/regex/"`, `"*"` (present) or null (absent).
pub(super) fn text(place: &str, expected: &Value, got: Option<&str>, out: &mut Vec<Mismatch>) {
    let fits = match (expected, got) {
        (Value::Null, got) => got.is_none(),
        (_, None) => false,
        (Value::String(star), Some(_)) if star == "*" => true,
        (Value::String(expected), Some(got)) => match pattern(expected) {
            Some(Ok(regex)) => regex.is_match(got),
            Some(Err(_)) => false,
            None => expected == got,
        },
        (Value::Number(number), Some(got)) => got == number.to_string().as_str(),
        _ => false,
    };
    if !fits {
        let shown = |got: &str| Value::from(got).to_string();
        let got = got.map_or_else(|| "nothing".to_owned(), shown);
        out.push(Mismatch::new(place, expected, got));
    }
}

/// Compares JSON by subset: every key of an expected object must be there and fit; an array must
/// have the same length, each element fitting; `"*"` fits any value but null; null fits a missing
/// key too.
pub(super) fn subset(place: &str, expected: &Value, got: Option<&Value>, out: &mut Vec<Mismatch>) {
    let missing = || Mismatch::new(place, expected, "nothing");
    match (expected, got) {
        (Value::Null, None | Some(Value::Null)) => {}
        (_, None) => out.push(missing()),
        (Value::String(star), Some(got)) if star == "*" && !got.is_null() => {}
        (Value::Object(expected), Some(Value::Object(got))) => {
            for (key, expected) in expected {
                subset(&format!("{place}.{key}"), expected, got.get(key), out);
            }
        }
        (Value::Array(expected), Some(Value::Array(got))) if expected.len() == got.len() => {
            for (index, (expected, got)) in expected.iter().zip(got).enumerate() {
                subset(&format!("{place}[{index}]"), expected, Some(got), out);
            }
        }
        (expected, Some(got)) if !equal(expected, got) => {
            out.push(Mismatch::new(place, expected, got));
        }
        _ => {}
    }
}

/// Equality of JSON; numbers are equal when they differ by rounding alone.
pub(super) fn equal(expected: &Value, got: &Value) -> bool {
    match (expected, got) {
        (Value::Number(expected), Value::Number(got)) => {
            let (Some(a), Some(b)) = (expected.as_f64(), got.as_f64()) else { return false };
            (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
        }
        (Value::Array(expected), Value::Array(got)) => {
            let same = || expected.iter().zip(got).all(|(expected, got)| equal(expected, got));
            expected.len() == got.len() && same()
        }
        (Value::Object(expected), Value::Object(got)) => {
            let same = |(key, expected): (&String, &Value)| {
                got.get(key).is_some_and(|got| equal(expected, got))
            };
            expected.len() == got.len() && expected.iter().all(same)
        }
        _ => expected == got,
    }
}
