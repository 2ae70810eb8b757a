//! A document as text: TOML, laid out for people and for comparing versions. The same document is
//! always the same bytes, and what is written reads back as it was.
//!
//! TOML has no null. Where one is needed it is written `{ null = true }`; an object that would look
//! like that gets a `!` more in its key.

mod read;
mod write;

pub(crate) use read::read;
pub(crate) use write::{key, value, write};

/// The key that stands for null.
const NULL: &str = "null";

/// Whether a key is that one, with any number of marks.
fn is_null_key(key: &str) -> bool {
    key.strip_prefix(NULL).is_some_and(|marks| marks.bytes().all(|mark| mark == b'!'))
}

#[cfg(test)]
mod tests;
