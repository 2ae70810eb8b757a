//! A model's name as a part of a path.

use crate::fault::{Fault, Losses, Param};
use crate::percent;

/// One segment: everything but letters, digits and `-._~` is written with percent signs.
pub(super) fn segment(model: &str, losses: &Losses) -> Result<String, Fault> {
    if model.bytes().all(|b| b == b'.') {
        return Err(losses.invalid(&Param::Model, "is no name of a model"));
    }
    Ok(percent::encode(model, b""))
}

/// Segments with slashes between them, and `@` as it is: `@cf/baai/bge-m3`.
pub(super) fn segments(model: &str, losses: &Losses) -> Result<String, Fault> {
    let parts: Result<Vec<_>, _> = model.split('/').map(|part| segment(part, losses)).collect();
    Ok(parts?.join("/").replace("%40", "@"))
}
