//! The innermost loops: words, spaces, and containers that nobody wants to look into.

use memchr::memchr2;

/// White space between tokens.
pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// Whether a number or literal may begin with this byte.
pub(super) const fn begins(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'-' | b't' | b'f' | b'n')
}

/// Whether a number, or a literal, goes on with this byte.
pub(super) const fn continues(byte: u8, number: bool) -> bool {
    match byte {
        b'0'..=b'9' | b'E' | b'+' | b'-' | b'.' => number,
        b'e' => true,
        b'a'..=b'z' => !number,
        _ => false,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Other,
    Open,
    Close,
    Quote,
}

const CLASSES: [Class; 256] = {
    let mut table = [Class::Other; 256];
    table[b'{' as usize] = Class::Open;
    table[b'[' as usize] = Class::Open;
    table[b'}' as usize] = Class::Close;
    table[b']' as usize] = Class::Close;
    table[b'"' as usize] = Class::Quote;
    table
};

/// Passes over the rest of a container that is `depth` brackets deep. Returns how many bytes it
/// used, and where it stands if the container goes on: depth, in a string, next byte escaped.
pub(super) fn skip(
    bytes: &[u8],
    mut depth: u32,
    mut quoted: bool,
    escaped: bool,
) -> (usize, Option<(u32, bool, bool)>) {
    let mut at = usize::from(escaped);
    while at < bytes.len() {
        if quoted {
            let Some(found) = memchr2(b'"', b'\\', &bytes[at..]) else {
                return (bytes.len(), Some((depth, true, false)));
            };
            at += found;
            if bytes[at] == b'\\' {
                at += 2;
            } else {
                at += 1;
                quoted = false;
            }
            continue;
        }
        let class = bytes[at..].iter().position(|b| CLASSES[usize::from(*b)] != Class::Other);
        let Some(found) = class else { return (bytes.len(), Some((depth, false, false))) };
        at += found + 1;
        match CLASSES[usize::from(bytes[at - 1])] {
            Class::Quote => quoted = true,
            Class::Open => depth = depth.saturating_add(1),
            Class::Close if depth <= 1 => return (at, None),
            Class::Close => depth -= 1,
            Class::Other => {}
        }
    }
    (bytes.len(), Some((depth, quoted, at > bytes.len())))
}
