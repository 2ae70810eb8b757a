//! How much of an answer an event of a stream brings, without reading the event.

use std::sync::LazyLock;

use memchr::memchr2;
use memchr::memmem::Finder;

/// What stands before a piece of an answer, the usual first: text, a call's arguments, reasoning.
static BEFORE: LazyLock<[Finder<'static>; 7]> = LazyLock::new(|| {
    [
        "\"content\"",
        "\"text\"",
        "\"delta\"",
        "\"arguments\"",
        "\"thinking\"",
        "\"partial_json\"",
        "\"reasoning_content\"",
    ]
    .map(Finder::new)
});

/// Bytes of the first piece of text in an event, as they are written. An event brings one piece, as
/// a rule; where it brings several, or repeats them, the first is as good an estimate as any.
pub(super) fn bytes(event: &[u8]) -> u64 {
    BEFORE.iter().find_map(|key| text_after(event, key)).unwrap_or(0)
}

/// The length of the first text that a key has. Null, objects and empty texts are passed over.
fn text_after(event: &[u8], key: &Finder<'_>) -> Option<u64> {
    key.find_iter(event).find_map(|at| {
        let rest = event[at + key.needle().len()..].trim_ascii_start();
        let rest = rest.strip_prefix(b":")?.trim_ascii_start().strip_prefix(b"\"")?;
        Some(length(rest)).filter(|length| *length > 0)
    })
}

/// How long a JSON string is whose opening quote has passed. One that is cut off ends where it is.
fn length(text: &[u8]) -> u64 {
    let mut at = 0;
    while let Some(next) = memchr2(b'"', b'\\', &text[at..]) {
        at += next;
        if text[at] == b'"' {
            return at as u64;
        }
        // Whatever is escaped is no end of the string.
        at = (at + 2).min(text.len());
    }
    text.len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_measured_in_every_dialect() {
        for (event, expected) in [
            (r#"{"choices":[{"delta":{"role":"assistant","content":"Hello"}}]}"#, 5),
            (r#"{"choices":[{"delta":{"content":null,"reasoning_content":"hm"}}]}"#, 2),
            (r#"{"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"{\"a\""}}]}}]}"#, 6),
            (r#"{"type":"content_block_delta","delta":{"type":"text_delta","text":"Hi!"}}"#, 3),
            (r#"{"delta":{"type":"thinking_delta","thinking":"so"}}"#, 2),
            (r#"{"type":"response.output_text.delta","delta":"four"}"#, 4),
            (r#"{"candidates":[{"content":{"parts":[{"text":"some words"}]}}]}"#, 10),
            (r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#, 0),
            (r#"{"type":"ping"}"#, 0),
            (r#"{"delta":"cut o"#, 5),
        ] {
            assert_eq!(bytes(event.as_bytes()), expected, "{event}");
        }
    }
}
