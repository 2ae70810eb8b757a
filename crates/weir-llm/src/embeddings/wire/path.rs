//! A model's name as a part of a path.

use crate::fault::{Fault, Losses, Param};

/// One segment: everything but letters, digits and `-._~` is written with percent signs.
pub(super) fn segment(model: &str, losses: &Losses) -> Result<String, Fault> {
    if model.bytes().all(|b| b == b'.') {
        return Err(losses.invalid(&Param::Model, "is no name of a model"));
    }
    let mut out = String::with_capacity(model.len() + 8);
    for byte in model.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    Ok(out)
}

/// Segments with slashes between them, and `@` as it is: `@cf/baai/bge-m3`.
pub(super) fn segments(model: &str, losses: &Losses) -> Result<String, Fault> {
    let parts: Result<Vec<_>, _> = model.split('/').map(|part| segment(part, losses)).collect();
    Ok(parts?.join("/").replace("%40", "@"))
}
