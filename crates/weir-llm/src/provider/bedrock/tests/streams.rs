use super::super::stream::decoder;
use crate::canonical::{Event, EventSink, Failure, Finish};
use crate::provider::DecodeContext;
use crate::stream::aws_event_stream::MAX_FRAME;
use crate::stream::aws_event_stream::frames::{frame, from_lines};

/// Events, shown.
#[derive(Default)]
struct Seen(Vec<String>);

impl EventSink for Seen {
    fn event(&mut self, event: Event<'_>) {
        self.0.push(match event {
            Event::Start { .. } => "start".into(),
            Event::Text { text, .. } => format!("text {text}"),
            Event::ToolStart { call, id, name, .. } => format!("tool {call} {id} {name}"),
            Event::ToolArguments { call, json, .. } => format!("arguments {call} {json}"),
            Event::Finish { finish, .. } => format!("finish {finish:?}"),
            Event::Usage(usage) => format!("usage {} {}", usage.input, usage.output),
            Event::Done => "done".into(),
            Event::Error(Failure { status, kind, message, .. }) => {
                format!("error {status} {} {message}", kind.unwrap_or_default())
            }
            other => format!("{other:?}"),
        });
    }
}

fn decode(bytes: &[u8]) -> Vec<String> {
    let mut decoder = decoder(DecodeContext::default());
    let mut seen = Seen::default();
    decoder.push(bytes, &mut seen);
    decoder.finish(&mut seen);
    seen.0
}

fn check(lines: &str, expected: &[&str]) {
    assert_eq!(decode(&from_lines(lines.as_bytes())), expected, "{lines}");
}

#[test]
fn calls_may_be_woven_into_each_other() {
    check(
        r#"contentBlockStart {"contentBlockIndex":0,"start":{"toolUse":{"name":"f","toolUseId":"a"}}}
contentBlockStart {"contentBlockIndex":1,"start":{"toolUse":{"name":"g","toolUseId":"b"}}}
contentBlockDelta {"contentBlockIndex":0,"delta":{"toolUse":{"input":"{"}}}
contentBlockDelta {"contentBlockIndex":1,"delta":{"toolUse":{"input":"{}"}}}
contentBlockDelta {"contentBlockIndex":0,"delta":{"toolUse":{"input":"}"}}}
contentBlockStop {"contentBlockIndex":0}
contentBlockStop {"contentBlockIndex":1}
messageStop {"stopReason":"tool_use"}
metadata {"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3}}
"#,
        &[
            "start",
            "tool 0 a f",
            "tool 1 b g",
            "arguments 0 {",
            "arguments 1 {}",
            "arguments 0 }",
            "finish ToolCalls",
            "usage 1 2",
            "done",
        ],
    );
}

#[test]
fn arguments_without_their_call_are_an_error() {
    let expected = "error 502 unreadable_answer the provider's answer could not be read: arguments come \
         without their call";
    check(
        "contentBlockDelta {\"delta\":{\"toolUse\":{\"input\":\"{}\"}}}\nmessageStop {}\n",
        &["start", expected],
    );
}

#[test]
fn the_stop_text_is_told() {
    check(
        r#"messageStop {"stopReason":"stop_sequence","additionalModelResponseFields":{"stop_sequence":"END"}}"#,
        &["start", &format!("finish {:?}", Finish::StopSequence(Some("END".into()))), "done"],
    );
}

#[test]
fn what_is_unknown_passes_by() {
    check(
        "newEvent {\"a\":1}\nmessageStart {\"role\":\"assistant\",\"new\":[]}\n\
         contentBlockDelta {\"delta\":{\"video\":{}}}\nmessageStop {\"stopReason\":\"new\"}\n\
         metadata {}\n",
        &["start", "finish Stop", "done"],
    );
}

#[test]
fn every_exception_has_its_status() {
    for (name, status) in [
        ("validationException", 400),
        ("modelTimeoutException", 408),
        ("throttlingException", 429),
        ("internalServerException", 500),
        ("serviceUnavailableException", 503),
        ("modelStreamErrorException", 502),
        ("newException", 502),
    ] {
        let expected = format!("error {status} {name} sorry");
        check(&format!("!{name} {{\"message\":\"sorry\"}}\nmessageStart {{}}"), &[&expected]);
    }
}

#[test]
fn errors_of_the_transport_are_told() {
    let headers = [
        (":message-type", "error"),
        (":error-code", "InternalError"),
        (":error-message", "An internal server error occurred"),
    ];
    let expected = ["error 502 InternalError An internal server error occurred"];
    assert_eq!(decode(&frame(&headers, b"")), expected);
}

#[test]
fn an_overlong_frame_is_no_silent_gap() {
    let headers = [(":event-type", "contentBlockDelta"), (":message-type", "event")];
    let long = format!("{{\"delta\":{{\"text\":\"{}\"}}}}", "x".repeat(MAX_FRAME));
    let bytes = [
        from_lines(b"messageStart {}"),
        frame(&headers, long.as_bytes()),
        from_lines(b"messageStop {}\nmetadata {}"),
    ]
    .concat();
    let expected = "error 502 unreadable_answer the provider's answer could not be read: a frame \
                    of its stream is too long";
    assert_eq!(decode(&bytes), ["start", expected]);
}

#[test]
fn a_damaged_or_cut_stream_is_never_done() {
    let bytes = from_lines(b"messageStart {}\nmessageStop {}\nmetadata {}");
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x20;
        assert!(!decode(&damaged).contains(&"done".to_owned()), "byte {at}");
    }
    let before_stop = from_lines(b"messageStart {}").len();
    for at in 0..=before_stop {
        assert!(!decode(&bytes[..at]).contains(&"done".to_owned()), "cut at {at}");
    }
}
