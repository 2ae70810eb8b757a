use serde_json::{Value, json};
use weir_core::Usage;

use super::super::write;
use crate::canonical::{Choice, Finish, Part, PartKind, Response, ToolCall};
use crate::dialect::ReplyContext;

fn reply(parts: Vec<PartKind>, finish: Finish) -> Value {
    let parts = parts.into_iter().map(Part::from).collect();
    let response = Response {
        id: Some("chatcmpl-1".to_owned()),
        choices: vec![Choice { parts, finish, ..Choice::default() }],
        usage: Some(Usage {
            input: 100,
            output: 7,
            cache_read: 40,
            cache_write: 10,
            cache_write_1h: 20,
            ..Usage::default()
        }),
        service_tier: Some("default".to_owned()),
        ..Response::default()
    };
    let context = ReplyContext { base: "b".into(), model: "gpt".into(), ..ReplyContext::default() };
    serde_json::from_slice(&write(&response, &context)).unwrap()
}

fn call(id: &str, arguments: &str) -> PartKind {
    let [id, arguments] = [id, arguments].map(str::to_owned);
    PartKind::ToolCall(ToolCall { id, name: "f".to_owned(), arguments, signature: None })
}

#[test]
fn a_message() {
    let thought = PartKind::Thinking { text: "hm".to_owned(), signature: None };
    let sealed = PartKind::RedactedThinking("r".to_owned());
    let text = PartKind::Text("a\"b".to_owned());
    let empty = PartKind::Text(String::new());
    let got = reply(
        vec![thought, sealed, empty, text, call("t", " {\"a\": 1}"), call("", "")],
        Finish::Stop,
    );
    let expected = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "gpt",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": ""},
            {"type": "redacted_thinking", "data": "r"},
            {"type": "text", "text": "a\"b"},
            {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}},
            {"type": "tool_use", "id": "call_b_1", "name": "f", "input": {}},
        ],
        "stop_reason": "tool_use", "stop_sequence": null,
        "usage": {"input_tokens": 30, "cache_creation_input_tokens": 30, "cache_read_input_tokens": 40,
            "output_tokens": 7, "service_tier": "standard"},
    });
    assert_eq!(got, expected);
}

#[test]
fn reasons() {
    let check = |finish, word: &str, sequence: Value| {
        let got = reply(vec![], finish);
        assert_eq!((&got["stop_reason"], &got["stop_sequence"]), (&json!(word), &sequence));
        assert_eq!(got["content"], json!([]));
    };
    check(Finish::Stop, "end_turn", Value::Null);
    check(Finish::StopSequence(Some("E".to_owned())), "stop_sequence", json!("E"));
    check(Finish::Length, "max_tokens", Value::Null);
    check(Finish::ToolCalls, "tool_use", Value::Null);
    check(Finish::ContentFilter, "refusal", Value::Null);
}

#[test]
fn arguments_that_are_no_object_are_kept_as_text() {
    let got = reply(vec![call("t", "{\"a\": ")], Finish::Length);
    assert_eq!(got["content"][0]["input"], json!({"invalid_json": "{\"a\": "}));
}
