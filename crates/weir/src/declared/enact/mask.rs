//! Masks in a document: they stand for the credential that is stored already.

use serde_json::Value;
use weir_core::mask::{MASKED, unmask};

use crate::declared::text::key;
use crate::declared::{Fields, Kind};

/// Fields that may hold credentials.
fn secret_fields(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Gateway => &["otel", "stripe"],
        Kind::CustomProvider => &["headers"],
        _ => &[],
    }
}

/// Paths of the masks in `fields` that no credential of `former` stands behind.
pub(super) fn without_original(
    kind: Kind,
    fields: &Fields,
    former: Option<&Fields>,
) -> Vec<String> {
    const KEPT: &str = "kept";
    let mut found = Vec::new();
    for name in secret_fields(kind) {
        let Some(value) = fields.get(*name) else { continue };
        let mut value = value.clone();
        if let Some(former) = former.and_then(|former| former.get(*name)) {
            let mut original = former.clone();
            replace(&mut original, KEPT);
            unmask(&mut value, &original);
        }
        search(&value, (*name).to_owned(), &mut found);
    }
    found
}

fn replace(value: &mut Value, with: &str) {
    match value {
        Value::String(text) if text == MASKED => with.clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, with)),
        Value::Object(fields) => fields.values_mut().for_each(|field| replace(field, with)),
        _ => {}
    }
}

fn search(value: &Value, path: String, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text == MASKED => found.push(path),
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                search(item, format!("{path}[{place}]"), found);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                search(field, format!("{path}.{}", key(name)), found);
            }
        }
        _ => {}
    }
}
