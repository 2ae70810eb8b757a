//! Tokens of a text, by rules.

/// What each rule gives, in tenths of a token.
const WHOLE: u64 = 10;
/// Longest word that is usually one token, in letters.
const SHORT_WORD: u64 = 7;

/// Kinds of characters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letter,
    /// A letter with a mark: its word falls into more pieces.
    Marked,
    Digit,
    LineEnd,
    Blank,
    Punctuation,
    /// Greek, Cyrillic, Armenian.
    Alphabet,
    Han,
    Kana,
    Hangul,
    Symbol,
    Emoji,
    Other,
}

impl Kind {
    const fn of(c: char) -> Self {
        match c {
            'a'..='z' | 'A'..='Z' => Self::Letter,
            '0'..='9' => Self::Digit,
            '\n' | '\r' => Self::LineEnd,
            ' ' | '\t' => Self::Blank,
            '\0'..='\x7f' => Self::Punctuation,
            '\u{80}'..='\u{24f}' => Self::Marked,
            '\u{250}'..='\u{58f}' => Self::Alphabet,
            '\u{2000}'..='\u{2bff}' => Self::Symbol,
            '\u{3040}'..='\u{30ff}' => Self::Kana,
            '\u{3000}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}' => Self::Han,
            '\u{ac00}'..='\u{d7af}' => Self::Hangul,
            '\u{1f000}'.. => Self::Emoji,
            _ => Self::Other,
        }
    }

    const fn is_letter(self) -> bool {
        matches!(self, Self::Letter | Self::Marked)
    }
}

/// About how many tokens a text has.
pub(super) fn tokens(text: &str) -> u64 {
    let mut tenths = 0;
    let mut rest = text;
    let mut before = Kind::LineEnd;
    while let Some(first) = rest.chars().next() {
        let kind = Kind::of(first);
        let (run, after) = rest.split_at(length(kind, rest));
        let next = after.chars().next().map(Kind::of);
        tenths += cost(kind, run, before, next);
        before = kind;
        rest = after;
    }
    (tenths + WHOLE / 2) / WHOLE
}

/// How far a run goes, in bytes. A word also ends where a capital follows a small letter.
fn length(kind: Kind, text: &str) -> usize {
    let mut previous = '\0';
    let end = text.char_indices().find(|(_, c)| {
        let other = Kind::of(*c);
        let ends = if kind.is_letter() {
            !other.is_letter() || (previous.is_ascii_lowercase() && c.is_ascii_uppercase())
        } else {
            other != kind
        };
        previous = *c;
        ends
    });
    end.map_or(text.len(), |(at, _)| at)
}

fn cost(kind: Kind, run: &str, before: Kind, next: Option<Kind>) -> u64 {
    let bytes = run.len() as u64;
    let chars = || run.chars().count() as u64;
    match kind {
        Kind::Letter | Kind::Marked => word(run),
        Kind::Digit => bytes.div_ceil(3) * WHOLE,
        // The end of a line often belongs to the punctuation before it.
        Kind::LineEnd if before == Kind::Punctuation => 3,
        Kind::LineEnd => WHOLE,
        // One blank belongs to the word behind it, but not to a number.
        Kind::Blank if bytes > 1 => WHOLE,
        Kind::Blank if next == Some(Kind::Digit) => 5,
        Kind::Blank => 0,
        // One sign often belongs to the word behind it; several are mostly one token.
        Kind::Punctuation if bytes == 1 => 7,
        Kind::Punctuation => WHOLE + bytes - 2,
        Kind::Alphabet => (chars() * 3).max(WHOLE),
        Kind::Han | Kind::Kana | Kind::Hangul => chars() * 8,
        Kind::Symbol => chars() * 12,
        Kind::Emoji => chars() * 20,
        Kind::Other => chars() * 5,
    }
}

fn word(run: &str) -> u64 {
    let letters = run.chars().count() as u64;
    let marked = run.len() as u64 - letters;
    let capitals = letters > 1 && run.bytes().all(|byte| byte.is_ascii_uppercase());
    let plain = if capitals {
        (letters * 3).max(WHOLE)
    } else {
        WHOLE + letters.saturating_sub(SHORT_WORD) * 16 / 10
    };
    plain + marked * 6
}
