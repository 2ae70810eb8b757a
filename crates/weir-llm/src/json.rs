//! JSON as translators need it: objects read member by member, so that a fault names its place, and
//! edited in place, so that what is not named stays byte for byte as it came.

mod compact;
mod edit;
mod object;

#[cfg(test)]
mod tests;

pub(crate) use compact::compact;
pub use edit::Edits;
pub(crate) use object::read;
pub use object::{Object, Raw, TextOr};

/// Appends a JSON string with its quotes.
pub fn push_string(out: &mut Vec<u8>, text: &str) {
    // Writing into memory and of a string: neither can fail.
    let _ = serde_json::to_writer(&mut *out, text);
}
