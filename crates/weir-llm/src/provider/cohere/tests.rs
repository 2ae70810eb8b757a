//! What the golden folders do not show.

use proptest::prelude::*;
use serde_json::{Value, json};
use weir_core::Usage;

use super::{decode, decoder, failure, prepare};
use crate::canonical::{
    Event, EventSink, Finish, Message, Part, PartKind, Reasoning, Request, Role, Tool, ToolCall,
    ToolChoice, ToolResult,
};
use crate::capability::Capabilities;
use crate::dialect::Dialect;
use crate::fault::{Fault, Losses, Strictness};
use crate::provider::{DecodeContext, Place};

fn request(messages: Vec<Message>) -> Request {
    Request { model: "command-a".to_owned(), messages, ..Request::default() }
}

fn hello() -> Request {
    request(vec![Message::text(Role::User, 0, "Hi")])
}

fn preparing(request: &Request, capabilities: Capabilities) -> Result<Value, Fault> {
    let place =
        Place { provider: "cohere", path: "v2/chat", region: "", project: "", capabilities };
    let mut losses = Losses::new(Strictness::Lenient, Dialect::OpenAiChat, "Cohere");
    let prepared = prepare(request, &place, &mut losses)?;
    Ok(serde_json::from_slice(&prepared.body).unwrap())
}

fn body(request: &Request) -> Value {
    preparing(request, Capabilities::default()).unwrap()
}

fn refused(request: &Request, capabilities: Capabilities, words: &str) {
    let fault = preparing(request, capabilities).unwrap_err();
    assert!(fault.message().contains(words), "{}", fault.message());
}

#[test]
fn what_the_model_cannot_do_is_refused() {
    let no_tools = Capabilities { tools: Some(false), ..Capabilities::default() };
    let not_forced = Capabilities { forced_tool_choice: Some(false), ..Capabilities::default() };
    let tools = vec![Tool { name: "f".to_owned(), ..Tool::default() }];
    let with = |choice| Request { tools: tools.clone(), tool_choice: Some(choice), ..hello() };
    refused(&with(ToolChoice::Auto), no_tools, "calls no tools");
    refused(&with(ToolChoice::Required), not_forced, "send auto");
    refused(&with(ToolChoice::Named("g".to_owned())), Capabilities::default(), "names no tool");
    let none = Request { tool_choice: Some(ToolChoice::Required), ..hello() };
    refused(&none, Capabilities::default(), "there are none");
    refused(&request(Vec::new()), Capabilities::default(), "a message of the user");
    for hot in [-1.0, 3.0] {
        let temperature = serde_json::Number::from_f64(hot);
        refused(&Request { temperature, ..hello() }, Capabilities::default(), "between 0 and 2");
    }
}

#[test]
fn thinking_is_left_out_where_the_model_does_not() {
    let plain = Capabilities { reasoning: Some(false), ..Capabilities::default() };
    let reasoning = Some(Reasoning { budget: Some(512), ..Reasoning::default() });
    let request = Request { reasoning, ..hello() };
    assert_eq!(body(&request)["thinking"], json!({"type": "enabled", "token_budget": 512}));
    assert_eq!(preparing(&request, plain).unwrap()["thinking"], Value::Null);
}

#[test]
fn a_failed_tool_says_so() {
    let call = ToolCall { id: "a".to_owned(), name: "f".to_owned(), ..ToolCall::default() };
    let parts = vec![Part::text("x"), Part::text("y")];
    let result = ToolResult { id: "a".to_owned(), name: None, parts, is_error: true };
    let signed = PartKind::Thinking { text: "t".to_owned(), signature: Some("s".to_owned()) };
    let body = body(&request(vec![
        Message::text(Role::User, 0, "Hi"),
        Message {
            role: Role::Assistant,
            parts: vec![signed.into(), PartKind::ToolCall(call).into()],
            index: 1,
        },
        Message { role: Role::Tool, parts: vec![PartKind::ToolResult(result).into()], index: 2 },
    ]));
    let messages = &body["messages"];
    assert_eq!(messages[1]["tool_plan"], Value::Null);
    assert_eq!(messages[1]["tool_calls"][0]["function"]["arguments"], "{}");
    assert_eq!(messages[2]["content"], "Error: x\ny");
}

#[test]
fn one_strict_tool_among_others_is_marked() {
    let tool = |name: &str, strict| Tool { name: name.to_owned(), strict, ..Tool::default() };
    let tools = vec![tool("f", Some(true)), tool("g", None)];
    let place = Place {
        provider: "cohere",
        path: "v2/chat",
        region: "",
        project: "",
        capabilities: Capabilities::default(),
    };
    let mut losses = Losses::new(Strictness::Lenient, Dialect::OpenAiChat, "Cohere");
    prepare(&Request { tools, ..hello() }, &place, &mut losses).unwrap();
    assert_eq!(losses.dropped(), ["tools[].strict".into()]);
}

#[test]
fn counts_may_be_the_billed_ones() {
    let answer = json!({"id": "x", "finish_reason": "COMPLETE", "message": {"content": "Hi."},
        "usage": {"billed_units": {"input_tokens": 3, "output_tokens": 2.0}, "tokens": {}}});
    let response = decode(answer.to_string().as_bytes(), &DecodeContext::default()).unwrap();
    assert_eq!(response.usage, Some(Usage { input: 3, output: 2, total: 5, ..Usage::default() }));
    assert_eq!(response.choices[0].parts, [Part::text("Hi.")]);
}

#[test]
fn calls_without_an_id_get_one() {
    let call = json!({"type": "function", "function": {"name": "f", "arguments": "{}"}});
    let answer = json!({"finish_reason": "COMPLETE", "message": {"tool_calls": [call, call]}});
    let context = DecodeContext { base: "b".into(), ..DecodeContext::default() };
    let response = decode(answer.to_string().as_bytes(), &context).unwrap();
    assert_eq!(response.choices[0].finish, Finish::ToolCalls);
    let PartKind::ToolCall(second) = &response.choices[0].parts[1].kind else { panic!("a call") };
    assert_eq!(second.id, "call_b_1");
}

#[test]
fn errors_are_read_in_any_form() {
    assert_eq!(failure(401, br#"{"message":"invalid api token"}"#).message, "invalid api token");
    assert_eq!(failure(502, b"<html>").message, "<html>");
    assert_eq!(failure(502, b"<html>").status, 502);
    let unreadable = decode(b"{}", &DecodeContext::default()).unwrap_err();
    assert_eq!(unreadable.status, 502);
}

#[derive(Default)]
struct Seen(Vec<Event<'static>>);

impl EventSink for Seen {
    fn event(&mut self, event: Event<'_>) {
        self.0.push(match event {
            Event::Start { id, model, usage } => Event::Start {
                id: id.map(|id| id.into_owned().into()),
                model: model.map(|model| model.into_owned().into()),
                usage,
            },
            Event::Text { choice, text } => Event::Text { choice, text: text.into_owned().into() },
            Event::Finish { choice, finish } => Event::Finish { choice, finish },
            Event::Usage(usage) => Event::Usage(usage),
            Event::Done => Event::Done,
            Event::Error(failure) => Event::Error(failure),
            other => panic!("not in these streams: {other:?}"),
        });
    }
}

fn decoded<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<Event<'static>> {
    let mut decoder = decoder(DecodeContext::default());
    let mut seen = Seen::default();
    for piece in pieces {
        decoder.push(piece, &mut seen);
    }
    decoder.finish(&mut seen);
    seen.0
}

const STREAM: &str = concat!(
    "event: message-start\r\ndata: {\"id\":\"x\",\"type\":\"message-start\",\"delta\":",
    "{\"message\":{\"role\":\"assistant\",\"content\":[],\"tool_calls\":[]}}}\r\n\r\n",
    ": ping\n\n",
    "event: content-delta\ndata: {\"type\":\"content-delta\",\"index\":0,\"delta\":",
    "{\"message\":{\"content\":{\"text\":\"H\\\"\u{e9}\u{1f389}\"}}}}\n\n",
    "data: {\"type\":\"new-event\",\"delta\":7}\n\n",
    "event: message-end\ndata: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"COMPLETE\",",
    "\"usage\":{\"tokens\":{\"input_tokens\":3,\"output_tokens\":2}}}}\n\n",
);

#[test]
fn an_error_may_come_without_a_type() {
    let stream = [b"data: {\"message\":\"internal server error\"}\n\n".as_slice()];
    let [Event::Error(failure)] = &decoded(stream.into_iter())[..] else { panic!("one error") };
    assert_eq!(failure.message, "internal server error");
    let garbage = [b"data: oops\n\ndata: oops\n\n".as_slice()];
    assert!(matches!(decoded(garbage.into_iter())[..], [Event::Error(_)]));
}

proptest! {
    #[test]
    fn splits_do_not_matter(cuts in proptest::collection::vec(0..STREAM.len(), 0..12)) {
        let bytes = STREAM.as_bytes();
        let mut cuts = cuts;
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]);
        let whole = decoded(std::iter::once(bytes));
        prop_assert_eq!(whole.len(), 5);
        prop_assert_eq!(decoded(pieces), whole);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>, at in 0..STREAM.len()) {
        struct Nobody;
        impl EventSink for Nobody {
            fn event(&mut self, _event: Event<'_>) {}
        }
        let mut decoder = decoder(DecodeContext::default());
        decoder.push(&STREAM.as_bytes()[..at], &mut Nobody);
        decoder.push(&bytes, &mut Nobody);
        decoder.push(&STREAM.as_bytes()[at..], &mut Nobody);
        decoder.finish(&mut Nobody);
        let _ = decode(&bytes, &DecodeContext::default());
        let _ = failure(500, &bytes);
    }
}
