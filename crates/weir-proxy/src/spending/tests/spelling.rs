//! What a caller writes into a call must not make it look like a cheaper one.

use bytes::Bytes;
use http::Method;
use weir_core::{ProviderSlug, Usage};
use weir_llm::answer::{Answer, End};
use weir_llm::operation::Operation;

use crate::exchange::Call;
use crate::finish::request_facts;
use crate::request_body::RequestCopy;
use crate::spending::guess::{self, Heard};
use crate::spending::target::{Target, Work};

fn call(slug: &str, rest: &str, content_type: &str, body: &'static str) -> Call {
    Call {
        provider: ProviderSlug::from(slug),
        method: Method::POST,
        rest: rest.into(),
        unified: None,
        content_type: Some(content_type.into()),
        user_agent: None,
        request: RequestCopy::Whole(Bytes::from_static(body.as_bytes())),
    }
}

/// Where the path names what runs, another name in the body changes neither limits nor the price.
#[test]
fn a_cheap_name_in_the_body_does_not_hide_the_model_of_the_path() {
    const BODY: &str = r#"{"model": "cheap", "contents": []}"#;
    for (slug, rest) in [
        ("google-ai-studio", "v1beta/models/dear:generateContent"),
        ("aws-bedrock", "bedrock-runtime/us-east-1/model/dear/converse"),
        ("azure-openai", "resource/dear/chat/completions?api-version=1"),
    ] {
        let call = call(slug, rest, "application/json", BODY);
        assert_eq!(&*Target::of(&call).model, "dear", "{slug}");
        assert_eq!(request_facts(&call).model.as_deref(), Some("dear"), "{slug}");
    }
}

#[test]
fn a_wrong_content_type_does_not_hide_the_model() {
    for content_type in ["text/plain", "application/x-www-form-urlencoded"] {
        let call = call("openai", "v1/chat/completions", content_type, r#"{"model": "dear"}"#);
        assert_eq!(&*Target::of(&call).model, "dear", "{content_type}");
    }
    let call = call("openai", "v1/files", "application/octet-stream", "\u{1}{\"model\": \"x\"}");
    assert_eq!(&*Target::of(&call).model, "");
}

#[test]
fn a_model_that_is_called_like_a_count_is_no_count() {
    let of = |slug, rest| Work::of_path(&Method::POST, slug, rest);
    assert_eq!(of("anthropic", "v1/messages/count_tokens"), Work::Nothing);
    assert_eq!(of("google-ai-studio", "v1beta/models/m:countTokens"), Work::Nothing);
    assert_ne!(of("huggingface", "models/somebody/count_tokens"), Work::Nothing);
}

/// Nobody knows whether an account's own provider goes by `max_completion_tokens`.
#[test]
fn the_newer_word_bounds_only_where_it_is_known_to_count() {
    const BODY: &[u8] = br#"{"max_completion_tokens": 1, "messages": []}"#;
    let most = |slug| {
        let bounds = Work::of_operation(Operation::Chat, slug).bounds(Some(BODY));
        bounds.and_then(|bounds| bounds.output)
    };
    assert_eq!(most("openai"), Some(1));
    assert_eq!(most("custom-own"), None);
}

/// Figures that a stream tells at its beginning are not what it comes to: whoever leaves then has not
/// bounded what the provider charges for.
#[test]
fn what_was_told_on_the_way_is_not_the_last_word() {
    let call = call("anthropic", "v1/messages", "application/json", r#"{"model": "m"}"#);
    let told = Some(Usage { input: 10, output: 1, total: 11, ..Usage::default() });
    let usage = |end, finish_reason: Option<Box<str>>| {
        let read = Answer { usage: told, end, finish_reason, delivered: 4, ..Answer::default() };
        let heard = Heard { read: Some(&read), told, size: 300, is_whole: false, is_stream: true };
        guess::usage(&call, &heard)
    };
    assert_eq!(usage(End::Truncated, None), (told, true));
    assert_eq!(usage(End::Truncated, Some("end_turn".into())), (told, false));
    assert_eq!(usage(End::Complete, None), (told, false));
}
