//! Translation against what nobody wrote on purpose: golden documents with pieces changed, streams
//! damaged and cut anywhere. The same properties are fuzzed (`fuzz/fuzz_targets`).

#[path = "translation/corpus.rs"]
mod corpus;
#[path = "translation/properties.rs"]
mod properties;

use proptest::prelude::*;
use serde_json::{Value, json};

/// Puts `value` in the place of the `at`th value of a document, counted through its depth.
fn replace(document: &mut Value, at: &mut usize, value: &Value) {
    if *at == 0 {
        document.clone_from(value);
    }
    *at = at.wrapping_sub(1);
    match document {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, at, value)),
        Value::Object(members) => members.values_mut().for_each(|item| replace(item, at, value)),
        _ => {}
    }
}

fn odd_value() -> impl Strategy<Value = Value> {
    let mut deep = json!("deep");
    for _ in 0..60 {
        deep = json!([deep]);
    }
    prop::sample::select(vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(u64::MAX),
        json!(1e300),
        json!(""),
        json!("x"),
        json!("\u{0}\u{1F600}\u{2028}\"\\"),
        json!("data:;base64,"),
        json!("{"),
        json!([]),
        json!([null]),
        json!({}),
        json!({"type": "x"}),
        json!({"type": "text", "text": "t"}),
        deep,
    ])
}

fn changed(documents: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((0_usize..120, odd_value()), 0..3);
    (prop::sample::select(documents), changes).prop_map(|(text, changes)| {
        let Ok(mut document) = serde_json::from_slice::<Value>(&text) else { return text };
        for (mut at, value) in changes {
            replace(&mut document, &mut at, &value);
        }
        document.to_string().into_bytes()
    })
}

/// A stream with a piece taken out, a piece doubled, or a byte changed.
fn damaged(streams: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let place = any::<prop::sample::Index>();
    (prop::sample::select(streams), place.clone(), place, 0_u8..5, any::<u8>()).prop_map(
        |(mut bytes, one, other, how, byte)| {
            if bytes.is_empty() {
                return bytes;
            }
            let (one, other) = (one.index(bytes.len()), other.index(bytes.len()));
            let (from, to) = (one.min(other), one.max(other));
            match how {
                0 => drop(bytes.drain(from..to)),
                1 => {
                    let doubled = bytes[from..to].to_vec();
                    bytes.splice(to..to, doubled);
                }
                2 => bytes[one] = byte,
                3 => bytes.truncate(to),
                _ => {}
            }
            bytes
        },
    )
}

fn cuts() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(0_u8..90, 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_requests_are_translated_or_refused(body in changed(corpus::requests())) {
        properties::request(&body);
    }

    #[test]
    fn changed_answers_are_translated_or_refused(body in changed(corpus::answers())) {
        properties::answer(&body);
    }

    #[test]
    fn any_bytes_are_translated_or_refused(body in prop::collection::vec(any::<u8>(), 0..300)) {
        properties::request(&body);
        properties::answer(&body);
    }

    #[test]
    fn damaged_streams_do_not_depend_on_their_cuts(
        stream in damaged(corpus::streams()),
        cuts in cuts(),
    ) {
        properties::stream(&stream, &cuts);
    }

    #[test]
    fn damaged_frames_do_not_depend_on_their_cuts(
        lines in damaged(corpus::frames()),
        cuts in cuts(),
    ) {
        properties::stream(&properties::framed(&lines), &cuts);
    }

    #[test]
    fn any_streams_do_not_depend_on_their_cuts(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        cuts in cuts(),
    ) {
        properties::stream(&bytes, &cuts);
        properties::stream(&properties::framed(&bytes), &cuts);
        properties::stream(&properties::server_sent(&bytes), &cuts);
    }
}
