use serde_json::{Value, json};

use crate::canonical::{
    Choice, Event, Failure, Finish, Image, PartKind, Response, Source, ToolCall,
};
use crate::dialect::{Dialect, ReplyContext, gemini_token_count};
use weir_core::Usage;

fn context(sse: bool) -> ReplyContext {
    ReplyContext { base: "b".into(), model: "m".into(), sse, ..ReplyContext::default() }
}

fn written(choice: Choice) -> Value {
    let response = Response { choices: vec![choice], ..Response::default() };
    serde_json::from_slice(&Dialect::Gemini.write(&response, &context(true))).unwrap()
}

fn candidate(parts: Vec<PartKind>, finish: Finish) -> Value {
    let parts = parts.into_iter().map(Into::into).collect();
    written(Choice { parts, finish, ..Choice::default() })["candidates"][0].clone()
}

fn call(arguments: &str) -> PartKind {
    let (name, arguments) = ("f".to_owned(), arguments.to_owned());
    let signature = Some("c2VhbA==".to_owned());
    PartKind::ToolCall(ToolCall { id: "i".to_owned(), name, arguments, signature })
}

#[test]
fn all_kinds_of_parts() {
    let source = Source::Data { media_type: "image/png".to_owned(), base64: "AA==".to_owned() };
    let parts = vec![
        PartKind::Thinking { text: "t".to_owned(), signature: Some("no base64!".to_owned()) },
        PartKind::RedactedThinking("sealed".to_owned()),
        PartKind::Refusal("no".to_owned()),
        PartKind::Image(Image { source, detail: None }),
        call("{\"a\":\n 1}"),
    ];
    let expected = json!([
        {"text": "t", "thought": true},
        {"text": "no"},
        {"inlineData": {"mimeType": "image/png", "data": "AA=="}},
        {"functionCall": {"id": "i", "name": "f", "args": {"a": 1}},
         "thoughtSignature": "c2VhbA=="},
    ]);
    assert_eq!(candidate(parts, Finish::ToolCalls)["content"]["parts"], expected);
}

#[test]
fn a_call_that_is_no_json_is_not_handed_on() {
    let check = |arguments: &str, finish, word: &str| {
        let candidate = candidate(vec![call(arguments)], finish);
        assert_eq!(candidate["content"]["parts"], json!([]));
        assert_eq!(candidate["finishReason"], word);
    };
    check("[1]", Finish::ToolCalls, "MALFORMED_FUNCTION_CALL");
    check("{\"a", Finish::Stop, "MALFORMED_FUNCTION_CALL");
    check("{\"a", Finish::Length, "MAX_TOKENS");
}

#[test]
fn citations_and_likelihoods_in_googles_words() {
    let top = json!([{"token": "é", "logprob": -0.5, "bytes": [1]}]);
    let token = json!({"token": "é", "logprob": -0.5, "bytes": null, "top_logprobs": top});
    let citation = json!({"type": "url_citation", "url_citation": {
        "url": "https://a.example", "title": "A", "start_index": 2, "end_index": 4,
    }});
    let candidate = &written(Choice {
        parts: vec![PartKind::Text("é ok".to_owned()).into()],
        logprobs: Some(json!({"content": [token]})),
        annotations: vec![citation],
        ..Choice::default()
    })["candidates"][0];
    let token = json!({"token": "é", "logProbability": -0.5});
    let result = json!({"chosenCandidates": [token], "topCandidates": [{"candidates": [token]}]});
    assert_eq!(candidate["logprobsResult"], result);
    let segment = json!({"startIndex": 3, "endIndex": 5, "text": "ok"});
    let grounding = json!({
        "groundingChunks": [{"web": {"uri": "https://a.example", "title": "A"}}],
        "groundingSupports": [{"segment": segment, "groundingChunkIndices": [0]}],
    });
    assert_eq!(candidate["groundingMetadata"], grounding);
}

fn streamed(events: Vec<Event<'_>>, sse: bool) -> String {
    let mut writer = Dialect::Gemini.writer(context(sse));
    let mut out = Vec::new();
    events.into_iter().for_each(|event| writer.event(event, &mut out));
    String::from_utf8(out).unwrap()
}

#[test]
fn calls_are_whole_even_when_their_pieces_are_mixed() {
    let tool = |call, id: &'static str| Event::ToolStart {
        choice: 0,
        call,
        id: id.into(),
        name: "f".into(),
        signature: None,
    };
    let piece =
        |call, json: &'static str| Event::ToolArguments { choice: 0, call, json: json.into() };
    let events = vec![
        tool(0, "x"),
        tool(1, "y"),
        piece(0, "{\"a\":"),
        piece(1, "{\"b\":\n"),
        piece(0, "1}"),
        piece(1, "2}"),
        Event::Finish { choice: 0, finish: Finish::ToolCalls },
        Event::Usage(Usage { input: 3, output: 5, reasoning: 2, total: 8, ..Usage::default() }),
        Event::Done,
    ];
    let list: Value = serde_json::from_str(&streamed(events.clone(), false)).unwrap();
    let calls =
        |at: usize| list[at]["candidates"][0]["content"]["parts"][0]["functionCall"].clone();
    assert_eq!(calls(0), json!({"id": "x", "name": "f", "args": {"a": 1}}));
    assert_eq!(calls(1), json!({"id": "y", "name": "f", "args": {"b": 2}}));
    let counts = json!({"promptTokenCount": 3, "candidatesTokenCount": 3, "totalTokenCount": 8,
                        "thoughtsTokenCount": 2});
    assert_eq!(list[2]["usageMetadata"], counts);
    assert_eq!(list[2]["candidates"][0]["finishReason"], "STOP");
    let lines = streamed(events, true);
    assert!(lines.split("\r\n\r\n").filter(|line| !line.is_empty()).all(|line| {
        line.strip_prefix("data: ").is_some_and(|line| serde_json::from_str::<Value>(line).is_ok())
    }));
}

#[test]
fn a_stream_of_nothing_is_still_valid() {
    let list: Value = serde_json::from_str(&streamed(vec![Event::Done], false)).unwrap();
    let last = json!({"candidates": [], "modelVersion": "m", "responseId": "b"});
    assert_eq!(list, json!([last]));
}

#[test]
fn several_answers_end_together() {
    let end = |choice| Event::Finish { choice, finish: Finish::Stop };
    let text = Event::Text { choice: 1, text: "b".into() };
    let list = streamed(vec![text, end(0), end(1), Event::Done], false);
    let list: Value = serde_json::from_str(&list).unwrap();
    assert_eq!(list[0]["candidates"][0]["index"], 1);
    assert_eq!(list[1]["candidates"].as_array().unwrap().len(), 2);
}

#[test]
fn errors_have_googles_words() {
    let check = |status, word: &str| {
        let body = Dialect::Gemini.failure(&Failure::new(status, "m"));
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body, json!({"error": {"code": status, "message": "m", "status": word}}));
    };
    check(400, "INVALID_ARGUMENT");
    check(413, "INVALID_ARGUMENT");
    check(401, "UNAUTHENTICATED");
    check(429, "RESOURCE_EXHAUSTED");
    check(500, "INTERNAL");
    check(529, "UNAVAILABLE");
    check(408, "DEADLINE_EXCEEDED");
    assert_eq!(gemini_token_count(7), br#"{"totalTokens":7}"#);
}
