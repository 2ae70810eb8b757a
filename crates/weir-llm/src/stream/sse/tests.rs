use super::super::{Events, MAX_WHOLE};
use super::Sse;

#[derive(Default)]
struct Seen {
    events: Vec<(String, Vec<u8>)>,
    parts: Vec<u8>,
    had_parts: bool,
}

impl Events for Seen {
    fn whole(&mut self, name: &[u8], data: &[u8]) {
        self.events.push((String::from_utf8_lossy(name).into(), data.to_vec()));
    }
    fn part(&mut self, data: &[u8]) {
        self.had_parts = true;
        self.parts.extend_from_slice(data);
    }
    fn end_of_parts(&mut self, name: &[u8]) {
        let data = std::mem::take(&mut self.parts);
        self.events.push((String::from_utf8_lossy(name).into(), data));
    }
}

fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Seen {
    let (mut sse, mut seen) = (Sse::default(), Seen::default());
    for piece in pieces {
        sse.push(piece, &mut seen);
    }
    sse.finish(&mut seen);
    seen
}

#[track_caller]
fn check(text: &str, expected: &[(&str, &str)]) {
    let expected: Vec<(String, Vec<u8>)> = expected
        .iter()
        .map(|(name, data)| ((*name).to_owned(), data.as_bytes().to_vec()))
        .collect();
    for cut in 0..=text.len() {
        let (left, right) = text.as_bytes().split_at(cut);
        assert_eq!(read([left, right]).events, expected, "cut at {cut}");
    }
    assert_eq!(read(text.as_bytes().chunks(1)).events, expected, "byte by byte");
}

#[test]
fn all_line_ends_are_read() {
    for end in ["\n", "\r\n", "\r"] {
        let text = "data: a\n\nevent: x\ndata:b\n\n".replace('\n', end);
        check(&text, &[("", "a"), ("x", "b")]);
    }
    check("data: a\r\n\ndata: b\n\r\n", &[("", "a"), ("", "b")]);
}

#[test]
fn several_data_lines_are_one_event() {
    check("data: {\ndata\ndata: }\n\n", &[("", "{\n\n}")]);
    check("data:\n\n", &[("", "")]);
    check("data:  two\n\n", &[("", " two")]);
}

#[test]
fn comments_and_other_fields_are_passed_over() {
    check(": OPENROUTER PROCESSING\n\nid: 7\nretry: 1\nx\ndata: a\n\n", &[("", "a")]);
    check("dataset: no\ndatum\neventful: no\nevent: e\n\ndata: a\n\n", &[("", "a")]);
}

#[test]
fn the_name_may_follow_the_data() {
    check("data: a\nevent: late\n\ndata: b\n\n", &[("late", "a"), ("", "b")]);
    check("event: one\nevent: two\ndata: a\n\n", &[("two", "a")]);
}

#[test]
fn a_missing_last_blank_line_loses_nothing() {
    check("data: a\n\ndata: b", &[("", "a"), ("", "b")]);
    check("data: b\n", &[("", "b")]);
    check("\u{feff}data: b\n\ndata: \u{e9}\u{1f600}\n\n", &[("", "b"), ("", "\u{e9}\u{1f600}")]);
}

#[test]
fn a_long_event_comes_in_parts_whatever_the_chunks() {
    for (len, in_parts) in [(MAX_WHOLE, false), (MAX_WHOLE + 1, true)] {
        let text = format!("event: long\ndata: {}\n\ndata: b\n\n", "x".repeat(len));
        for size in [1000, 4096, text.len()] {
            let seen = read(text.as_bytes().chunks(size));
            assert_eq!(seen.had_parts, in_parts);
            assert_eq!(seen.events[0].0, "long");
            assert_eq!(seen.events[0].1.len(), len);
            assert_eq!(seen.events[1].1, b"b");
        }
    }
}
