use proptest::prelude::*;

use super::super::super::DecodeContext;
use super::super::decoder;
use crate::canonical::{Event, EventSink};

/// Everything that was said, with pieces of one kind joined.
#[derive(Default)]
struct Heard(Vec<String>);

impl EventSink for Heard {
    fn event(&mut self, event: Event<'_>) {
        self.0.push(match event {
            Event::Annotation { annotation, .. } => format!("cite {annotation}"),
            other => format!("{other:?}"),
        });
    }
}

fn hear<'a>(pieces: impl Iterator<Item = &'a [u8]>, schema_tool: Option<&str>) -> Vec<String> {
    let context = DecodeContext {
        base: "b".into(),
        schema_tool: schema_tool.map(Into::into),
        provider: "anthropic".into(),
    };
    let mut decoder = decoder(context);
    let mut heard = Heard::default();
    for piece in pieces {
        decoder.push(piece, &mut heard);
    }
    decoder.finish(&mut heard);
    heard.0
}

fn all(text: &str, schema_tool: Option<&str>) -> String {
    hear([text.as_bytes()].into_iter(), schema_tool).join("\n")
}

fn events(list: &[&str]) -> String {
    list.iter().map(|data| format!("event: x\ndata: {data}\n\n")).collect()
}

fn tooled() -> String {
    events(&[
        r#"{"type":"message_start","message":{"id":"msg_1","model":"m","usage":{"input_tokens":5,"output_tokens":1}}}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"","citations":[]}}"#,
        r#"{"type":"ping"}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a\"é"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":{"type":"web_search_result_location","url":"https://x","title":"T"}}}"#,
        r#"{"type":"content_block_stop","index":0}"#,
        r#"{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}"#,
        r#"{"type":"content_block_stop","index":1}"#,
        r#"{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"u","name":"f","input":{"whole":1}}}"#,
        r#"{"type":"content_block_stop","index":2}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":9}}"#,
        r#"{"type":"message_stop"}"#,
    ])
}

#[test]
fn calls_citations_and_usage() {
    let heard = all(&tooled(), None);
    for said in [
        r#"Text { choice: 0, text: "a\"é" }"#,
        r#""end_index":3"#,
        r#"ToolStart { choice: 0, call: 0, id: "t""#,
        r#"ToolStart { choice: 0, call: 1, id: "u""#,
        r#"ToolArguments { choice: 0, call: 1, json: "{\"whole\":1}" }"#,
        "Finish { choice: 0, finish: ToolCalls }",
        "output: 9, total: 14",
    ] {
        assert!(heard.contains(said), "{said} in {heard}");
    }
    assert!(!heard.contains("call: 0, json"));
    assert!(heard.ends_with("Done"));
}

#[test]
fn a_schema_tool_without_arguments_is_an_empty_object() {
    let heard = all(&tooled(), Some("f"));
    assert!(heard.contains(r#"Text { choice: 0, text: "{}" }"#), "{heard}");
    assert!(heard.contains("finish: Stop"), "{heard}");
}

#[test]
fn nothing_follows_an_error() {
    let error = r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    let heard = hear([events(&[error, r#"{"type":"message_stop"}"#]).as_bytes()].into_iter(), None);
    assert_eq!(heard.len(), 1);
    assert!(heard[0].contains("status: 529"), "{heard:?}");
    let heard = all("data: {\n\n", None);
    assert!(heard.contains("could not be read"), "{heard}");
}

#[test]
fn a_stream_that_is_cut_off_does_not_say_that_it_is_done() {
    let text = tooled();
    let cut = &text[..text.len() - 20];
    assert!(!all(cut, None).contains("Done"));
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        hear([&bytes[..]].into_iter(), None);
    }

    #[test]
    fn cuts_do_not_matter(sizes in proptest::collection::vec(1usize..40, 1..60)) {
        let text = tooled();
        let mut rest = text.as_bytes();
        let mut pieces = Vec::new();
        for size in sizes {
            let (piece, after) = rest.split_at(size.min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        pieces.push(rest);
        prop_assert_eq!(hear(pieces.into_iter(), None), hear([text.as_bytes()].into_iter(), None));
    }
}
