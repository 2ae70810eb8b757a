//! The matrix as data: providers, requests, and what does not fit together.

use serde_json::{Value, json};

/// A provider at `/compat`.
#[derive(Clone, Copy)]
pub(super) struct Row {
    /// As the log has it.
    pub(super) slug: &'static str,
    /// As the client writes it.
    pub(super) model: &'static str,
    /// The price table has it.
    pub(super) priced: bool,
    /// It takes `stream_options`. The others tell the usage of a stream unasked; the simulator's
    /// OpenAI does not.
    pub(super) stream_usage: bool,
    /// It can be held to a schema. For the others the schema becomes an instruction.
    pub(super) schemas: bool,
}

const fn row(slug: &'static str, model: &'static str) -> Row {
    Row { slug, model, priced: true, stream_usage: true, schemas: true }
}

const fn unpriced(slug: &'static str, model: &'static str) -> Row {
    Row { priced: false, ..row(slug, model) }
}

/// Every provider with a unified endpoint, and the families of Bedrock.
pub(super) const ROWS: &[Row] = &[
    row("openai", "openai/gpt-4o-mini"),
    row("openai", "openai/gpt-5-mini"),
    row("anthropic", "anthropic/claude-sonnet-4-5"),
    row("anthropic", "anthropic/claude-sonnet-5-5"),
    row("google-ai-studio", "google-ai-studio/gemini-2.5-flash"),
    row("google-ai-studio", "google-ai-studio/gemini-3.8-flash"),
    row("google-vertex-ai", "google-vertex-ai/google/gemini-2.5-flash"),
    row("aws-bedrock", "aws-bedrock/anthropic.claude-haiku-4-5-20251001-v1:0"),
    row("aws-bedrock", "aws-bedrock/us.amazon.nova-lite-v1:0"),
    row("workers-ai", "workers-ai/@cf/meta/llama-3.2-11b-vision-instruct"),
    row("groq", "groq/openai/gpt-oss-20b"),
    Row { stream_usage: false, ..row("mistral", "mistral/ministral-14b-latest") },
    row("cohere", "cohere/command-a-03-2025"),
    Row { schemas: false, ..row("deepseek", "deepseek/deepseek-chat") },
    row("grok", "grok/grok-4.20"),
    Row { stream_usage: false, ..row("perplexity-ai", "perplexity/anthropic/claude-haiku-4-5") },
    unpriced("openrouter", "openrouter/anthropic/claude-haiku-4.5"),
    row("cerebras", "cerebras/gpt-oss-120b"),
    row("baseten", "baseten/deepseek-ai/DeepSeek-V3.1"),
    unpriced("parallel", "parallel/speed"),
    row("fireworks", "fireworks/accounts/fireworks/models/gpt-oss-20b"),
    unpriced("huggingface", "huggingface/openai/gpt-oss-20b"),
    row("azure-openai", "azure-openai/res1/gpt-4o-mini"),
];

/// Providers of the API host, and a model by its name there.
pub(super) const AUTHORS: &[(&str, &str)] = &[
    ("openai", "openai/gpt-4.1"),
    ("anthropic", "anthropic/claude-haiku-4.5"),
    ("google-ai-studio", "google/gemini-2.5-flash"),
    ("grok", "xai/grok-4.20"),
    ("groq", "groq/openai/gpt-oss-20b"),
    ("deepseek", "deepseek/deepseek-v4-flash"),
    ("alibaba", "alibaba/deepseek-v4-flash"),
    ("minimax", "minimax/MiniMax-M2.5"),
];

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Text,
    Tool,
    Tools,
    Results,
    Schema,
    Image,
}

pub(super) const CASES: [Case; 6] =
    [Case::Text, Case::Tool, Case::Tools, Case::Results, Case::Schema, Case::Image];

/// What cannot be, and the parameter that the refusal names.
pub(super) const REFUSED: &[(&str, Case, &str)] = &[
    ("perplexity-ai", Case::Tool, "tools"),
    ("perplexity-ai", Case::Tools, "tools"),
    ("perplexity-ai", Case::Results, "tools"),
    ("parallel", Case::Tool, "tools"),
    ("parallel", Case::Tools, "tools"),
    ("parallel", Case::Results, "tools"),
];

const PIXEL: &str = "data:image/png;base64,\
    iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

fn tool(name: &str) -> Value {
    let parameters = json!({"type": "object", "properties": {"city": {"type": "string"}},
        "required": ["city"]});
    json!({"type": "function",
        "function": {"name": name, "description": "Tells it.", "parameters": parameters}})
}

/// The body of a request.
pub(super) fn body(model: &str, case: Case) -> Value {
    let user = |content: Value| json!([{"role": "user", "content": content}]);
    let mut body = match case {
        Case::Text => json!({"messages": [{"role": "system", "content": "Be brief."},
            {"role": "user", "content": "How is the river?"}]}),
        Case::Tool => json!({"messages": user(json!("Call get_weather now")),
            "tools": [tool("get_weather"), tool("get_time")]}),
        Case::Tools => json!({"messages": user(json!("Call get_weather and get_time now")),
            "tools": [tool("get_weather"), tool("get_time")]}),
        Case::Results => results(),
        Case::Schema => {
            let schema = json!({"type": "object", "additionalProperties": false,
                "properties": {"city": {"type": "string"}, "warm": {"type": "boolean"}},
                "required": ["city", "warm"]});
            json!({"messages": user(json!("Describe a town")), "response_format":
                {"type": "json_schema", "json_schema":
                    {"name": "town", "strict": true, "schema": schema}}})
        }
        Case::Image => json!({"messages": user(json!([
            {"type": "text", "text": "What is shown?"},
            {"type": "image_url", "image_url": {"url": PIXEL}}]))}),
    };
    body["model"] = json!(model);
    body
}

/// Two calls and their results.
fn results() -> Value {
    let call = |id: &str, name: &str| {
        json!({"id": id, "type": "function",
            "function": {"name": name, "arguments": r#"{"city":"Bern"}"#}})
    };
    let messages = json!([
        {"role": "user", "content": "Weather and time in Bern?"},
        {"role": "assistant", "content": null,
            "tool_calls": [call("call_1", "get_weather"), call("call_2", "get_time")]},
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
        {"role": "tool", "tool_call_id": "call_2", "content": "{\"hour\": 12}"},
    ]);
    json!({"messages": messages, "tools": [tool("get_weather"), tool("get_time")]})
}
