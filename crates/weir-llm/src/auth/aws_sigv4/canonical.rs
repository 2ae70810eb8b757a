//! The canonical spelling of the parts of a request.

use crate::percent;

/// The path, encoded once more than on the wire. Empty segments, `.` and `..` are resolved.
pub(super) fn canonical_path(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            other => segments.push(other),
        }
    }
    let mut out = String::with_capacity(path.len() + 16);
    for segment in &segments {
        out.push('/');
        percent::push(&mut out, segment.as_bytes(), b"");
    }
    if segments.is_empty() || path.ends_with('/') {
        out.push('/');
    }
    out
}

/// The query, each name and value encoded once, sorted.
pub(super) fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (recode(name), recode(value)))
        .collect();
    pairs.sort_unstable();
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// A header's value: trimmed, runs of blanks made one.
pub(super) fn canonical_value(value: &str) -> String {
    value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

/// Spells an encoded text in the one way that signatures know.
fn recode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    percent::push(&mut out, &percent::decode(text), b"");
    out
}
