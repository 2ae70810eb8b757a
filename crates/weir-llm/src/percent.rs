//! Percent-encoding, as paths and queries have it.

/// Appends `bytes` with everything encoded but letters, digits, `-._~` and what is in `keep`.
pub fn push(out: &mut String, bytes: &[u8], keep: &[u8]) {
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) || keep.contains(byte) {
            out.push(char::from(*byte));
        } else {
            let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
            out.push('%');
            out.push(digit(byte >> 4).to_ascii_uppercase());
            out.push(digit(byte & 15).to_ascii_uppercase());
        }
    }
}

/// The text with everything encoded but letters, digits, `-._~` and what is in `keep`.
pub fn encode(text: &str, keep: &[u8]) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    push(&mut out, text.as_bytes(), keep);
    out
}

/// The bytes that a text stands for. A percent sign that no two hex digits follow stands for itself.
pub fn decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = (*first == b'%').then(|| escaped(after)).flatten();
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    bytes
}

fn escaped(digits: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*digits.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_plain_characters_and_the_kept_stay() {
        assert_eq!(encode("a/b:c@d é~", b""), "a%2Fb%3Ac%40d%20%C3%A9~");
        assert_eq!(encode("@cf/a", b"/@"), "@cf/a");
    }

    #[test]
    fn what_is_no_escape_stands_for_itself() {
        for (text, decoded) in [("%2F%3a", "/:"), ("%", "%"), ("%4", "%4"), ("%+A%zz", "%+A%zz")] {
            assert_eq!(decode(text), decoded.as_bytes(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_decoded(text in ".*") {
            prop_assert_eq!(decode(&encode(&text, b"/")), text.as_bytes());
        }
    }
}
