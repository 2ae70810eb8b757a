use serde_json::json;

use super::*;

fn chat(body: &Value) -> Bounds {
    of_conversation(body.to_string().as_bytes(), Dialect::OpenAiChat, true)
}

#[test]
fn text_has_no_more_tokens_than_bytes() {
    let body = json!({"model": "m", "messages": [
            {"role": "system", "content": "be brief"},
            {"role": "user", "content": [{"type": "text", "text": "hi"}]},
            {"role": "assistant", "tool_calls": [{"id": "1", "type": "function",
                "function": {"name": "f", "arguments": "{\"image\":1}"}}]},
            {"role": "tool", "tool_call_id": "1", "content": "done"}],
        "tools": [{"type": "function", "function": {"name": "f",
            "parameters": {"type": "object", "properties": {"image": {"type": "image"}}}}}],
        "response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "array"}}},
        "max_tokens": 10});
    let length = body.to_string().len() as u64;
    assert_eq!(
        chat(&body),
        Bounds { prompt: Prompt::Text(length + 1024), output: Some(10), answers: 1 }
    );
    let anthropic = json!({"max_tokens": 7, "system": [{"type": "text", "text": "x",
            "cache_control": {"type": "ephemeral"}}],
        "thinking": {"type": "enabled", "budget_tokens": 5},
        "tools": [{"name": "f", "input_schema": {"type": "object"}}],
        "messages": [{"role": "assistant", "content": [
            {"type": "tool_use", "id": "1", "name": "f", "input": {"source": {"type": "x"}}}]},
            {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "1", "content": "ok"}]}]});
    let found = of_conversation(anthropic.to_string().as_bytes(), Dialect::Anthropic, false);
    assert!(matches!(found.prompt, Prompt::Text(_)), "{found:?}");
    assert_eq!(found.output, Some(7));
}

#[test]
fn what_is_not_text_is_bounded_by_the_model_alone() {
    let with = |part: Value| {
        chat(&json!({"messages": [{"role": "user", "content": [part]}], "max_tokens": 1})).prompt
    };
    for part in [
        json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}),
        json!({"type": "input_audio", "input_audio": {"data": "AA", "format": "wav"}}),
        json!({"type": "file", "file": {"file_id": "f"}}),
        json!({"type": "something_new", "text": "x"}),
        json!({"inlineData": {"data": "AA"}}),
        json!({"type": "image", "source": {"type": "url", "url": "https://x"}}),
    ] {
        assert_eq!(with(part.clone()), Prompt::Context, "{part}");
    }
    for body in [
        json!({"previous_response_id": "r", "input": "x"}),
        json!({"prompt": {"id": "p"}}),
        json!({"conversation": "c"}),
        json!({"cachedContent": "c"}),
    ] {
        assert_eq!(chat(&body).prompt, Prompt::Context, "{body}");
    }
}

#[test]
fn tools_of_the_provider_have_no_bound() {
    for body in [
        json!({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}),
        json!({"tools": [{"type": "function", "name": "f"}, {"type": "code_interpreter"}]}),
        json!({"tools": [{"googleSearch": {}}]}),
        json!({"tools": {"x": 1}}),
        json!({"web_search_options": {}}),
        json!({"models": ["a", "b"]}),
    ] {
        assert_eq!(chat(&body).prompt, Prompt::Open, "{body}");
    }
    assert_eq!(of_conversation(b"[1]", Dialect::OpenAiChat, true), Bounds::OPEN);
    assert_eq!(of_conversation(b"", Dialect::OpenAiChat, true), Bounds::OPEN);
}

#[test]
fn only_words_that_the_endpoint_goes_by_count() {
    let of = |body: Value, dialect, newer| {
        let found = of_conversation(body.to_string().as_bytes(), dialect, newer);
        (found.output, found.answers)
    };
    let chat = Dialect::OpenAiChat;
    assert_eq!(of(json!({"max_completion_tokens": 5}), chat, true), (Some(5), 1));
    assert_eq!(of(json!({"max_completion_tokens": 5}), chat, false), (None, 1));
    let both = json!({"max_completion_tokens": 5, "max_tokens": 9});
    assert_eq!(of(both, chat, false), (Some(9), 1));
    assert_eq!(of(json!({"max_output_tokens": 5}), chat, true), (None, 1));
    assert_eq!(of(json!({"max_tokens": -1}), chat, true), (None, 1));
    assert_eq!(of(json!({"max_tokens": 1.5}), chat, true), (Some(2), 1));
    assert_eq!(of(json!({"max_tokens": 1, "n": 3}), chat, true), (Some(1), 3));
    let prompts = json!({"max_tokens": 1, "best_of": 4, "prompt": ["a", "b"]});
    assert_eq!(of(prompts, chat, true), (Some(1), 8));
    let predicted = json!({"max_tokens": 1, "prediction": {"type": "content", "content": "x"}});
    assert_eq!(of(predicted, chat, true), (None, 1));
    let responses = json!({"max_output_tokens": 5, "max_tokens": 1});
    assert_eq!(of(responses, Dialect::OpenAiResponses, true), (Some(5), 1));
    let gemini = json!({"generationConfig": {"maxOutputTokens": 5, "candidateCount": 2}});
    assert_eq!(of(gemini, Dialect::Gemini, false), (Some(5), 2));
    assert_eq!(of(json!({"max_tokens": 5}), Dialect::Gemini, false), (None, 1));
}

#[test]
fn vectors_have_no_tokens() {
    let found = of_embeddings(br#"{"model":"m","input":["a","b"]}"#);
    assert_eq!((found.output, found.answers), (Some(0), 1));
    assert!(matches!(found.prompt, Prompt::Text(_)));
}
