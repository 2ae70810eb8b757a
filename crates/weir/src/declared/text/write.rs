//! From a document to text.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{NULL, is_null_key};
use crate::declared::{Document, Fields, Kind, Place};

const HEAD: &str = "\
# Configuration of an account, as written by `weir export` and read by `weir plan` and `weir apply`.
# What is left out has its default. Credentials are not here: \"********\" means the one that is
# stored already.
";

/// The text of a document.
pub(crate) fn write(document: &Document) -> String {
    let mut text = HEAD.to_owned();
    for remark in &document.remarks {
        let one_line = remark.replace(char::is_control, " ");
        let _ = writeln!(text, "# Not in this file: {one_line}");
    }
    if let Some(account) = &document.account {
        let _ = write!(text, "\naccount = {}\n", string(account));
    }
    let of_kind = |kind| document.objects.iter().filter(move |(place, _)| place.kind == kind);
    for kind in Kind::EVERY.into_iter().filter(|kind| kind.parent().is_none()) {
        for (place, fields) in of_kind(kind) {
            object(&mut text, place, fields);
            for (inner, fields) in kind.children().flat_map(of_kind) {
                if inner.parent_name() == place.name {
                    object(&mut text, inner, fields);
                }
            }
        }
    }
    text
}

fn object(text: &mut String, place: &Place, fields: &Fields) {
    let _ = write!(text, "\n[{place}]\n");
    for (name, field) in sorted(fields) {
        let _ = writeln!(text, "{} = {}", key(name), spread(field, 0));
    }
}

/// Fields in the order in which people look for them.
fn sorted(fields: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut sorted: Vec<_> = fields.iter().collect();
    let first = |name: &str| {
        ["id", "name", "type"].iter().position(|early| *early == name).unwrap_or(usize::MAX)
    };
    sorted.sort_by_key(|(name, _)| (first(name), *name));
    sorted
}

/// A value; lists of lists and tables take a line for each element.
fn spread(field: &Value, depth: usize) -> String {
    match field {
        Value::Array(items) if items.iter().any(|item| item.is_array() || item.is_object()) => {
            let indent = "    ".repeat(depth + 1);
            let lines = items.iter().map(|item| format!("{indent}{},\n", spread(item, depth + 1)));
            format!("[\n{}{}]", lines.collect::<String>(), "    ".repeat(depth))
        }
        other => value(other),
    }
}

/// A value on one line, but for texts of several lines.
pub(crate) fn value(field: &Value) -> String {
    match field {
        Value::Null => format!("{{ {NULL} = true }}"),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => match number.as_f64() {
            // Debug form: the shortest that reads back the same, always with a point or exponent.
            Some(float) if number.is_f64() => format!("{float:?}"),
            _ => number.to_string(),
        },
        Value::String(text) => string(text),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(value).collect::<Vec<_>>().join(", "))
        }
        Value::Object(fields) if fields.is_empty() => "{}".to_owned(),
        Value::Object(fields) => {
            let pairs = sorted(fields).into_iter().map(|(name, field)| {
                // Only an object of one such field would be taken for null.
                let mark = if fields.len() == 1 && is_null_key(name) { "!" } else { "" };
                format!("{} = {}", key(&format!("{name}{mark}")), value(field))
            });
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A key, in quotes where it needs them.
pub(crate) fn key(name: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !name.is_empty() && name.bytes().all(bare) {
        return name.to_owned();
    }
    quoted(name)
}

fn string(text: &str) -> String {
    if !text.contains('\n') {
        return quoted(text);
    }
    let lines: Vec<String> = text.split('\n').map(escaped).collect();
    format!("\"\"\"\n{}\"\"\"", lines.join("\n"))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\t' => escaped.push_str("\\t"),
            '\r' => escaped.push_str("\\r"),
            other if other.is_control() => {
                let _ = write!(escaped, "\\u{:04X}", u32::from(other));
            }
            other => escaped.push(other),
        }
    }
    escaped
}
