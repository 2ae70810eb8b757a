//! An incremental JSON scanner: bytes in pieces cut anywhere, chosen values out.
//!
//! It walks the document once, never holds it, and hands over the raw text of the values that a
//! [`Node`] tree names. Everything else is passed over at the speed of `memchr`. Arrays are
//! transparent: a path through them means "in any element", so `choices` then `finish_reason`
//! finds the reason of every choice, and a root array is read as its elements one by one.
//!
//! It is tolerant where that is cheap: it checks the form of the parts it walks through, and only
//! the balance of the parts it skips. What is not JSON stops it, and is told by
//! [`Scanner::is_malformed`].

mod tree;
mod word;

#[cfg(test)]
mod tests;

use memchr::memchr2;

pub use tree::{Capture, Node, Sink};

use tree::Key;

/// Longest captured value in bytes; a longer one is dropped and reported as such.
pub const MAX_VALUE: usize = 16 * 1024;

/// Nesting that is walked with its path known; what lies deeper is skipped.
const DEPTH: usize = 10;

/// The scanner. `F` names the captured fields.
#[derive(Debug)]
pub struct Scanner<F: Copy + 'static> {
    root: &'static Node<F>,
    frames: [Frame<F>; DEPTH],
    depth: usize,
    state: State<F>,
    key: Key,
    /// Node of the value that the last key announced.
    announced: Option<&'static Node<F>>,
    capturing: Option<F>,
    /// The part of a captured value that came with earlier pieces.
    carry: Vec<u8>,
    too_long: bool,
    seen: bool,
    malformed: bool,
}

/// An open object or array on the walked path.
#[derive(Clone, Copy, Debug)]
struct Frame<F: 'static> {
    node: &'static Node<F>,
    object: bool,
    expect: Expect,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    Key,
    Colon,
    Value,
    Comma,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State<F> {
    /// Between tokens.
    Between,
    /// In the text of a key.
    Key { escaped: bool },
    /// At the first byte of a string of which only the presence matters.
    StringStart(F),
    /// In the text of a string value.
    Text { escaped: bool },
    /// In a number, or in the letters of a literal.
    Word { number: bool },
    /// At the first byte of a container of which only the presence matters.
    Opened(F),
    /// In a container that is passed over, `depth` brackets deep.
    Skip { depth: u32, quoted: bool, escaped: bool },
    /// After a byte that is not JSON.
    Dead,
}

impl<F: Copy + 'static> Scanner<F> {
    /// A scanner for documents in which the fields of `root` are wanted.
    pub fn new(root: &'static Node<F>) -> Self {
        Self {
            root,
            frames: [Frame { node: root, object: false, expect: Expect::Value }; DEPTH],
            depth: 0,
            state: State::Between,
            key: Key::default(),
            announced: None,
            capturing: None,
            carry: Vec::new(),
            too_long: false,
            seen: false,
            malformed: false,
        }
    }

    /// Forgets the document so far and awaits a new one.
    pub fn reset(&mut self) {
        self.depth = 0;
        self.state = State::Between;
        self.announced = None;
        self.capturing = None;
        self.carry.clear();
        self.too_long = false;
        self.seen = false;
        self.malformed = false;
    }

    /// Whether at least one document came and every one is closed.
    pub fn is_complete(&self) -> bool {
        self.seen && self.depth == 0 && matches!(self.state, State::Between | State::Word { .. })
    }

    /// Whether a document began and is not closed.
    pub fn is_open(&self) -> bool {
        self.depth > 0 || !matches!(self.state, State::Between | State::Word { .. } | State::Dead)
    }

    /// Whether something came that is not JSON; nothing is read after it.
    pub fn is_malformed(&self) -> bool {
        self.malformed
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8], sink: &mut impl Sink<F>) {
        let mut at = 0;
        // Where the value being captured begins in this piece.
        let mut start = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            match self.state {
                State::Between => at += self.between(rest, at, &mut start, sink),
                State::Key { escaped } => at += self.key(rest, escaped),
                State::StringStart(field) => {
                    if rest[0] != b'"' {
                        sink.present(field);
                    }
                    self.state = State::Text { escaped: false };
                }
                State::Text { escaped } => {
                    let (used, end) = text_end(rest, escaped);
                    at += used;
                    match end {
                        TextEnd::Quote => self.end_value(&bytes[start..at], sink),
                        TextEnd::Open { escaped } => self.state = State::Text { escaped },
                    }
                }
                State::Word { number } => {
                    let end = rest.iter().position(|b| !word::continues(*b, number));
                    at += end.unwrap_or(rest.len());
                    if end.is_some() {
                        self.end_value(&bytes[start..at], sink);
                    }
                }
                State::Opened(field) => {
                    if word::is_space(rest[0]) {
                        at += 1;
                    } else {
                        if !matches!(rest[0], b'}' | b']') {
                            sink.present(field);
                        }
                        self.state = State::Skip { depth: 1, quoted: false, escaped: false };
                    }
                }
                State::Skip { depth, quoted, escaped } => {
                    let (used, left) = word::skip(rest, depth, quoted, escaped);
                    at += used;
                    match left {
                        None => self.end_value(&bytes[start..at], sink),
                        Some((depth, quoted, escaped)) => {
                            self.state = State::Skip { depth, quoted, escaped };
                        }
                    }
                }
                State::Dead => return,
            }
        }
        if self.capturing.is_some() {
            self.keep(&bytes[start..]);
        }
    }

    /// One token's first byte. Returns how many bytes it used.
    fn between(
        &mut self,
        rest: &[u8],
        at: usize,
        start: &mut usize,
        sink: &mut impl Sink<F>,
    ) -> usize {
        let byte = rest[0];
        if word::is_space(byte) {
            return 1;
        }
        match (byte, self.expect()) {
            (b'"', Expect::Key) => {
                self.state = State::Key { escaped: false };
                self.key.clear();
            }
            (b':', Expect::Colon) => self.set_expect(Expect::Value),
            (b',', Expect::Comma) if self.depth > 0 => {
                let object = self.frames[self.depth - 1].object;
                self.set_expect(if object { Expect::Key } else { Expect::Value });
            }
            (b'}' | b']', expect) if self.may_close(byte, expect) => {
                let node = self.frames[self.depth - 1].node;
                self.depth -= 1;
                if byte == b'}' && std::ptr::eq(node, self.root) {
                    sink.object_end();
                }
                self.end_value(&[], sink);
            }
            (_, Expect::Value) => return self.begin_value(byte, at, start, sink),
            _ => self.die(),
        }
        1
    }

    fn begin_value(
        &mut self,
        byte: u8,
        at: usize,
        start: &mut usize,
        sink: &mut impl Sink<F>,
    ) -> usize {
        let node = match self.depth {
            0 => Some(self.root),
            depth if self.frames[depth - 1].object => self.announced,
            depth => Some(self.frames[depth - 1].node),
        };
        let capture = node.map_or(Capture::Nothing, |node| node.capture);
        let container = matches!(byte, b'{' | b'[');
        match capture {
            Capture::Raw(field) => self.capture(field, at, start),
            Capture::Scalar(field) if !container => self.capture(field, at, start),
            Capture::Seen(field) => sink.present(field),
            _ => {}
        }
        if container {
            let walked = node.filter(|node| {
                !node.children.is_empty()
                    && !matches!(capture, Capture::Raw(_))
                    && self.depth < DEPTH
            });
            match (walked, capture) {
                (Some(node), _) => self.open(node, byte == b'{'),
                (None, Capture::Presence(field)) => self.state = State::Opened(field),
                _ => self.state = State::Skip { depth: 1, quoted: false, escaped: false },
            }
            return 1;
        }
        match (byte, capture) {
            (b'"', Capture::Presence(field)) => self.state = State::StringStart(field),
            (b'"', _) => self.state = State::Text { escaped: false },
            _ if word::begins(byte) => {
                if let Capture::Presence(field) = capture
                    && !matches!(byte, b'n' | b'f')
                {
                    sink.present(field);
                }
                self.state = State::Word { number: !byte.is_ascii_lowercase() };
            }
            _ => self.die(),
        }
        1
    }

    fn open(&mut self, node: &'static Node<F>, object: bool) {
        let expect = if object { Expect::Key } else { Expect::Value };
        self.frames[self.depth] = Frame { node, object, expect };
        self.depth += 1;
        self.state = State::Between;
    }

    fn capture(&mut self, field: F, at: usize, start: &mut usize) {
        self.capturing = Some(field);
        self.carry.clear();
        self.too_long = false;
        *start = at;
    }

    /// Keeps a part of the captured value for later pieces.
    fn keep(&mut self, part: &[u8]) {
        if self.too_long || self.carry.len() + part.len() > MAX_VALUE {
            self.too_long = true;
        } else {
            self.carry.extend_from_slice(part);
        }
    }

    /// A value is over; `last` is its text in this piece.
    fn end_value(&mut self, last: &[u8], sink: &mut impl Sink<F>) {
        self.state = State::Between;
        self.announced = None;
        self.seen = true;
        self.set_expect(Expect::Comma);
        let Some(field) = self.capturing.take() else { return };
        if self.carry.is_empty() && !self.too_long && last.len() <= MAX_VALUE {
            sink.value(field, last);
            return;
        }
        self.keep(last);
        if self.too_long {
            sink.dropped(field);
        } else {
            sink.value(field, &self.carry);
        }
        self.carry.clear();
    }

    /// Bytes of a key. Returns how many it used.
    fn key(&mut self, rest: &[u8], escaped: bool) -> usize {
        let (used, end) = text_end(rest, escaped);
        match end {
            TextEnd::Open { escaped } => {
                self.key.extend(rest);
                self.state = State::Key { escaped };
            }
            TextEnd::Quote => {
                let last = &rest[..used - 1];
                let children = self.frames[self.depth - 1].node.children;
                let key = self.key.with(last);
                self.announced = key.and_then(|key| {
                    children.iter().find(|(name, _)| name.as_bytes() == key).map(|(_, node)| node)
                });
                self.state = State::Between;
                self.set_expect(Expect::Colon);
            }
        }
        used
    }

    fn expect(&self) -> Expect {
        // Documents may follow each other with nothing between them.
        if self.depth == 0 { Expect::Value } else { self.frames[self.depth - 1].expect }
    }

    fn set_expect(&mut self, expect: Expect) {
        if self.depth > 0 {
            self.frames[self.depth - 1].expect = expect;
        }
    }

    fn may_close(&self, byte: u8, expect: Expect) -> bool {
        self.depth > 0
            && self.frames[self.depth - 1].object == (byte == b'}')
            && (expect != Expect::Colon)
            && !(byte == b'}' && expect == Expect::Value)
    }

    fn die(&mut self) {
        self.state = State::Dead;
        self.malformed = true;
        self.capturing = None;
    }
}

enum TextEnd {
    /// The closing quote is the last byte used.
    Quote,
    /// All bytes are text; the next one may be escaped.
    Open { escaped: bool },
}

/// Looks for the end of a string that has begun. Returns how many bytes it used.
fn text_end(rest: &[u8], escaped: bool) -> (usize, TextEnd) {
    let mut at = usize::from(escaped);
    while let Some(found) = rest.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found;
        if rest[at] == b'"' {
            return (at + 1, TextEnd::Quote);
        }
        at += 2;
    }
    // `at` is past the end exactly when the last byte was a backslash that escapes the next.
    (rest.len(), TextEnd::Open { escaped: at > rest.len() })
}
