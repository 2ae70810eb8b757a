//! A quick look at an event, to leave the ordinary ones unread.
//!
//! Most events of a long stream carry a few letters of text and nothing else of interest. Once
//! content, model and dialect are known, an event is worth scanning only if it holds one of a few
//! keys with a value other than null, or the type of a closing event.

use std::sync::LazyLock;

use memchr::memmem::Finder;

/// What every key of usage, of a reason to stop, and of an error contains near its end, and how
/// such a key may go on.
static KEYS: LazyLock<[(Finder<'static>, &[&str]); 3]> = LazyLock::new(|| {
    [
        (Finder::new("usage"), &["\"", "Metadata\""]),
        (Finder::new("eason"), &["\""]),
        (Finder::new("rror"), &["\"", "s\""]),
    ]
});

/// Types of the closing events of Anthropic and Cohere, and the start of those of Responses.
static TYPES: LazyLock<[(Finder<'static>, &[&str]); 3]> = LazyLock::new(|| {
    [
        (Finder::new("_stop"), &["\""]),
        (Finder::new("-end"), &["\""]),
        (
            Finder::new("\"response."),
            &["completed\"", "incomplete\"", "failed\"", "cancelled\"", "done\""],
        ),
    ]
});

/// Whether a document may hold more than another piece of content.
pub(super) fn is_interesting(document: &[u8]) -> bool {
    let key = KEYS.iter().any(|(word, endings)| {
        word.find_iter(document).any(|at| {
            let rest = &document[at + word.needle().len()..];
            after(rest, endings).is_some_and(|rest| !is_null(rest))
        })
    });
    key || TYPES.iter().any(|(word, endings)| {
        word.find_iter(document)
            .any(|at| after(&document[at + word.needle().len()..], endings).is_some())
    })
}

/// What follows one of the endings.
fn after<'a>(rest: &'a [u8], endings: &[&str]) -> Option<&'a [u8]> {
    endings.iter().find_map(|ending| rest.strip_prefix(ending.as_bytes()))
}

/// Whether what follows a key is null.
fn is_null(rest: &[u8]) -> bool {
    rest.trim_ascii_start()
        .strip_prefix(b":")
        .is_some_and(|value| value.trim_ascii_start().starts_with(b"null"))
}
