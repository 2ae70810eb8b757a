//! Answers.

use proptest::prelude::*;
use serde_json::{Value, json};
use weir_core::Usage;

use super::super::{echo, read, write, writer};
use crate::canonical::{Choice, Event, Failure, Finish, Part, PartKind, Response, ToolCall};
use crate::dialect::{Asked, ReplyContext};

fn context(request: &Value) -> ReplyContext {
    ReplyContext {
        base: "base".into(),
        created: 1_700_000_000,
        model: "m".into(),
        echo: echo(request.to_string().as_bytes()),
        ..ReplyContext::default()
    }
}

/// Writes a stream and takes it apart again. The line `event:` has to agree with the type, and the
/// numbers have to count up.
fn events(request: &Value, events: Vec<Event<'_>>) -> Vec<Value> {
    let mut writer = writer(context(request));
    let mut out = Vec::new();
    for event in events {
        writer.event(event, &mut out);
    }
    let text = String::from_utf8(out).unwrap();
    let read = |(number, block): (usize, &str)| {
        let (event, data) = block.split_once('\n').unwrap();
        let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(event.strip_prefix("event: "), data["type"].as_str());
        assert_eq!(data["sequence_number"], number);
        data
    };
    text.split_terminator("\n\n").enumerate().map(read).collect()
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

fn text(text: &str) -> Event<'_> {
    Event::Text { choice: 0, text: text.into() }
}

fn tool(call: u32, id: &'static str, name: &'static str) -> Event<'static> {
    Event::ToolStart { choice: 0, call, id: id.into(), name: name.into(), signature: None }
}

fn arguments(call: u32, json: &'static str) -> Event<'static> {
    Event::ToolArguments { choice: 0, call, json: json.into() }
}

const USAGE: Usage = Usage {
    input: 10,
    output: 4,
    total: 14,
    reasoning: 1,
    cache_read: 8,
    cache_write: 1,
    cache_write_1h: 0,
    audio_in: 0,
    audio_out: 0,
    image_in: 0,
    image_out: 0,
    web_searches: 0,
    units: weir_core::Units::NONE,
};

#[test]
fn a_text_has_the_whole_chain() {
    let stream = events(
        &json!({"input": "Hi", "temperature": 0.5}),
        vec![
            Event::Start { id: Some("chatcmpl-1".into()), model: Some("m-1".into()), usage: None },
            text(""),
            text("A\"\n"),
            text("é"),
            Event::Finish { choice: 0, finish: Finish::Stop },
            Event::Usage(USAGE),
            Event::Done,
        ],
    );
    assert_eq!(
        types(&stream),
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed"
        ]
    );
    let item = json!({"type": "message", "id": "msg_base_0", "status": "completed",
        "role": "assistant", "content": [{"type": "output_text", "text": "A\"\né",
            "annotations": [], "logprobs": []}]});
    assert_eq!(stream[4]["delta"], "A\"\n");
    assert_eq!(stream[6]["text"], "A\"\né");
    assert_eq!(stream[8]["item"], item);
    let last = &stream[9]["response"];
    assert_eq!((&last["id"], &last["model"]), (&json!("resp_chatcmpl-1"), &json!("m-1")));
    assert_eq!(last["output"], json!([item]));
    assert_eq!(last["temperature"], 0.5);
    assert_eq!(
        last["usage"],
        json!({"input_tokens": 10, "output_tokens": 4, "total_tokens": 14,
            "input_tokens_details": {"cached_tokens": 8, "cache_write_tokens": 1},
            "output_tokens_details": {"reasoning_tokens": 1}})
    );
}

#[test]
fn calls_may_come_in_turns() {
    let stream = events(
        &json!({"input": "Hi"}),
        vec![
            text("Let me see."),
            tool(0, "a", "f"),
            arguments(0, "{\"x\":"),
            tool(1, "b", "g"),
            arguments(0, "1}"),
            Event::Finish { choice: 0, finish: Finish::ToolCalls },
            Event::Done,
        ],
    );
    let output = &stream.last().unwrap()["response"]["output"];
    assert_eq!(output[0]["type"], "message");
    assert_eq!(
        output[1],
        json!({"type": "function_call", "id": "fc_base_1", "status": "completed", "call_id": "a",
            "name": "f", "arguments": "{\"x\":1}"})
    );
    assert_eq!(output[2]["arguments"], "{}");
    let deltas: String = stream
        .iter()
        .filter(|event| event["type"] == "response.function_call_arguments.delta")
        .filter(|event| event["output_index"] == 2)
        .map(|event| event["delta"].as_str().unwrap())
        .collect();
    assert_eq!(deltas, "{}");
}

#[test]
fn a_custom_tool_gets_its_text_back() {
    let request = json!({"input": "Hi", "tools": [{"type": "custom", "name": "apply_patch"}]});
    for (sent, input) in [
        (r#"{"input":"*** Begin\n+\"x\""}"#, "*** Begin\n+\"x\""),
        (r#"{"patch":"p"}"#, "p"),
        ("*** Begin", "*** Begin"),
        (r#"{"input":1}"#, r#"{"input":1}"#),
    ] {
        let stream = events(
            &request,
            vec![
                tool(0, "a", "apply_patch"),
                arguments(0, sent),
                Event::Finish { choice: 0, finish: Finish::ToolCalls },
                Event::Done,
            ],
        );
        assert_eq!(
            types(&stream)[2..6],
            [
                "response.output_item.added",
                "response.custom_tool_call_input.delta",
                "response.custom_tool_call_input.done",
                "response.output_item.done"
            ]
        );
        let item = json!({"type": "custom_tool_call", "id": "ctc_base_0", "status": "completed",
            "call_id": "a", "name": "apply_patch", "input": input});
        assert_eq!(stream[5]["item"], item);
    }
}

#[test]
fn thoughts_survive_the_way_through_the_client() {
    let stream = events(
        &json!({"input": "Hi"}),
        vec![
            Event::Thinking { choice: 0, text: "one \"1\"".into() },
            Event::Signature { choice: 0, signature: "s1".into() },
            Event::RedactedThinking { choice: 0, data: "r".into() },
            Event::Thinking { choice: 0, text: "two".into() },
            Event::ToolStart {
                choice: 0,
                call: 0,
                id: "a".into(),
                name: "f".into(),
                signature: Some("s2".into()),
            },
            Event::Finish { choice: 0, finish: Finish::ToolCalls },
            Event::Done,
        ],
    );
    let output = stream.last().unwrap()["response"]["output"].clone();
    assert_eq!(output[0]["summary"].as_array().unwrap().len(), 2);
    let mut input = vec![json!({"role": "user", "content": "Hi"})];
    input.extend(output.as_array().unwrap().clone());
    let body = json!({"input": input}).to_string();
    let request = read(body.as_bytes(), &Asked { model: "m", stream: false }).unwrap();
    let thinking = |text: &str, signature: Option<&str>| {
        Part::from(PartKind::Thinking {
            text: text.to_owned(),
            signature: signature.map(str::to_owned),
        })
    };
    assert_eq!(
        request.messages[1].parts,
        [
            thinking("one \"1\"", Some("s1")),
            PartKind::RedactedThinking("r".to_owned()).into(),
            thinking("two", None),
            PartKind::ToolCall(ToolCall {
                id: "a".to_owned(),
                name: "f".to_owned(),
                arguments: "{}".to_owned(),
                signature: Some("s2".to_owned()),
            })
            .into()
        ]
    );
    assert!(request.own.is_empty());
}

#[test]
fn thoughts_without_a_seal_are_only_shown() {
    let stream = events(
        &json!({"input": "Hi"}),
        vec![Event::Thinking { choice: 0, text: "hm".into() }, text("Hi."), Event::Done],
    );
    let output = &stream.last().unwrap()["response"]["output"];
    assert_eq!(
        output[0],
        json!({"type": "reasoning", "id": "rs_base_0",
            "summary": [{"type": "summary_text", "text": "hm"}]})
    );
    assert_eq!(output[1]["content"][0]["text"], "Hi.");
}

#[test]
fn what_breaks_off_is_incomplete() {
    for (finish, reason) in
        [(Finish::Length, "max_output_tokens"), (Finish::ContentFilter, "content_filter")]
    {
        let stream = events(
            &json!({"input": "Hi"}),
            vec![text("A"), Event::Finish { choice: 0, finish }, Event::Done],
        );
        let last = stream.last().unwrap();
        assert_eq!(last["type"], "response.incomplete");
        assert_eq!(last["response"]["status"], "incomplete");
        assert_eq!(last["response"]["incomplete_details"]["reason"], reason);
        assert_eq!(last["response"]["output"][0]["status"], "incomplete");
    }
}

#[test]
fn an_error_ends_the_chain() {
    let failure = Failure::new(429, "slow down");
    let stream = events(&json!({"input": "Hi"}), vec![text("A"), Event::Error(failure)]);
    let (error, failed) = (&stream[stream.len() - 2], &stream[stream.len() - 1]);
    assert_eq!((&error["type"], &error["message"]), (&json!("error"), &json!("slow down")));
    assert_eq!(failed["type"], "response.failed");
    assert_eq!(
        failed["response"]["error"],
        json!({"code": "rate_limit_exceeded", "message": "slow down"})
    );
    let before = events(&json!({}), vec![Event::Error(Failure::truncated())]);
    assert_eq!(types(&before)[0], "response.created");
}

#[test]
fn a_refusal_is_a_part_of_its_own() {
    let refusal = Event::Refusal { choice: 0, text: "No.".into() };
    let stream = events(&json!({"input": "Hi"}), vec![text("Well."), refusal, Event::Done]);
    let content = &stream.last().unwrap()["response"]["output"][0]["content"];
    assert_eq!(content[1], json!({"type": "refusal", "refusal": "No."}));
    assert!(types(&stream).contains(&"response.refusal.done"));
}

#[test]
fn citations_and_likelihoods_are_in_the_part() {
    let annotation = json!({"type": "url_citation",
        "url_citation": {"start_index": 0, "end_index": 1, "title": "T", "url": "https://e.com"}});
    let token = json!({"token": "A", "logprob": -0.1, "bytes": [65], "top_logprobs": []});
    let flat = json!({"type": "url_citation", "start_index": 0, "end_index": 1, "title": "T",
        "url": "https://e.com"});
    let logprobs = json!({"content": [token], "refusal": null});
    let stream = events(
        &json!({"input": "Hi"}),
        vec![
            text("A"),
            Event::Logprobs { choice: 0, logprobs: logprobs.clone() },
            Event::Annotation { choice: 0, annotation: annotation.clone() },
            Event::Done,
        ],
    );
    let part = &stream.last().unwrap()["response"]["output"][0]["content"][0];
    assert_eq!((&part["annotations"], &part["logprobs"]), (&json!([flat]), &json!([token])));
    let choice = Choice {
        parts: vec![Part::text("A"), PartKind::ToolCall(ToolCall::default()).into()],
        logprobs: Some(logprobs),
        annotations: vec![annotation],
        finish: Finish::ToolCalls,
    };
    let whole = whole(&Response { choices: vec![choice], ..Response::default() }, &json!({}));
    assert_eq!(whole["output"][0]["content"][0], *part);
    assert_eq!(whole["output"].as_array().unwrap().len(), 2);
}

fn whole(response: &Response, request: &Value) -> Value {
    serde_json::from_slice(&write(response, &context(request))).unwrap()
}

#[test]
fn the_answer_repeats_the_request() {
    let request = json!({
        "input": "Hi", "instructions": "Be brief.", "max_output_tokens": 9, "top_p": 0.9,
        "tools": [{"type": "function", "name": "f", "parameters": {}, "strict": true}],
        "tool_choice": "required", "parallel_tool_calls": false, "metadata": {"k": "v"},
        "text": {"verbosity": "low"}, "reasoning": {"effort": "low"}, "user": null,
    });
    let response = Response {
        service_tier: Some("flex".to_owned()),
        usage: Some(USAGE),
        ..Response::default()
    };
    let whole = whole(&response, &request);
    for name in ["instructions", "max_output_tokens", "top_p", "tools", "tool_choice", "metadata"] {
        assert_eq!(whole[name], request[name], "{name}");
    }
    assert_eq!(whole["text"], json!({"format": {"type": "text"}, "verbosity": "low"}));
    assert_eq!(whole["reasoning"], json!({"effort": "low", "summary": null}));
    assert_eq!((&whole["store"], &whole["service_tier"]), (&json!(false), &json!("flex")));
    assert_eq!((&whole["status"], &whole["error"]), (&json!("completed"), &Value::Null));
    assert_eq!((&whole["id"], &whole["created_at"]), (&json!("resp_base"), &json!(1_700_000_000)));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(body: Vec<u8>) {
        let _ = read(&body, &Asked { model: "m", stream: false });
        let _ = echo(&body);
    }

    /// Whatever a text is cut into, its end is the same.
    #[test]
    fn pieces_do_not_matter(words in proptest::collection::vec(".{0,12}", 0..8)) {
        let pieces = words.iter().map(|word| text(word)).chain([Event::Done]).collect();
        let joined = words.concat();
        let one = vec![text(&joined), Event::Done];
        let request = json!({"input": "Hi"});
        let last = |events: Vec<Value>| events.last().unwrap()["response"].clone();
        prop_assert_eq!(last(events(&request, pieces)), last(events(&request, one)));
    }
}
