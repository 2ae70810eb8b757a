//! The beginning of a body, as a log's detail shows it.

/// Bytes of a head at most (spec: observability 1.2).
const LIMIT: usize = 8 * 1024;
/// Bytes of a body to read for its head: one more tells whether the head is all of it.
pub(super) const READ: usize = LIMIT + 1;

/// A beginning; the default stands for a body that is not kept or not shown.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// The text, `None` when there is no body to show.
    pub(super) text: Option<String>,
    /// The text is the whole body, byte for byte.
    pub(super) complete: bool,
}

impl Head {
    /// The first 8 KiB, ending between two characters. Bytes that are not UTF-8 become U+FFFD, and
    /// the head is then never complete.
    pub(super) fn of(body: &[u8]) -> Self {
        let start = &body[..boundary(body)];
        let text = String::from_utf8_lossy(start);
        let complete = start.len() == body.len() && text.as_bytes() == body;
        Self { text: Some(text.into_owned()), complete }
    }
}

/// The last position up to `LIMIT` that does not split a character. A character has four bytes at
/// most, so longer runs of continuation bytes are not UTF-8 and are cut anywhere.
fn boundary(body: &[u8]) -> usize {
    if body.len() <= LIMIT {
        return body.len();
    }
    let continues = |at: &usize| body[*at] & 0b1100_0000 == 0b1000_0000;
    (LIMIT - 3..=LIMIT).rev().find(|at| !continues(at)).unwrap_or(LIMIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &[u8], length: usize, complete: bool) {
        let head = Head::of(body);
        assert_eq!((head.text.unwrap().len(), head.complete), (length, complete));
    }

    #[test]
    fn a_body_up_to_the_limit_is_whole() {
        check(b"", 0, true);
        check("x".repeat(LIMIT).as_bytes(), LIMIT, true);
        check("x".repeat(LIMIT + 1).as_bytes(), LIMIT, false);
    }

    #[test]
    fn no_character_is_split() {
        for (pad, length) in [(0, LIMIT), (1, LIMIT - 3), (2, LIMIT - 2), (3, LIMIT - 1)] {
            let body = "x".repeat(pad) + &"\u{1f980}".repeat(LIMIT / 4 + 1);
            check(body.as_bytes(), length, false);
        }
    }

    #[test]
    fn what_is_not_text_is_shown_but_not_called_complete() {
        assert_eq!(Head::of(b"a\xff"), Head { text: Some("a\u{fffd}".into()), complete: false });
        assert!(!Head::of(&[0x80; LIMIT + 1]).complete);
    }
}
