use proptest::prelude::*;
use serde_json::{Value, json};

use super::{dialect_at, last};
use crate::dialect::Dialect::{self, Anthropic, Gemini, OpenAiChat, OpenAiResponses};

fn text(dialect: Dialect, body: &Value) -> Option<String> {
    last(dialect, body.to_string().as_bytes()).map(|question| question.text)
}

fn bodies(question: &str) -> [(Dialect, Value); 8] {
    let earlier = json!({"role": "assistant", "content": "hm"});
    let chat = |content: Value| json!([earlier, {"role": "user", "content": content}]);
    [
        (OpenAiChat, json!({"model": "m", "messages": chat(json!(question))})),
        (OpenAiChat, json!({"messages": chat(json!([{"type": "text", "text": question}]))})),
        (Anthropic, json!({"messages": chat(json!(question)), "max_tokens": 5})),
        (
            Anthropic,
            json!({"messages": chat(json!([{"type": "text", "text": question,
                "cache_control": {"type": "ephemeral"}}]))}),
        ),
        (OpenAiResponses, json!({"input": question, "store": false})),
        (
            OpenAiResponses,
            json!({"input": [earlier, {"type": "message", "role": "user",
                "content": [{"type": "input_text", "text": question}]}]}),
        ),
        (Gemini, json!({"contents": [{"parts": [{"text": question}]}]})),
        (
            Gemini,
            json!({"contents": [{"role": "model", "parts": [{"text": "hm"}]},
                {"role": "user", "parts": [{"text": question}]}], "tools": []}),
        ),
    ]
}

#[test]
fn each_dialect_has_its_question() {
    for (dialect, body) in bodies("why?") {
        assert_eq!(text(dialect, &body).as_deref(), Some("why?"), "{dialect:?} {body}");
    }
    for (dialect, body) in bodies(" \n") {
        assert_eq!(text(dialect, &body), None, "nothing is asked: {body}");
    }
}

#[test]
fn what_is_no_plain_text_of_the_user_is_no_question() {
    let user = |content: Value| json!({"messages": [{"role": "user", "content": content}]});
    let image = json!({"type": "image_url", "image_url": {"url": "data:"}});
    let part = json!({"type": "text", "text": "a"});
    for body in [
        json!({}),
        json!([]),
        json!({"messages": []}),
        json!({"messages": "a"}),
        json!({"messages": [{"role": "assistant", "content": "a"}]}),
        json!({"messages": [{"role": "tool", "content": "a", "tool_call_id": "1"}]}),
        json!({"messages": [{"content": "a"}]}),
        user(json!(null)),
        user(json!([])),
        user(json!([image])),
        user(json!([part, image])),
        user(json!([part, part])),
        user(json!([{"type": "tool_result", "tool_use_id": "1", "content": "a"}])),
        user(json!([{"type": "text", "text": 1}])),
    ] {
        assert_eq!(text(OpenAiChat, &body), None, "{body}");
        assert_eq!(text(Anthropic, &body), None, "{body}");
    }
    let call = json!({"type": "function_call_output", "role": "user", "content": "a"});
    assert_eq!(text(OpenAiResponses, &json!({"input": [call]})), None);
    let parts = json!([{"text": "a"}, {"inlineData": {}}]);
    assert_eq!(text(Gemini, &json!({"contents": [{"parts": parts}]})), None);
    let model = json!({"role": "model", "parts": [{"text": "a"}]});
    assert_eq!(text(Gemini, &json!({"contents": [model]})), None);
}

#[test]
fn a_body_that_can_be_read_in_two_ways_has_none() {
    for body in [
        r#"{"messages":[{"role":"user","content":"a"}],"messages":[{"role":"user","content":"b"}]}"#,
        r#"{"messages":[{"role":"user","content":"a","content":"b"}]}"#,
        r#"{"messages":[{"role":"system","role":"user","content":"a"}]}"#,
        r#"{"messages":[{"role":"user","content":[{"type":"text","text":"a","text":"b"}]}]}"#,
    ] {
        assert_eq!(last(OpenAiChat, body.as_bytes()), None, "{body}");
    }
}

#[test]
fn paths_tell_the_dialect() {
    for (path, dialect) in [
        ("chat/completions", Some(OpenAiChat)),
        ("res/openai/deployments/d/chat/completions?api-version=1", Some(OpenAiChat)),
        ("compat/v1/responses/", Some(OpenAiResponses)),
        ("v1/messages", Some(Anthropic)),
        ("v1beta/models/gemini:streamGenerateContent?alt=sse", Some(Gemini)),
        ("v1/messages/count_tokens", None),
        ("completions", None),
        ("embeddings", None),
        ("v1beta/models/gemini:embedContent", None),
        ("", None),
    ] {
        assert_eq!(dialect_at(path), dialect, "{path}");
    }
}

proptest! {
    /// What is cut out is the question and nothing else.
    #[test]
    fn the_place_is_that_of_the_text(question in "\\PC*[a-z]\\PC*", pretty in any::<bool>()) {
        for (dialect, body) in bodies(&question) {
            let written = |body: &Value| match pretty {
                true => serde_json::to_string_pretty(body).unwrap(),
                false => body.to_string(),
            };
            let text = written(&body);
            let found = last(dialect, text.as_bytes()).unwrap();
            prop_assert_eq!(&found.text, &question);
            let cut: String = serde_json::from_str(&text[found.at.clone()]).unwrap();
            prop_assert_eq!(&cut, &question);
            let swapped = [&text[..found.at.start], "\"other\"", &text[found.at.end..]].concat();
            let other = bodies("other").into_iter().find(|(_, it)| written(it) == swapped);
            prop_assert!(other.is_some(), "{}", swapped);
        }
    }
}
