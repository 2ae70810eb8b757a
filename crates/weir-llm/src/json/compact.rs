//! JSON text without the white space between its tokens.

use std::borrow::Cow;

/// Takes the white space out of a valid JSON text; borrowed when there is none.
pub(crate) fn compact(json: &str) -> Cow<'_, str> {
    let has_space = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
    if !json.as_bytes().iter().any(has_space) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len());
    let mut kept = 0;
    let (mut in_string, mut escaped) = (false, false);
    for (at, byte) in json.bytes().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
        } else if has_space(&byte) {
            out.push_str(&json[kept..at]);
            kept = at + 1;
        } else {
            in_string = byte == b'"';
        }
    }
    out.push_str(&json[kept..]);
    Cow::Owned(out)
}
