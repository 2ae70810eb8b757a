use serde_json::{Value, json};
use weir_core::Usage;

use crate::canonical::{Failure, Finish, PartKind, Response};
use crate::provider::{DecodeContext, Wire};

fn decode(body: &Value) -> Result<Response, Failure> {
    let context = DecodeContext { base: "b".into(), ..DecodeContext::default() };
    Wire::OpenAi.decode(&serde_json::to_vec(body).unwrap(), &context)
}

fn one(message: &Value, finish: &str) -> Vec<PartKind> {
    let choice = json!({"index": 0, "message": message, "finish_reason": finish});
    let response = decode(&json!({"id": "x", "choices": [choice]})).unwrap();
    response.choices[0].parts.iter().map(|part| part.kind.clone()).collect()
}

fn thinking(text: &str) -> PartKind {
    PartKind::Thinking { text: text.to_owned(), signature: None }
}

fn text(text: &str) -> PartKind {
    PartKind::Text(text.to_owned())
}

#[test]
fn a_complete_answer() {
    let response = decode(&json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 7, "model": "gpt-5",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi",
            "refusal": null, "annotations": []}, "logprobs": null, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 10, "total_tokens": 19,
            "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 6, "audio_tokens": 0,
                "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0}},
        "service_tier": "default", "system_fingerprint": "fp_1",
    }))
    .unwrap();
    assert_eq!((response.created, response.service_tier.as_deref()), (Some(7), Some("default")));
    let usage =
        Usage { input: 9, output: 10, total: 19, reasoning: 6, cache_read: 4, ..Usage::default() };
    assert_eq!(response.usage, Some(usage));
    assert_eq!(response.choices[0].parts[0].kind, text("hi"));
}

#[test]
fn thoughts_in_every_form() {
    let plain = json!({"content": "a", "reasoning_content": "t"});
    assert_eq!(one(&plain, "stop"), [thinking("t"), text("a")]);
    let groq = json!({"content": "a", "reasoning": "t"});
    assert_eq!(one(&groq, "stop"), [thinking("t"), text("a")]);
    let mistral = json!({"content": [
        {"type": "thinking", "thinking": [{"type": "text", "text": "t"}]},
        {"type": "text", "text": "a"}]});
    assert_eq!(one(&mistral, "stop"), [thinking("t"), text("a")]);
    let blocks = json!({"content": "a", "reasoning_content": "t", "thinking_blocks": [
        {"type": "thinking", "thinking": "t", "signature": "s"}]});
    let sealed = PartKind::Thinking { text: "t".to_owned(), signature: Some("s".to_owned()) };
    assert_eq!(one(&blocks, "stop"), [sealed, text("a")]);
}

#[test]
fn calls_in_every_form() {
    let of = |message: Value| match one(&message, "stop").remove(0) {
        PartKind::ToolCall(call) => (call.id, call.name, call.arguments),
        other => panic!("{other:?}"),
    };
    let call = |id: &str| (id.to_owned(), "f".to_owned(), "{\"a\":1}".to_owned());
    let usual = json!({"content": null, "tool_calls": [{"id": "c", "type": "function",
        "function": {"name": "f", "arguments": "{\"a\":1}"}}]});
    assert_eq!(of(usual), call("c"));
    let object = json!({"tool_calls": [{"function": {"name": "f", "arguments": {"a": 1}}}]});
    assert_eq!(of(object), call("call_b_0"));
    let older = json!({"function_call": {"name": "f", "arguments": "{\"a\":1}"}});
    assert_eq!(of(older), call("call_b_0"));
}

#[test]
fn ends_of_an_answer() {
    let finish = |word: Value, calls: bool| {
        let calls = if calls { json!([{"function": {"name": "f"}}]) } else { Value::Null };
        let choice = json!({"message": {"tool_calls": calls}, "finish_reason": word});
        decode(&json!({"choices": [choice]})).map(|response| response.choices[0].finish.clone())
    };
    assert_eq!(finish(json!("stop"), false), Ok(Finish::Stop));
    assert_eq!(finish(json!("stop"), true), Ok(Finish::ToolCalls));
    assert_eq!(finish(json!("model_length"), false), Ok(Finish::Length));
    assert_eq!(finish(json!("content_filter"), false), Ok(Finish::ContentFilter));
    assert_eq!(finish(Value::Null, false), Ok(Finish::Stop));
    assert_eq!(finish(json!("odd"), false), Ok(Finish::Stop));
    assert_eq!(finish(json!("error"), false).unwrap_err().status, 502);
}

#[test]
fn workers_ai_in_its_own_form() {
    let response = decode(&json!({"result": {"response": "hi", "usage":
        {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}},
        "success": true, "errors": [], "messages": []}))
    .unwrap();
    assert_eq!(response.choices[0].parts[0].kind, text("hi"));
    assert_eq!(response.usage.unwrap().total, 3);
    let called = decode(&json!({"result": {"response": null,
        "tool_calls": [{"name": "f", "arguments": {"a": 1}}]}, "success": true}))
    .unwrap();
    assert_eq!(called.choices[0].finish, Finish::ToolCalls);
    let object = decode(&json!({"result": {"response": {"a": 1}}, "success": true})).unwrap();
    assert_eq!(object.choices[0].parts[0].kind, text("{\"a\":1}"));
    let failed = json!({"result": null, "success": false,
        "errors": [{"code": 7009, "message": "no upstream"}], "messages": []});
    let failure = decode(&failed).unwrap_err();
    assert_eq!((&*failure.message, failure.code.as_deref()), ("no upstream", Some("7009")));
    let wrapped = json!({"result": {"choices": [{"message": {"content": "a"}}]}, "success": true});
    assert_eq!(decode(&wrapped).unwrap().choices[0].parts[0].kind, text("a"));
}

#[test]
fn usage_with_the_peculiarities() {
    let usage =
        |usage: Value| decode(&json!({"choices": [], "usage": usage})).unwrap().usage.unwrap();
    let xai = usage(json!({"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 17,
        "completion_tokens_details": {"reasoning_tokens": 10}}));
    assert_eq!((xai.output, xai.reasoning, xai.total), (12, 10, 17));
    let deepseek = usage(json!({"prompt_tokens": 5.0, "completion_tokens": 2,
        "prompt_cache_hit_tokens": 3, "prompt_cache_miss_tokens": 2}));
    assert_eq!((deepseek.cache_read, deepseek.total), (3, 7));
    let perplexity = usage(json!({"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 103,
        "citation_tokens": 100, "num_search_queries": 4}));
    assert_eq!((perplexity.input, perplexity.web_searches), (101, 4));
}

#[test]
fn errors_inside_a_good_answer() {
    let failure = decode(&json!({"error": {"code": 429, "message": "slow",
        "metadata": {"raw": "limit", "provider_name": "x"}}}))
    .unwrap_err();
    assert_eq!((failure.status, &*failure.message), (429, "slow: limit"));
    assert_eq!(decode(&json!({"object": "odd"})).unwrap_err().status, 502);
    let context = DecodeContext::default();
    assert_eq!(Wire::OpenAi.decode(b"<html>", &context).unwrap_err().status, 502);
}

#[test]
fn sources_become_citations() {
    let response = decode(&json!({"choices": [{"message": {"content": "a"}}],
        "citations": ["https://a.b"],
        "search_results": [{"title": "T", "url": "https://a.b", "date": null}]}))
    .unwrap();
    let citation = json!({"type": "url_citation",
        "url_citation": {"url": "https://a.b", "title": "T"}});
    assert_eq!(response.choices[0].annotations, [citation]);
}
