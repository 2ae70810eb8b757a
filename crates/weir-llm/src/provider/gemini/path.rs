//! The path, which names the model and whether to stream.

use crate::percent;

/// Path of a call below `root`, e.g. `v1beta`.
pub(super) fn path(root: &str, model: &str, stream: bool) -> String {
    let (kind, name) = match model.split_once('/') {
        Some((kind @ ("models" | "tunedModels"), name)) => (kind, name),
        _ => ("models", model),
    };
    let mut path = format!("{root}/{kind}/");
    percent::push(&mut path, name.as_bytes(), b"@");
    path.push_str(if stream { ":streamGenerateContent?alt=sse" } else { ":generateContent" });
    path
}
