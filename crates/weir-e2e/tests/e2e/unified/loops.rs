//! Tools in a loop, call by call, and thoughts that come back as they were: each door over each
//! provider. The simulator refuses a seal that is not its own and results without their calls.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use weir_e2e::http::Request;

use super::rig::{self, Simulated, compat};

const MODELS: [&str; 5] = [
    "openai/gpt-5-mini",
    "anthropic/claude-sonnet-4-5",
    "google-ai-studio/gemini-3-flash-preview",
    "aws-bedrock/anthropic.claude-haiku-4-5-20251001-v1:0",
    "cohere/command-a-03-2025",
];

fn schema() -> Value {
    json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]})
}

const ASK: &str = "Call get_weather and get_time now";
const NAMES: [&str; 2] = ["get_weather", "get_time"];

async fn post(world: &Simulated, path: &str, body: &Value) -> Result<Value> {
    let request: Request = compat(path, body);
    let answer = world.weir.send(&request).await?;
    let body = answer.json()?;
    ensure!(answer.status == 200, "{} {body}", answer.status);
    Ok(body)
}

fn list<'a>(value: &'a Value, place: &str) -> Result<&'a Vec<Value>> {
    value.pointer(place).and_then(Value::as_array).with_context(|| format!("{place} of {value}"))
}

/// Anthropic's client: sends the content of the answer back whole, thoughts and seals in it.
async fn messages(world: &Simulated, model: &str) -> Result<()> {
    let tools = NAMES.map(|name| json!({"name": name, "input_schema": schema()}));
    let mut body = json!({"model": model, "max_tokens": 4000, "tools": tools,
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "messages": [{"role": "user", "content": ASK}]});
    if model.starts_with("cohere/") {
        body.as_object_mut().context("a table")?.remove("thinking");
    }
    let called = post(world, "v1/messages", &body).await?;
    ensure!(called["stop_reason"] == "tool_use", "{called}");
    let content = list(&called, "/content")?.clone();
    let calls: Vec<&Value> = content.iter().filter(|part| part["type"] == "tool_use").collect();
    ensure!(calls.len() == 2 && calls[0]["input"]["city"].is_string(), "{called}");
    ensure!(calls[0]["id"] != calls[1]["id"], "{called}");
    let results = calls
        .iter()
        .map(|call| json!({"type": "tool_result", "tool_use_id": call["id"], "content": "fine"}));
    let results: Vec<Value> = results.collect();
    let turns = body["messages"].as_array_mut().context("messages")?;
    turns.push(json!({"role": "assistant", "content": content}));
    turns.push(json!({"role": "user", "content": results}));
    let answer = post(world, "v1/messages", &body).await?;
    ensure!(answer["stop_reason"] == "end_turn", "{answer}");
    let text = list(&answer, "/content")?.iter().find(|part| part["type"] == "text");
    ensure!(text.is_some_and(|text| !text["text"].as_str().unwrap_or_default().is_empty()));
    Ok(())
}

/// Gemini's client.
async fn generate(world: &Simulated, model: &str) -> Result<()> {
    let declared = NAMES.map(|name| json!({"name": name, "parametersJsonSchema": schema()}));
    let mut body = json!({"tools": [{"functionDeclarations": declared}],
        "contents": [{"role": "user", "parts": [{"text": ASK}]}]});
    let path = format!("v1beta/models/{model}:generateContent");
    let called = post(world, &path, &body).await?;
    let content = called["candidates"][0]["content"].clone();
    let parts = list(&content, "/parts")?;
    let calls: Vec<&Value> =
        parts.iter().map(|part| &part["functionCall"]).filter(|call| !call.is_null()).collect();
    ensure!(calls.len() == 2 && calls[0]["args"]["city"].is_string(), "{called}");
    let results = calls.iter().map(|call| {
        let mut result = json!({"name": call["name"], "response": {"result": "fine"}});
        if !call["id"].is_null() {
            result["id"] = call["id"].clone();
        }
        json!({"functionResponse": result})
    });
    let results: Vec<Value> = results.collect();
    let turns = body["contents"].as_array_mut().context("contents")?;
    turns.push(content);
    turns.push(json!({"role": "user", "parts": results}));
    let answer = post(world, &path, &body).await?;
    let candidate = &answer["candidates"][0];
    ensure!(candidate["finishReason"] == "STOP", "{answer}");
    ensure!(candidate["content"]["parts"][0]["text"].is_string(), "{answer}");
    Ok(())
}

/// OpenAI's client of Responses: sends all output items back.
async fn responses(world: &Simulated, model: &str) -> Result<()> {
    let tools = NAMES.map(|name| json!({"type": "function", "name": name, "parameters": schema()}));
    let mut body = json!({"model": model, "tools": tools, "store": false,
        "include": ["reasoning.encrypted_content"],
        "input": [{"role": "user", "content": ASK}]});
    if !model.starts_with("cohere/") {
        body["reasoning"] = json!({"effort": "low"});
    }
    let called = post(world, "responses", &body).await?;
    ensure!(called["status"] == "completed", "{called}");
    let output = list(&called, "/output")?.clone();
    let calls: Vec<&Value> = output.iter().filter(|it| it["type"] == "function_call").collect();
    ensure!(calls.len() == 2 && calls[0]["call_id"] != calls[1]["call_id"], "{called}");
    let results = calls.iter().map(|call| {
        json!({"type": "function_call_output", "call_id": call["call_id"], "output": "fine"})
    });
    let results: Vec<Value> = results.collect();
    let items = body["input"].as_array_mut().context("input")?;
    items.extend(output);
    items.extend(results);
    let answer = post(world, "responses", &body).await?;
    let said = list(&answer, "/output")?.iter().find(|item| item["type"] == "message");
    ensure!(said.is_some_and(|said| said["content"][0]["text"].is_string()), "{answer}");
    Ok(())
}

/// OpenAI's client of Chat: sends the message back with all its members, or only those it knows.
async fn chat(world: &Simulated, model: &str, keeps_all: bool) -> Result<()> {
    let tools = NAMES.map(
        |name| json!({"type": "function", "function": {"name": name, "parameters": schema()}}),
    );
    let mut body = json!({"model": model, "tools": tools, "reasoning_effort": "low",
        "messages": [{"role": "user", "content": ASK}]});
    let called = post(world, "chat/completions", &body).await?;
    ensure!(called["choices"][0]["finish_reason"] == "tool_calls", "{called}");
    let mut message = called["choices"][0]["message"].clone();
    let calls = list(&message, "/tool_calls")?.clone();
    ensure!(calls.len() == 2, "{called}");
    if !keeps_all {
        let plain = calls.iter().map(
            |call| json!({"id": call["id"], "type": "function", "function": call["function"]}),
        );
        let plain: Vec<Value> = plain.collect();
        message = json!({"role": "assistant", "content": message["content"], "tool_calls": plain});
    }
    let turns = body["messages"].as_array_mut().context("messages")?;
    turns.push(message);
    turns.extend(
        calls
            .iter()
            .map(|call| json!({"role": "tool", "tool_call_id": call["id"], "content": "fine"})),
    );
    let answer = post(world, "chat/completions", &body).await?;
    ensure!(answer["choices"][0]["finish_reason"] == "stop", "{answer}");
    ensure!(answer["choices"][0]["message"]["content"].is_string(), "{answer}");
    Ok(())
}

#[tokio::test]
async fn anthropics_clients_loop_over_every_provider() -> Result<()> {
    let world = Simulated::start().await?;
    rig::all(MODELS.map(|model| {
        let world = &world;
        async move { messages(world, model).await.context(model) }
    }))
    .await
}

#[tokio::test]
async fn geminis_clients_loop_over_every_provider() -> Result<()> {
    let world = Simulated::start().await?;
    rig::all(MODELS.map(|model| {
        let world = &world;
        async move { generate(world, model).await.context(model) }
    }))
    .await
}

#[tokio::test]
async fn clients_of_responses_loop_over_every_provider() -> Result<()> {
    let world = Simulated::start().await?;
    rig::all(MODELS.map(|model| {
        let world = &world;
        async move { responses(world, model).await.context(model) }
    }))
    .await
}

#[tokio::test]
async fn clients_of_chat_loop_over_every_provider() -> Result<()> {
    let world = Simulated::start().await?;
    let cells = MODELS.into_iter().flat_map(|model| [(model, true), (model, false)]);
    rig::all(cells.map(|(model, keeps_all)| {
        let world = &world;
        async move {
            let looped = chat(world, model, keeps_all).await;
            looped.with_context(|| format!("{model}, all members kept: {keeps_all}"))
        }
    }))
    .await
}
