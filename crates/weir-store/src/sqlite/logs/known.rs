//! Words of our own that a [`weir_core::LogRecord`] holds as `&'static str`.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Model types and request types (spec: observability 1.2).
const KNOWN: [&str; 17] = [
    "audio-to-text",
    "automatic-speech-recognition",
    "binding",
    "compat",
    "evaluation",
    "guardrail",
    "http",
    "image-to-text",
    "playground",
    "rest",
    "text-classification",
    "text-embeddings",
    "text-generation",
    "text-to-image",
    "text-to-speech",
    "universal",
    "websocket",
];

/// Most words learnt beyond those.
const MOST: usize = 256;

static LEARNT: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// The static form of a stored word, or `None` when no more can be learnt.
///
/// Only a program writes such words, never a caller, so there are few. One that is not known (from
/// another version, say) is kept for the life of the process; a file full of made-up ones cannot
/// take more than [`MOST`] of them into memory.
pub(super) fn word(text: &str) -> Option<&'static str> {
    if let Ok(position) = KNOWN.binary_search(&text) {
        return Some(KNOWN[position]);
    }
    let mut learnt = LEARNT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(word) = learnt.get(text) {
        return Some(word);
    }
    if learnt.len() >= MOST {
        return None;
    }
    let word: &'static str = Box::leak(text.into());
    learnt.insert(word);
    Some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_words_are_sorted_and_new_ones_are_learnt_once() {
        assert!(KNOWN.is_sorted());
        assert_eq!(word("http"), Some("http"));
        let first = word("from-the-future").unwrap();
        let second = word("from-the-future").unwrap();
        assert!(std::ptr::eq(first, second));
    }
}
