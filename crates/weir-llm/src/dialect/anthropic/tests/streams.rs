use std::borrow::Cow;

use serde_json::{Value, json};
use weir_core::Usage;

use super::super::writer;
use crate::canonical::{Event, Failure, Finish};
use crate::dialect::ReplyContext;

fn text(text: &str) -> Event<'_> {
    Event::Text { choice: 0, text: text.into() }
}

fn think(text: &str) -> Event<'_> {
    Event::Thinking { choice: 0, text: text.into() }
}

fn tool(call: u32, id: &str) -> Event<'_> {
    Event::ToolStart { choice: 0, call, id: id.into(), name: "f".into(), signature: None }
}

fn args(call: u32, json: &str) -> Event<'_> {
    Event::ToolArguments { choice: 0, call, json: Cow::Borrowed(json) }
}

fn end(finish: Finish) -> Event<'static> {
    Event::Finish { choice: 0, finish }
}

/// The events that were written; each has its type as its name.
fn run(events: Vec<Event<'_>>) -> Vec<Value> {
    let context = ReplyContext { base: "b".into(), model: "gpt".into(), ..ReplyContext::default() };
    let mut writer = writer(context);
    let mut out = Vec::new();
    for event in events {
        writer.event(event, &mut out);
    }
    let out = String::from_utf8(out).unwrap();
    let frames = out.split("\n\n").filter(|frame| !frame.is_empty());
    let parsed = frames.map(|frame| {
        let (name, data) = frame.split_once('\n').unwrap();
        let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(name, format!("event: {}", data["type"].as_str().unwrap()));
        data
    });
    parsed.collect()
}

/// The content as a client puts it together; fails when two blocks are open at once.
fn content(events: &[Value]) -> Vec<Value> {
    let mut blocks: Vec<Value> = Vec::new();
    let mut open = false;
    for event in events {
        match event["type"].as_str().unwrap() {
            "content_block_start" => {
                assert!(!open);
                assert_eq!(event["index"], blocks.len());
                open = true;
                blocks.push(event["content_block"].clone());
            }
            "content_block_delta" => {
                assert!(open);
                assert_eq!(event["index"], blocks.len() - 1);
                let block = blocks.last_mut().unwrap();
                let delta = &event["delta"];
                let (member, piece) = match delta["type"].as_str().unwrap() {
                    "text_delta" => ("text", "text"),
                    "thinking_delta" => ("thinking", "thinking"),
                    "signature_delta" => ("signature", "signature"),
                    _ => ("json", "partial_json"),
                };
                let whole = format!(
                    "{}{}",
                    block[member].as_str().unwrap_or_default(),
                    delta[piece].as_str().unwrap()
                );
                block[member] = whole.into();
            }
            "content_block_stop" => {
                assert!(open);
                open = false;
            }
            _ => assert!(!open),
        }
    }
    blocks
}

fn tool_block(id: &str, json: &str) -> Value {
    json!({"type": "tool_use", "id": id, "name": "f", "input": {}, "json": json})
}

#[test]
fn a_whole_stream() {
    let usage = Usage { input: 10, output: 5, cache_read: 4, ..Usage::default() };
    let events = run(vec![
        Event::Start { id: Some("chatcmpl-1".into()), model: Some("gpt-x".into()), usage: None },
        think("hm"),
        think("m"),
        Event::Signature { choice: 0, signature: "s".into() },
        Event::RedactedThinking { choice: 0, data: "r".into() },
        text("a"),
        text("b"),
        tool(0, "t"),
        args(0, "{\"a\":"),
        args(0, "1}"),
        end(Finish::ToolCalls),
        Event::Usage(usage),
        Event::Done,
    ]);
    let start = &events[0]["message"];
    assert_eq!((&start["id"], &start["model"]), (&json!("msg_1"), &json!("gpt-x")));
    assert_eq!(start["usage"]["input_tokens"], 0);
    let expected = [
        json!({"type": "thinking", "thinking": "hmm", "signature": "s"}),
        json!({"type": "redacted_thinking", "data": "r"}),
        json!({"type": "text", "text": "ab"}),
        tool_block("t", "{\"a\":1}"),
    ];
    assert_eq!(content(&events), expected);
    let last = &events[events.len() - 2];
    assert_eq!(last["delta"], json!({"stop_reason": "tool_use", "stop_sequence": null}));
    assert_eq!(last["usage"]["input_tokens"], 6);
    assert_eq!(events.last().unwrap(), &json!({"type": "message_stop"}));
}

#[test]
fn calls_one_after_another_are_not_held_back() {
    let events = run(vec![tool(0, "a"), args(0, "{}"), tool(1, "b")]);
    assert_eq!(
        content(&events),
        [tool_block("a", "{}"), json!({"type": "tool_use", "id": "b", "name": "f", "input": {}})]
    );
}

#[test]
fn calls_at_once_wait_for_each_other() {
    let events = run(vec![
        tool(0, "a"),
        tool(1, "b"),
        args(1, "{\"q\":\"}"),
        args(0, "{\"x\":[1"),
        text("late"),
        tool(2, "c"),
        args(0, "]}"),
        args(1, "\\\"\"}"),
        args(0, "\n"),
        end(Finish::Stop),
        Event::Done,
    ]);
    let expected = [
        tool_block("a", "{\"x\":[1]}"),
        tool_block("b", "{\"q\":\"}\\\"\"}"),
        tool_block("c", "{}"),
        json!({"type": "text", "text": "late"}),
    ];
    assert_eq!(content(&events), expected);
    assert_eq!(events[events.len() - 2]["delta"]["stop_reason"], "tool_use");
}

#[test]
fn an_empty_stream_is_still_a_message() {
    let events = run(vec![Event::Done]);
    let types: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["message_start", "message_delta", "message_stop"]);
    assert_eq!(events[0]["message"]["id"], "msg_b");
}

#[test]
fn nothing_follows_an_error() {
    let failure = Failure::new(529, "Overloaded");
    let events = run(vec![text("a"), Event::Error(failure), text("b"), Event::Done]);
    let last = events.last().unwrap();
    assert_eq!(last["error"], json!({"type": "overloaded_error", "message": "Overloaded"}));
    assert_eq!(events.len(), 4);
}

#[test]
fn what_waits_is_bounded() {
    let piece = "x".repeat(1 << 20);
    let mut events = vec![tool(0, "a"), args(0, "{"), tool(1, "b")];
    events.extend((0..9).map(|_| args(1, &piece)));
    let events = run(events);
    assert_eq!(events.last().unwrap()["type"], "error");
}
