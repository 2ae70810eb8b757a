use serde_json::{Value, json};

use crate::capability::Capabilities;
use crate::dialect::Dialect;
use crate::fault::{Fault, Losses, Strictness};
use crate::provider::{rewrite_openai, set_model};

fn rewritten_with(
    provider: &str,
    capabilities: &Capabilities,
    body: &str,
) -> Result<(String, Vec<String>), Fault> {
    let mut losses = Losses::new(Strictness::Lenient, Dialect::OpenAiChat, provider.to_owned());
    let out = rewrite_openai(provider, true, body.as_bytes(), "m", capabilities, &mut losses)?;
    let dropped = losses.dropped().iter().map(|name| name.to_string()).collect();
    Ok((String::from_utf8(out).unwrap(), dropped))
}

fn rewritten(provider: &str, body: &Value) -> Result<(Value, Vec<String>), Fault> {
    let (text, dropped) = rewritten_with(provider, &Capabilities::default(), &body.to_string())?;
    Ok((serde_json::from_str(&text).unwrap(), dropped))
}

/// The body comes out so, with nothing left out.
fn check(provider: &str, body: &Value, expected: &Value) {
    let (got, dropped) = rewritten(provider, body).unwrap();
    assert_eq!(&got, expected);
    assert!(dropped.is_empty(), "{dropped:?}");
}

#[test]
fn only_the_model_changes() {
    let body = "{ \"model\" : \"openai/m\",\n \"messages\":[ {\"role\":\"developer\", \"content\":\"\\u0041\"} ],\n \"temperature\": 0.10, \"max_tokens\":5, \"logit_bias\":{\"1\":2}, \"user\":\"u\" }\n";
    let (got, _) = rewritten_with("openai", &Capabilities::default(), body).unwrap();
    assert_eq!(got, body.replace("openai/m", "m"));
    let same = got.replace("\"m\"", "\"m\" ");
    assert_eq!(rewritten_with("openai", &Capabilities::default(), &same).unwrap().0, same);
    let set = set_model(body.as_bytes(), "m").unwrap();
    assert_eq!(String::from_utf8(set).unwrap(), got);
    assert!(set_model(b"[]", "m").is_err());
    let twice = set_model(br#"{"model":"dear","mod\u0065l":"m"}"#, "m").unwrap();
    assert_eq!(twice, br#"{"model":"m","mod\u0065l":"m"}"#);
}

#[test]
fn developers_become_systems_and_nothing_else_moves() {
    let body = "{\"model\":\"x\",\"messages\":[{ \"role\" : \"developer\",\"content\":\"\\u0041\"}, {\"role\":\"user\",  \"content\":\"developer\"}]}";
    let (got, _) = rewritten_with("groq", &Capabilities::default(), body).unwrap();
    let expected = body.replace("\"x\"", "\"m\"").replace(": \"developer\"", ": \"system\"");
    assert_eq!(got, expected);
}

#[test]
fn names_that_differ() {
    let body = json!({"model": "x", "max_completion_tokens": 5, "max_tokens": 4, "seed": 1,
        "tool_choice": "required", "stream": true, "stream_options": {"include_usage": true}});
    check(
        "mistral",
        &body,
        &json!({"model": "m", "max_tokens": 5, "tool_choice": "any", "stream": true,
            "random_seed": 1}),
    );
    let older = json!({"model": "x", "max_tokens": 4});
    check("cerebras", &older, &json!({"model": "m", "max_completion_tokens": 4}));
    check("openai", &older, &json!({"model": "m", "max_tokens": 4}));
    check("custom-y", &older, &json!({"model": "m", "max_tokens": 4}));
    let thinks = Capabilities { reasoning: Some(true), ..Capabilities::default() };
    let (got, _) = rewritten_with("openai", &thinks, &older.to_string()).unwrap();
    assert_eq!(got, r#"{"model":"m","max_completion_tokens":4}"#);
}

#[test]
fn what_a_provider_does_not_take() {
    let refused = |provider: &str, extra: Value| {
        let mut body = json!({"model": "x"});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        rewritten(provider, &body).unwrap_err().param().unwrap().to_owned()
    };
    assert_eq!(refused("groq", json!({"logprobs": true})), "logprobs");
    assert_eq!(refused("groq", json!({"n": 2})), "n");
    assert_eq!(refused("perplexity-ai", json!({"tools": [{}]})), "tools");
    assert_eq!(refused("openai", json!({"stop": ["a", "b", "c", "d", "e"]})), "stop");
    let quiet = json!({"model": "x", "logprobs": false, "n": 1, "logit_bias": {}, "top_p": 0.5});
    check("groq", &quiet, &json!({"model": "m", "top_p": 0.5}));
    check("perplexity-ai", &json!({"tools": []}), &json!({"tools": [], "model": "m"}));
    let tuned = json!({"model": "x", "frequency_penalty": 0.5, "presence_penalty": 0});
    let (got, dropped) = rewritten("cerebras", &tuned).unwrap();
    assert_eq!((got, dropped), (json!({"model": "m"}), vec!["frequency_penalty".to_owned()]));
    let cold = Capabilities { sampling_params: Some(false), ..Capabilities::default() };
    let body = json!({"model": "x", "temperature": 0.3, "top_p": 1}).to_string();
    let (got, dropped) = rewritten_with("openai", &cold, &body).unwrap();
    assert_eq!((&*got, dropped), (r#"{"model":"m"}"#, vec!["temperature".to_owned()]));
}

#[test]
fn histories_lose_what_would_be_refused() {
    let history = json!([
        {"role": "user", "name": "ann", "content": [
            {"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}]},
        {"role": "assistant", "content": null, "reasoning_content": "hm", "thinking_blocks": [],
         "tool_calls": [{"id": "toolu_1", "type": "function", "function": {"name": "f", "arguments": "{}"},
            "extra_content": {"google": {"thought_signature": "s"}}}]},
        {"role": "tool", "tool_call_id": "toolu_1", "content": "1"},
    ]);
    let body = json!({"model": "x", "messages": history});
    let (openai, dropped) = rewritten("openai", &body).unwrap();
    assert_eq!(dropped, ["cache_control"]);
    assert_eq!(
        openai["messages"],
        json!([
            {"role": "user", "name": "ann", "content": [{"type": "text", "text": "x"}]},
            {"role": "assistant", "content": null, "tool_calls": [{"id": "toolu_1", "type": "function",
                "function": {"name": "f", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "toolu_1", "content": "1"},
        ])
    );
    let (mistral, dropped) = rewritten("mistral", &body).unwrap();
    assert_eq!(dropped, ["messages[].name", "cache_control"]);
    let id = mistral["messages"][2]["tool_call_id"].as_str().unwrap();
    assert_eq!((id.len(), &mistral["messages"][1]["tool_calls"][0]["id"]), (9, &json!(id)));
    assert_eq!(mistral["messages"][1]["content"][0]["type"], "thinking");
    let (deepseek, _) = rewritten("deepseek", &body).unwrap();
    assert_eq!(deepseek["messages"], history);
    let unsigned = json!([{"role": "assistant", "tool_calls": [{"id": "a", "type": "function",
        "function": {"name": "f", "arguments": "{}"}}]}]);
    let vertex = |model: &str| {
        let body = json!({"model": "x", "messages": unsigned}).to_string();
        let can = Capabilities::default();
        let mut losses = Losses::new(Strictness::Lenient, Dialect::OpenAiChat, "Vertex");
        let body = body.as_bytes();
        let out = rewrite_openai("google-vertex-ai", true, body, model, &can, &mut losses).unwrap();
        let out: Value = serde_json::from_slice(&out).unwrap();
        out["messages"][0]["tool_calls"][0]["extra_content"]["google"].is_object()
    };
    assert!(vertex("google/gemini-3-pro") && !vertex("google/gemini-2.5-pro"));
    let begun = json!([{"role": "user", "content": "x"}, {"role": "assistant", "content": "{"}]);
    let (mistral, _) = rewritten("mistral", &json!({"model": "x", "messages": begun})).unwrap();
    assert_eq!(mistral["messages"][1]["prefix"], true);
}

#[test]
fn formats_and_efforts() {
    let schema = json!({"type": "json_schema", "json_schema": {"name": "n", "schema": {"a": 1}}});
    let user = json!({"role": "user", "content": "x"});
    let body = json!({"model": "x", "messages": [user], "response_format": schema});
    let (deepseek, dropped) = rewritten("deepseek", &body).unwrap();
    assert_eq!(dropped, ["response_format"]);
    assert_eq!(deepseek["response_format"], json!({"type": "json_object"}));
    assert!(deepseek["messages"][0]["content"].as_str().unwrap().contains(r#"{"a":1}"#));
    assert_eq!(deepseek["messages"][1], user);
    check("openai", &body, &json!({"model": "m", "messages": [user], "response_format": schema}));
    let none = json!({"model": "x", "reasoning_effort": "none"});
    check("deepseek", &none, &json!({"model": "m", "thinking": {"type": "disabled"}}));
    check("openai", &none, &json!({"model": "m", "reasoning_effort": "none"}));
    let can =
        Capabilities { reasoning: Some(true), effort_none: Some(false), ..Capabilities::default() };
    let (got, _) = rewritten_with("openai", &can, &none.to_string()).unwrap();
    assert_eq!(got, r#"{"model":"m","reasoning_effort":"low"}"#);
}

#[test]
fn models_that_think_are_not_tuned() {
    let table = crate::pricing::PriceTable::builtin();
    let check = |model: &str, given: Value, expected: Value, lost: &[&str]| {
        let can = table.capabilities("openai", model);
        let (text, dropped) = rewritten_with("openai", &can, &given.to_string()).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected, "{model}");
        assert_eq!(dropped, lost, "{model}");
    };
    let cold = json!({"model": "m", "max_tokens": 9, "temperature": 0.2, "top_p": 1});
    let bare = json!({"model": "m", "max_completion_tokens": 9});
    for model in ["gpt-5-mini", "gpt-5-2025-08-07", "o3", "gpt-5.5-pro", "gpt-6-astra", "o9-mini"] {
        check(model, cold.clone(), bare.clone(), &["temperature"]);
    }
    let kept = json!({"model": "m", "max_completion_tokens": 9, "temperature": 0.2, "top_p": 1});
    for model in ["gpt-5.2", "gpt-5-chat-latest"] {
        check(model, cold.clone(), kept.clone(), &[]);
    }
    check("gpt-4.1", cold.clone(), cold, &[]);
    let effort = |word| json!({"model": "m", "temperature": 0.2, "reasoning_effort": word});
    check("gpt-5.2", effort("none"), effort("none"), &[]);
    let high = json!({"model": "m", "reasoning_effort": "high"});
    check("gpt-5.2", effort("high"), high, &["temperature"]);
    let switch = |on: bool| json!({"model": "m", "parallel_tool_calls": on});
    check("o3", switch(false), json!({"model": "m"}), &[]);
    check("o3", switch(true), json!({"model": "m"}), &["parallel_tool_calls"]);
    check("gpt-5", switch(false), switch(false), &[]);
}

#[test]
fn labels_go_with_stored_answers() {
    let body = json!({"model": "m", "store": true, "metadata": {"a": "b"}});
    check("openai", &body, &body);
    let (got, dropped) =
        rewritten("openai", &json!({"model": "m", "metadata": {"a": "b"}})).unwrap();
    assert_eq!((got, dropped), (json!({"model": "m"}), vec!["metadata".to_owned()]));
}
