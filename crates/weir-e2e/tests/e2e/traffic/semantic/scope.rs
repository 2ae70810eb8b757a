//! What must agree for questions to be compared. All vectors are the same here.

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::Request;

use super::{settings, start_at};
use crate::traffic::rig::{asking, expect, start_with};

fn chat(body: &Value) -> Request {
    Request::call("openai/chat/completions", body)
}

/// Chats that differ in one thing each, all with this question.
fn different(question: &str) -> Vec<(&'static str, Request)> {
    let with = |name: &str, value: Value| {
        let mut body = asking(question);
        body[name] = value;
        chat(&body)
    };
    let after = |role: &str, text: &str| {
        let mut body = asking(question);
        let question = body["messages"][0].take();
        body["messages"] = json!([{"role": role, "content": text}, question]);
        chat(&body)
    };
    let body = asking(question);
    let keyed = |key: &str| {
        Request::post("/v1/acc1/gw1/openai/chat/completions")
            .header("cf-aig-authorization", "Bearer tok-run")
            .header("authorization", key)
            .json(&body)
    };
    vec![
        ("plain", chat(&body)),
        ("another model", with("model", json!("gpt-4o"))),
        ("a parameter", with("temperature", json!(0.5))),
        ("another value of it", with("temperature", json!(0.50001))),
        ("tools", with("tools", json!([]))),
        ("the end user", with("user", json!("u1"))),
        ("a system prompt", after("system", "be brief")),
        ("another system prompt", after("system", "be long")),
        ("an earlier message", after("assistant", "hm")),
        ("another key", keyed("Bearer sk-other")),
        ("a query", Request::call("openai/chat/completions?a=1", &body)),
        ("another provider", Request::call("groq/chat/completions", &body)),
        ("a gateway's other path", Request::call("openai/v1/chat/completions", &body)),
        ("white space", chat(&body).body(body.to_string().replace(",\"", ", \""))),
    ]
}

#[tokio::test]
async fn everything_but_the_question_is_the_same() -> Result<()> {
    let rig = start_at(&settings(), &[0.0]).await?;
    for (what, request) in different("a") {
        expect(&rig, &[(what, &request, "MISS")]).await?;
    }
    for (what, request) in different("b") {
        expect(&rig, &[(what, &request, "HIT")]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn gateways_share_nothing() -> Result<()> {
    let rig = start_with(&settings(), |config| config.gateway("gw2", &settings())).await?;
    rig.upstream.script("mistral", [super::vector(0.0)]);
    let at = |gateway: &str, question: &str| {
        Request::post(&format!("/v1/acc1/{gateway}/openai/chat/completions"))
            .with_keys()
            .json(&asking(question))
    };
    for (gateway, question, status) in
        [("gw1", "a", "MISS"), ("gw2", "b", "MISS"), ("gw1", "c", "HIT"), ("gw2", "d", "HIT")]
    {
        expect(&rig, &[(gateway, &at(gateway, question), status)]).await?;
    }
    Ok(())
}

/// A request for each way to ask a question.
fn dialects(question: &str) -> Vec<(&'static str, Request)> {
    let responses = |model: &str| json!({"model": model, "input": question});
    let messages = |model: &str| {
        json!({"model": model, "max_tokens": 9,
            "messages": [{"role": "user", "content": question}]})
    };
    let chat = |model: &str| json!({"model": model, "messages": messages("")["messages"]});
    let contents = json!({"contents": [{"role": "user", "parts": [{"text": question}]}]});
    let claude = "anthropic/claude-sonnet-4-5";
    let gemini = "models/gemini-2.5-flash:generateContent";
    vec![
        ("responses", Request::call("openai/responses", &responses("gpt-4o-mini"))),
        ("messages", Request::call("anthropic/v1/messages", &messages("claude-sonnet-4-5"))),
        ("generateContent", Request::call(&format!("google-ai-studio/v1beta/{gemini}"), &contents)),
        ("unified chat", Request::call("compat/chat/completions", &chat("openai/gpt-4o-mini"))),
        ("the same, translated", Request::call("compat/chat/completions", &chat(claude))),
        ("unified responses", Request::call("compat/responses", &responses(claude))),
        ("unified messages", Request::call("compat/messages", &messages("openai/gpt-4o-mini"))),
    ]
}

#[tokio::test]
async fn every_dialect_takes_part() -> Result<()> {
    let rig = start_at(&settings(), &[0.0]).await?;
    for (what, request) in dialects("a") {
        expect(&rig, &[(what, &request, "MISS")]).await?;
    }
    for (what, request) in dialects("b") {
        expect(&rig, &[(what, &request, "HIT")]).await?;
    }
    Ok(())
}
