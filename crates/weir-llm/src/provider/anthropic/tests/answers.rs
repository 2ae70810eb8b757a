use serde_json::json;
use weir_core::Usage;

use super::super::{decode, failure};
use crate::canonical::{Finish, Part, PartKind, ToolCall};
use crate::provider::DecodeContext;

#[test]
fn a_full_answer() {
    let body = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": "s"},
            {"type": "redacted_thinking", "data": "r"},
            {"type": "text", "text": "é "},
            {"type": "server_tool_use", "id": "srv", "name": "web_search", "input": {}},
            {"type": "text", "text": "ab", "citations": [
                {"type": "web_search_result_location", "url": "https://x", "title": null,
                    "cited_text": "t", "encrypted_index": "e"},
                {"type": "char_location", "cited_text": "t", "document_index": 0},
            ]},
            {"type": "tool_use", "id": "t", "name": "f", "input": {"a": [1]}},
        ],
        "stop_reason": "tool_use", "stop_sequence": null,
        "usage": {"input_tokens": 1, "cache_creation_input_tokens": 30, "cache_read_input_tokens": 400,
            "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20},
            "output_tokens": 7, "output_tokens_details": {"thinking_tokens": 3},
            "server_tool_use": {"web_search_requests": 2}, "service_tier": "standard"},
    });
    let got = decode(body.to_string().as_bytes(), &DecodeContext::default()).unwrap();
    let choice = &got.choices[0];
    let expected: Vec<Part> = [
        PartKind::Thinking { text: "hm".to_owned(), signature: Some("s".to_owned()) },
        PartKind::RedactedThinking("r".to_owned()),
        PartKind::Text("é ".to_owned()),
        PartKind::Text("ab".to_owned()),
        PartKind::ToolCall(ToolCall {
            id: "t".to_owned(),
            name: "f".to_owned(),
            arguments: "{\"a\":[1]}".to_owned(),
            signature: None,
        }),
    ]
    .map(Part::from)
    .into();
    assert_eq!((&choice.parts, &choice.finish), (&expected, &Finish::ToolCalls));
    let cited = json!({"type": "url_citation", "url_citation":
        {"url": "https://x", "title": "", "start_index": 2, "end_index": 4}});
    assert_eq!(choice.annotations, [cited]);
    let usage = Usage {
        input: 431,
        output: 7,
        total: 438,
        reasoning: 3,
        cache_read: 400,
        cache_write: 10,
        cache_write_1h: 20,
        web_searches: 2,
        ..Usage::default()
    };
    assert_eq!(got.usage, Some(usage));
    assert_eq!(got.service_tier.as_deref(), Some("default"));
}

#[test]
fn the_tool_of_a_schema_is_the_text() {
    let body = br#"{"content":[{"type":"tool_use","id":"t","name":"city","input":{"n": 1}}],
        "stop_reason":"tool_use"}"#;
    let context = DecodeContext { schema_tool: Some("city".into()), ..DecodeContext::default() };
    let got = decode(body, &context).unwrap();
    assert_eq!(got.choices[0].parts, [Part::text("{\"n\":1}")]);
    assert_eq!(got.choices[0].finish, Finish::Stop);
}

#[test]
fn reasons_to_end() {
    let check = |reason: &str, expected: Finish| {
        let body = json!({"content": [], "stop_reason": reason, "stop_sequence": "E"}).to_string();
        let got = decode(body.as_bytes(), &DecodeContext::default()).unwrap();
        assert_eq!(got.choices[0].finish, expected);
    };
    check("end_turn", Finish::Stop);
    check("pause_turn", Finish::Stop);
    check("yet_unknown", Finish::Stop);
    check("stop_sequence", Finish::StopSequence(Some("E".to_owned())));
    check("max_tokens", Finish::Length);
    check("model_context_window_exceeded", Finish::Length);
    check("refusal", Finish::ContentFilter);
}

#[test]
fn bodies_of_errors() {
    let check = |body: &str, kind: Option<&str>, message: &str| {
        let got = failure(529, body.as_bytes());
        assert_eq!((got.status, got.kind.as_deref(), &*got.message), (529, kind, message));
    };
    let known = r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    check(known, Some("overloaded_error"), "Overloaded");
    check(r#"{"message":"no"}"#, None, "no");
    check("<html>bad gateway</html>", None, "<html>bad gateway</html>");
    check("", None, "the provider answered with status 529 and no body");
    let inside = decode(known.as_bytes(), &DecodeContext::default()).unwrap_err();
    assert_eq!(inside.status, 529);
    assert_eq!(decode(b"{}", &DecodeContext::default()).unwrap_err().status, 502);
}
