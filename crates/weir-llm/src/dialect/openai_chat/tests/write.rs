use std::borrow::Cow;

use serde_json::{Value, json};
use weir_core::Usage;

use super::context;
use crate::canonical::{Choice, Event, Failure, Finish, Part, PartKind, Response, ToolCall};
use crate::dialect::Dialect;

fn written(response: &Response) -> Value {
    serde_json::from_slice(&Dialect::OpenAiChat.write(response, &context(false))).unwrap()
}

/// What a client reads: the events' JSON, `[DONE]` as that text.
fn streamed(events: Vec<Event<'_>>, include_usage: bool) -> Vec<Value> {
    let mut writer = Dialect::OpenAiChat.writer(context(include_usage));
    let mut out = Vec::new();
    events.into_iter().for_each(|event| writer.event(event, &mut out));
    let text = String::from_utf8(out).unwrap();
    let events = text.split_terminator("\n\n").map(|event| event.strip_prefix("data: ").unwrap());
    events.map(|data| serde_json::from_str(data).unwrap_or_else(|_| json!(data))).collect()
}

#[test]
fn an_answer_with_everything() {
    let thinking = PartKind::Thinking { text: "hm".to_owned(), signature: Some("sig".to_owned()) };
    let call =
        ToolCall { name: "f".to_owned(), signature: Some("t".to_owned()), ..Default::default() };
    let choice = Choice {
        parts: vec![
            thinking.into(),
            PartKind::RedactedThinking("r".to_owned()).into(),
            Part::text("a"),
            Part::text("b"),
            PartKind::ToolCall(call).into(),
        ],
        finish: Finish::ToolCalls,
        ..Choice::default()
    };
    let usage =
        Usage { input: 5, output: 3, total: 8, cache_read: 2, reasoning: 1, ..Usage::default() };
    let got = written(&Response {
        id: Some("msg_1".to_owned()),
        model: Some("claude".to_owned()),
        choices: vec![choice],
        usage: Some(usage),
        ..Response::default()
    });
    let expected = json!({
        "id": "chatcmpl-msg_1", "object": "chat.completion", "created": 17, "model": "claude",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "ab", "refusal": null,
            "tool_calls": [{"id": "call_base_0", "type": "function",
                "function": {"name": "f", "arguments": "{}"},
                "extra_content": {"google": {"thought_signature": "t"}}}],
            "thinking_blocks": [{"type": "thinking", "thinking": "hm", "signature": "sig"},
                {"type": "redacted_thinking", "data": "r"}],
            "reasoning_content": "hm"}, "logprobs": null, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8,
            "prompt_tokens_details": {"cached_tokens": 2, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 1, "audio_tokens": 0}},
    });
    assert_eq!(got, expected);
}

#[test]
fn content_is_null_only_beside_something_else() {
    let message = |parts: Vec<Part>| {
        let choices = vec![Choice { parts, ..Choice::default() }];
        written(&Response { choices, ..Response::default() })["choices"][0]["message"].clone()
    };
    assert_eq!(message(Vec::new())["content"], "");
    let refused = message(vec![PartKind::Refusal("no".to_owned()).into()]);
    assert_eq!((&refused["content"], &refused["refusal"]), (&Value::Null, &json!("no")));
}

fn text(text: &'static str) -> Event<'static> {
    Event::Text { choice: 0, text: Cow::Borrowed(text) }
}

fn start() -> Event<'static> {
    Event::Start { id: Some("x".into()), model: None, usage: None }
}

#[test]
fn a_stream_of_text() {
    let usage = Usage { input: 1, output: 2, total: 3, ..Usage::default() };
    let finish = Event::Finish { choice: 0, finish: Finish::Stop };
    let events = vec![start(), text("he"), text("\"y\n"), finish, Event::Usage(usage), Event::Done];
    let got = streamed(events.clone(), true);
    assert!(got[..5].iter().all(|chunk| chunk["id"] == "chatcmpl-x" && chunk["model"] == "m"));
    let deltas: Vec<_> = got[..4].iter().map(|chunk| &chunk["choices"][0]["delta"]).collect();
    let role = json!({"role": "assistant", "content": "", "refusal": null});
    assert_eq!(
        deltas,
        [&role, &json!({"content": "he"}), &json!({"content": "\"y\n"}), &json!({})]
    );
    assert_eq!(got[2]["choices"][0]["finish_reason"], Value::Null);
    assert_eq!(got[2]["usage"], Value::Null);
    assert_eq!(got[3]["choices"][0]["finish_reason"], "stop");
    assert_eq!(got[4]["choices"], json!([]));
    assert_eq!(got[4]["usage"]["total_tokens"], 3);
    assert_eq!(got[5], "[DONE]");
    // Not asked for, not told.
    let got = streamed(events, false);
    assert_eq!((got.len(), got[3].get("usage")), (5, None));
}

#[test]
fn calls_and_seals_in_a_stream() {
    let tool = |call, signature: Option<&'static str>| Event::ToolStart {
        choice: 0,
        call,
        id: format!("c{call}").into(),
        name: "f".into(),
        signature: signature.map(Cow::Borrowed),
    };
    let got = streamed(
        vec![
            start(),
            Event::Thinking { choice: 0, text: "hm".into() },
            Event::Signature { choice: 0, signature: "sig".into() },
            Event::RedactedThinking { choice: 0, data: "r".into() },
            tool(0, Some("ts")),
            Event::ToolArguments { choice: 0, call: 0, json: "{\"a\"".into() },
            Event::ToolArguments { choice: 0, call: 0, json: ":1}".into() },
            tool(1, None),
            Event::Finish { choice: 0, finish: Finish::ToolCalls },
            Event::Done,
        ],
        false,
    );
    let deltas: Vec<_> =
        got[1..9].iter().map(|chunk| chunk["choices"][0]["delta"].clone()).collect();
    let fragment = |index, text: &str| json!({"tool_calls": [{"index": index, "function": {"arguments": text}}]});
    let begun = json!({"index": 0, "id": "c0", "type": "function",
        "function": {"name": "f", "arguments": ""},
        "extra_content": {"google": {"thought_signature": "ts"}}});
    let second = json!({"index": 1, "id": "c1", "type": "function",
        "function": {"name": "f", "arguments": ""}});
    let expected = [
        json!({"reasoning_content": "hm"}),
        json!({"thinking_blocks": [{"type": "thinking", "thinking": "", "signature": "sig"}]}),
        json!({"thinking_blocks": [{"type": "redacted_thinking", "data": "r"}]}),
        json!({"tool_calls": [begun]}),
        fragment(0, "{\"a\""),
        fragment(0, ":1}"),
        json!({"tool_calls": [second]}),
        fragment(1, "{}"),
    ];
    assert_eq!(deltas, expected);
    assert_eq!(got[9]["choices"][0]["finish_reason"], "tool_calls");
}

#[test]
fn every_choice_begins_once_and_an_error_ends() {
    let second = Event::Text { choice: 1, text: "b".into() };
    let logprobs = Event::Logprobs { choice: 1, logprobs: json!({"content": []}) };
    let got =
        streamed(vec![text("a"), second, logprobs, Event::Error(Failure::new(529, "busy"))], false);
    let roles: Vec<_> =
        got.iter().map(|chunk| !chunk["choices"][0]["delta"]["role"].is_null()).collect();
    assert_eq!(roles, [true, false, true, false, false, false]);
    assert_eq!(got[4]["choices"][0]["logprobs"], json!({"content": []}));
    let error = json!({"message": "busy", "type": "server_error", "param": null, "code": null});
    assert_eq!(got[5], json!({"error": error}));
}
