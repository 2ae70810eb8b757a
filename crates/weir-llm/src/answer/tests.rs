use super::{Answer, Encoding, End, Framing, Reader};

/// Reads a body in pieces of `size` bytes.
fn read(framing: Framing, body: &[u8], size: usize) -> Answer {
    let mut reader = Reader::new(framing, Encoding::Identity);
    for piece in body.chunks(size) {
        reader.push(piece);
    }
    reader.finish()
}

fn sse(body: &str) -> Answer {
    read(Framing::Sse, body.as_bytes(), usize::MAX)
}

fn json(body: &str) -> Answer {
    read(Framing::Json, body.as_bytes(), usize::MAX)
}

/// How many of the events must come before content is seen.
fn first_content(events: &[&str]) -> Option<usize> {
    let mut reader = Reader::new(Framing::Sse, Encoding::Identity);
    events.iter().position(|event| {
        reader.push(format!("data: {event}\n\n").as_bytes());
        reader.saw_content()
    })
}

#[test]
fn content_is_not_a_role_and_not_a_ping() {
    assert_eq!(
        first_content(&[
            r#"{"choices":[{"delta":{"role":"assistant","content":""}}]}"#,
            r#"{"choices":[{"delta":{"content":"Hi"}}]}"#,
        ]),
        Some(1)
    );
    assert_eq!(
        first_content(&[
            r#"{"choices":[{"delta":{"role":"assistant","content":null}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":""}}]}}]}"#,
        ]),
        Some(1)
    );
    assert_eq!(
        first_content(&[
            r#"{"type":"message_start","message":{"model":"m","content":[],"usage":{"input_tokens":1}}}"#,
            r#"{"type":"ping"}"#,
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"H"}}"#,
        ]),
        Some(3)
    );
    assert_eq!(
        first_content(&[
            r#"{"type":"response.created","response":{"status":"in_progress","output":[],"usage":null}}"#,
            r#"{"type":"response.output_text.delta","delta":"H"}"#,
        ]),
        Some(1)
    );
    assert_eq!(
        first_content(&[
            r#"{"candidates":[{"content":{"parts":[{"text":""}],"role":"model"}}]}"#,
            r#"{"candidates":[{"content":{"parts":[{"text":"H"}],"role":"model"}}]}"#,
        ]),
        Some(1)
    );
    assert_eq!(first_content(&[r#"{"response":""}"#, r#"{"response":"H"}"#]), Some(1));
}

#[test]
fn every_dialect_has_its_end() {
    let chat = r#"data: {"choices":[{"index":0,"delta":{"content":"H"},"finish_reason":null}]}"#;
    let stop = r#"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    assert_eq!(sse(&format!("{chat}\n\n")).end, End::Truncated);
    assert_eq!(sse(&format!("{chat}\n\ndata: [DONE]\n\n")).end, End::Complete);
    assert_eq!(sse(&format!("{chat}\n\n{stop}\n\n")).end, End::Complete);
    assert_eq!(sse(&format!("{chat}\n\n{stop}")).end, End::Complete);
    assert_eq!(
        sse(&format!("{chat}\n\n{stop}\n\ndata: {{\"usage\":{{\"prompt")).end,
        End::Truncated
    );
    let begun = r#"data: {"type":"message_start","message":{"model":"m"}}"#;
    assert_eq!(sse(&format!("{begun}\n\n")).end, End::Truncated);
    assert_eq!(
        sse(&format!("{begun}\n\ndata: {{\"type\":\"message_stop\"}}\n\n")).end,
        End::Complete
    );
    let begun = r#"data: {"type":"response.created","response":{"status":"in_progress"}}"#;
    assert_eq!(sse(&format!("{begun}\n\n")).end, End::Truncated);
    for last in ["completed", "incomplete", "failed"] {
        let text =
            format!("{begun}\n\ndata: {{\"type\":\"response.{last}\",\"response\":{{}}}}\n\n");
        assert_eq!(sse(&text).end, End::Complete);
    }
    let gemini = r#"data: {"candidates":[{"content":{"parts":[{"text":"H"}]}}]}"#;
    assert_eq!(sse(&format!("{gemini}\n\n")).end, End::Truncated);
    assert_eq!(sse("data: {\"whatever\":1}\n\n").end, End::Unknown);
    assert_eq!(sse("").end, End::Unknown);
    assert_eq!(json(r#"{"choices":[]}"#).end, End::Complete);
    assert_eq!(json(r#"{"choices":["#).end, End::Truncated);
    assert_eq!(json("<html>").end, End::Unknown);
    assert_eq!(json("").end, End::Unknown);
}

#[test]
fn errors_inside_an_answer_are_found() {
    let error = |answer: Answer| {
        let error = answer.error.expect("an error");
        (error.code.into_string(), error.message.into_string())
    };
    let pair = |code: &str, message: &str| (code.to_owned(), message.to_owned());
    for (body, code, message) in [
        (
            r#"{"error":{"message":"no","type":"invalid_request_error","code":"invalid_api_key"}}"#,
            "invalid_api_key",
            "no",
        ),
        (r#"{"error":{"message":"no","type":"t","code":null}}"#, "t", "no"),
        (
            r#"{"type":"error","error":{"type":"overloaded_error","message":"busy"}}"#,
            "overloaded_error",
            "busy",
        ),
        (
            r#"[{"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED"}}]"#,
            "RESOURCE_EXHAUSTED",
            "slow",
        ),
        (r#"{"error":{"code":502,"message":"bad","metadata":{}},"user_id":"u"}"#, "502", "bad"),
        (r#"{"id":"x","choices":[{"error":{"code":503,"message":"gone"}}]}"#, "503", "gone"),
        (
            r#"{"success":false,"result":null,"errors":[{"code":7009,"message":"no model"}]}"#,
            "7009",
            "no model",
        ),
        (r#"{"code":"bad_key","error":"Incorrect key"}"#, "error", "Incorrect key"),
        (r#"{"object":"error","message":"m","type":"t","code":"3"}"#, "3", "m"),
        (
            r#"{"type":"error","code":"server_error","message":"oops","param":null}"#,
            "server_error",
            "oops",
        ),
        (r#"{"status":"failed","error":"CUDA"}"#, "error", "CUDA"),
    ] {
        assert_eq!(error(json(body)), pair(code, message), "{body}");
        assert_eq!(error(sse(&format!("data: {body}\n\n"))), pair(code, message), "{body}");
    }
    let named = sse("event: error\ndata: upstream broke\n\n");
    assert_eq!(named.end, End::Complete);
    assert_eq!(error(named), pair("error", "upstream broke"));
    for body in [
        r#"{"error":null,"choices":[]}"#,
        r#"{"error":{}}"#,
        r#"{"error":""}"#,
        r#"{"success":true,"errors":[]}"#,
    ] {
        assert_eq!(json(body).error, None, "{body}");
    }
}

#[test]
fn an_overlong_error_is_still_an_error() {
    let body = format!(r#"{{"error":{{"message":"{}"}}}}"#, "x".repeat(20_000));
    assert_eq!(json(&body).error.map(|error| error.code), Some("error".into()));
    let body = format!(r#"{{"error":{{"message":"{}"}}}}"#, "x".repeat(10_000));
    assert_eq!(json(&body).error.map(|error| error.message.len()), Some(2048));
}

#[test]
fn a_reader_may_move_between_threads() {
    fn check<T: Send + 'static>(_: &T) {}
    check(&Reader::new(Framing::Sse, Encoding::Gzip));
}

#[test]
fn the_quick_look_changes_nothing() {
    // A long stream of ordinary events, with everything that matters far behind its beginning.
    let mut text = String::new();
    for _ in 0..50 {
        text += "data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"usage error reason\"},\"finish_reason\":null}],\"usage\":null}\n\n";
    }
    text += "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\": \"length\"}],\"usage\":null}\n\n";
    text += "data: {\"choices\":[],\"usage\": {\"prompt_tokens\":7,\"completion_tokens\":50,\"total_tokens\":57}}\n\n";
    text += "data: {\"error\":{\"code\":\"late\",\"message\":\"m\"}}\n\n";
    for size in [1, 7, 4096, usize::MAX] {
        let answer = read(Framing::Sse, text.as_bytes(), size);
        assert_eq!(answer.usage.map(|usage| usage.total), Some(57));
        assert_eq!(answer.finish_reason.as_deref(), Some("length"));
        assert_eq!(answer.error.map(|error| error.code), Some("late".into()));
    }
}

#[test]
fn a_long_event_is_read_in_parts() {
    let filler = "x".repeat(100_000);
    let text = format!(
        "data: {{\"type\":\"response.completed\",\"response\":{{\"model\":\"m\",\"output\":[{{\"text\":\"{filler}\"}}],\"usage\":{{\"input_tokens\":3,\"output_tokens\":4}}}}}}\n\n"
    );
    for size in [1000, usize::MAX] {
        let answer = read(Framing::Sse, text.as_bytes(), size);
        assert_eq!((answer.usage.map(|usage| usage.total), answer.end), (Some(7), End::Complete));
    }
}

#[test]
fn framings_and_encodings_are_told_by_their_headers() {
    for (content_type, framing) in [
        (Some("text/event-stream; charset=utf-8"), Framing::Sse),
        (Some("Application/JSON"), Framing::Json),
        (Some("application/problem+json"), Framing::Json),
        (Some("application/x-ndjson"), Framing::NdJson),
        (Some("application/stream+json"), Framing::NdJson),
        (Some("application/vnd.amazon.eventstream"), Framing::AwsEventStream),
        (Some("audio/mpeg"), Framing::Opaque),
        (None, Framing::Json),
    ] {
        assert_eq!(Framing::of(content_type), framing, "{content_type:?}");
    }
    assert_eq!(Encoding::of(None), Encoding::Identity);
    assert_eq!(Encoding::of(Some("GZip")), Encoding::Gzip);
    assert_eq!(Encoding::of(Some("br")), Encoding::Unreadable);
    assert_eq!(Encoding::of(Some("gzip, br")), Encoding::Unreadable);
}

mod gzip {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::super::{Encoding, End, Framing, Reader};

    fn pack(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: &[u8], size: usize) -> super::Answer {
        let mut reader = Reader::new(Framing::Sse, Encoding::Gzip);
        for piece in bytes.chunks(size) {
            reader.push(piece);
        }
        reader.finish()
    }

    const TEXT: &str = "data: {\"model\":\"m\",\"choices\":[{\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n";

    #[test]
    fn is_decoded_on_the_side() {
        let bytes = pack(TEXT);
        for size in [1, 10, bytes.len()] {
            let answer = read(&bytes, size);
            assert_eq!(answer.usage.map(|usage| usage.total), Some(3));
            assert_eq!(answer.end, End::Complete);
        }
    }

    #[test]
    fn cut_or_broken_is_told_apart() {
        let bytes = pack(TEXT);
        assert_eq!(read(&bytes[..bytes.len() - 3], 7).end, End::Truncated);
        assert_eq!(read(b"not gzip at all, is it", 7).end, End::Unknown);
    }

    #[test]
    fn what_has_arrived_is_read_at_once() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(b"data: {\"choices\":[{\"delta\":{\"content\":\"H\"}}]}\n\n").unwrap();
        encoder.flush().unwrap();
        let mut reader = Reader::new(Framing::Sse, Encoding::Gzip);
        reader.push(encoder.get_ref());
        assert!(reader.saw_content());
    }
}
