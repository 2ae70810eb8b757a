use proptest::prelude::*;

use super::{Capture, MAX_VALUE, Node, Scanner, Sink};

static TREE: Node<&str> = Node::branch(&[
    ("model", Node::scalar("model")),
    ("usage", Node { capture: Capture::Raw("usage"), children: &[] }),
    ("text", Node::presence("text")),
    (
        "choices",
        Node::branch(&[
            ("finish_reason", Node::scalar("finish")),
            ("delta", Node::branch(&[("content", Node::presence("content"))])),
        ]),
    ),
    ("a", Node::branch(&[("b", Node::branch(&[("c", Node::scalar("abc"))]))])),
]);

#[derive(Default, Debug, PartialEq)]
struct Found(Vec<String>);

impl Sink<&'static str> for Found {
    fn value(&mut self, field: &'static str, raw: &[u8]) {
        self.0.push(format!("{field}={}", String::from_utf8_lossy(raw)));
    }
    fn dropped(&mut self, field: &'static str) {
        self.0.push(format!("{field} dropped"));
    }
    fn present(&mut self, field: &'static str) {
        self.0.push(format!("{field} there"));
    }
    fn object_end(&mut self) {
        self.0.push("end".into());
    }
}

fn scan<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<String>, bool, bool) {
    let mut scanner = Scanner::new(&TREE);
    let mut found = Found::default();
    for piece in pieces {
        scanner.push(piece, &mut found);
    }
    (found.0, scanner.is_complete(), scanner.is_malformed())
}

/// Checks the whole and every two-piece split.
#[track_caller]
fn check(text: &str, expected: &[&str], complete: bool) {
    for cut in 0..=text.len() {
        let (left, right) = text.as_bytes().split_at(cut);
        let (found, closed, _) = scan([left, right]);
        assert_eq!(
            (found, closed),
            (expected.iter().map(|s| (*s).to_owned()).collect(), complete),
            "cut at {cut}"
        );
    }
    let (found, ..) = scan(text.as_bytes().chunks(1));
    assert_eq!(found, expected, "byte by byte");
}

#[test]
fn wanted_values_come_out_raw() {
    check(
        r#" {"x":{"model":"no","y":[1,{"}":"]"}]},"model":"a\"\\\u00e9b","usage":{"n":1,"s":"}\""},"z":-1.5e3}"#,
        &[r#"model="a\"\\\u00e9b""#, r#"usage={"n":1,"s":"}\""}"#, "end"],
        true,
    );
    check(r#"{"a":{"c":1,"b":{"c":12}},"usage":null}"#, &["abc=12", "usage=null", "end"], true);
}

#[test]
fn arrays_are_transparent() {
    check(
        r#"{"choices":[{"finish_reason":null},[{"finish_reason":"stop"}]]}"#,
        &["finish=null", "finish=\"stop\"", "end"],
        true,
    );
    check(r#"[{"model":1},{"model":2}]"#, &["model=1", "end", "model=2", "end"], true);
    check("{\"model\":1}\n{\"model\":2}", &["model=1", "end", "model=2", "end"], true);
}

#[test]
fn presence_means_there_and_not_empty() {
    for (value, there) in [
        (r#""x""#, true),
        (r#""\n""#, true),
        (r#""""#, false),
        ("null", false),
        ("false", false),
        ("true", true),
        ("0", true),
        ("[]", false),
        ("[ ]", false),
        ("{ }", false),
        ("[ {}]", true),
        (r#"{"a":1}"#, true),
    ] {
        let text = format!(r#"{{"text":{value}}}"#);
        check(&text, if there { &["text there", "end"] } else { &["end"] }, true);
    }
    check(r#"{"choices":[{"delta":{"content":"x"}}]}"#, &["content there", "end"], true);
}

#[test]
fn an_unfinished_document_is_not_complete() {
    for text in [
        r#"{"model":"m""#,
        r#"{"model":"m","x":["#,
        r#"{"model":"m","x":"}"#,
        r#"{"model":"m","x":{"y":1}"#,
    ] {
        check(text, &[r#"model="m""#], false);
    }
    check(r#"{"model":"m"#, &[], false);
    check("", &[], false);
    check("  ", &[], false);
    check("12", &[], false);
}

#[test]
fn garbage_is_noticed_and_ends_the_reading() {
    for text in [
        "<html>",
        "{model",
        "{\"a\" 1}",
        "{\"a\":}",
        "[1 2]",
        "{1:2}",
        "]",
        "{\"a\":1]",
        "data: {}",
    ] {
        let (_, complete, malformed) = scan([text.as_bytes()]);
        assert!(malformed && !complete, "{text}");
    }
    check(r#"{"model":1,,"model":2}"#, &["model=1"], false);
}

#[test]
fn long_values_are_dropped_and_long_keys_ignored() {
    let text = format!(r#"{{"model":"{}","usage":1}}"#, "m".repeat(MAX_VALUE));
    for size in [1000, text.len()] {
        let (found, complete, _) = scan(text.as_bytes().chunks(size));
        assert_eq!(found, ["model dropped", "usage=1", "end"]);
        assert!(complete);
    }
    let text = format!(r#"{{"{}":1,"usage":1}}"#, "model".repeat(1000));
    let (found, ..) = scan(text.as_bytes().chunks(7));
    assert_eq!(found, ["usage=1", "end"]);
}

#[test]
fn deep_nesting_needs_no_memory() {
    let text = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let (_, complete, malformed) = scan([text.as_bytes()]);
    assert!(complete && !malformed);
}

proptest! {
    #[test]
    fn garbage_never_panics_and_splits_do_not_matter(
        bytes in proptest::collection::vec(
            proptest::sample::select(br#"{}[]",:\ amodelusg1n"#.to_vec()), 0..200),
        size in 1usize..20,
    ) {
        prop_assert_eq!(scan([&bytes[..]]), scan(bytes.chunks(size)));
    }
}
