//! The most that a request can make its provider charge for, as far as it says itself: for limits
//! that must hold before the call is made.
//!
//! An estimate may be off either way; this must not be too low. So only what is known to be plain
//! text counts as such, only the word for the longest answer that the endpoint goes by counts, and
//! everything unknown counts as more.

use serde_json::{Map, Value};

use crate::dialect::Dialect;

/// Tokens beside those of the body's own bytes: what providers put around messages and tools.
const AROUND: u64 = 1024;

/// Objects inside objects that are looked into.
const DEEPEST: u32 = 64;

/// What bounds the tokens of a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Prompt {
    /// It is text: there are no more of them than this.
    Text(u64),
    /// It has pictures, files, sound, or something that lies at the provider: only the model itself
    /// bounds them.
    Context,
    /// The provider may run tools of its own and so ask the model as often as it likes.
    Open,
}

/// What a request can use at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Tokens of its prompt.
    pub prompt: Prompt,
    /// Tokens of one answer, where it says so in a word that its endpoint goes by.
    pub output: Option<u64>,
    /// How many answers it asks for.
    pub answers: u64,
}

/// Reads a request in a dialect. `newer_word`: its endpoint goes by `max_completion_tokens`.
pub fn of_conversation(body: &[u8], dialect: Dialect, newer_word: bool) -> Bounds {
    let Ok(Value::Object(request)) = serde_json::from_slice(body) else { return Bounds::OPEN };
    let prompt = prompt(&request, body.len());
    let (output, answers) = answer(&request, dialect, newer_word);
    // A predicted answer that does not come is charged for, beyond the longest answer.
    let output = output.filter(|_| is_absent(&request, "prediction"));
    Bounds { prompt, output, answers }
}

/// Reads a request for vectors, which have no tokens.
pub fn of_embeddings(body: &[u8]) -> Bounds {
    let Ok(Value::Object(request)) = serde_json::from_slice(body) else { return Bounds::OPEN };
    Bounds { prompt: prompt(&request, body.len()), output: Some(0), answers: 1 }
}

impl Bounds {
    /// Of a request that cannot be read.
    pub const OPEN: Self = Self { prompt: Prompt::Open, output: None, answers: 1 };
}

fn prompt(request: &Map<String, Value>, bytes: usize) -> Prompt {
    const OPEN: [&str; 12] = [
        "web_search_options",
        "search_parameters",
        "mcp_servers",
        "plugins",
        "container",
        "models",
        "route",
        "fallbacks",
        "transforms",
        "data_sources",
        // Who serves the model at a router, which decides on its price, and settings kept there.
        "provider",
        "preset",
    ];
    const ELSEWHERE: [&str; 4] =
        ["previous_response_id", "conversation", "cachedContent", "cached_content"];
    if OPEN.iter().any(|key| !is_absent(request, key)) || tools_run_there(request) {
        return Prompt::Open;
    }
    // A prompt that is stored at the provider is named by an object.
    let stored = request.get("prompt").is_some_and(Value::is_object);
    if stored || ELSEWHERE.iter().any(|key| !is_absent(request, key)) {
        return Prompt::Context;
    }
    let is_text = request.iter().all(|(key, value)| {
        // Declarations are text, whatever words they use.
        matches!(key.as_str(), "tools" | "toolConfig" | "functions") || is_text(key, value, 0)
    });
    // Every token stands for a byte at least.
    if is_text { Prompt::Text(bytes as u64 + AROUND) } else { Prompt::Context }
}

/// Whether any tool is not one of the client's own functions.
fn tools_run_there(request: &Map<String, Value>) -> bool {
    let own = |tool: &Value| match tool.get("type").and_then(Value::as_str) {
        Some(kind) => matches!(kind, "function" | "custom"),
        // Anthropic's have a schema, Gemini's come in one list, and that alone.
        None => match tool.as_object() {
            Some(fields) if fields.contains_key("input_schema") => true,
            Some(fields) => fields.keys().all(|key| {
                matches!(key.as_str(), "functionDeclarations" | "function_declarations")
            }),
            None => false,
        },
    };
    match request.get("tools") {
        None | Some(Value::Null) => false,
        Some(Value::Array(tools)) => !tools.iter().all(own),
        Some(_) => true,
    }
}

/// Whether a value holds nothing but text.
fn is_text(key: &str, value: &Value, depth: u32) -> bool {
    /// Members that hold a schema or the arguments of a function: text, whatever is in them.
    const OPAQUE: [&str; 14] = [
        "parameters",
        "input_schema",
        "schema",
        "json_schema",
        "response_schema",
        "responseSchema",
        "responseJsonSchema",
        "arguments",
        "args",
        "functionResponse",
        "function_response",
        "metadata",
        "logit_bias",
        "stop",
    ];
    /// Members that stand for something else than the text that they are.
    const OTHER: [&str; 15] = [
        "inlineData",
        "inline_data",
        "fileData",
        "file_data",
        "file_id",
        "file_url",
        "image_url",
        "input_audio",
        "image",
        "images",
        "document",
        "video",
        "audio",
        "file",
        "source",
    ];
    if depth > DEEPEST || OTHER.contains(&key) && !value.is_null() {
        return false;
    }
    if OPAQUE.contains(&key) {
        return true;
    }
    match value {
        Value::Array(items) => items.iter().all(|item| is_text("", item, depth + 1)),
        Value::Object(fields) => {
            let kind = fields.get("type").and_then(Value::as_str);
            kind.is_none_or(is_text_type)
                && fields.iter().all(|(key, value)| {
                    // The arguments of Anthropic's calls.
                    (kind == Some("tool_use") && key == "input") || is_text(key, value, depth + 1)
                })
        }
        _ => true,
    }
}

/// Types of parts and of settings that are text, or none.
fn is_text_type(kind: &str) -> bool {
    const TYPES: [&str; 27] = [
        "text",
        "input_text",
        "output_text",
        "message",
        "function",
        "custom",
        "function_call",
        "function_call_output",
        "custom_tool_call",
        "custom_tool_call_output",
        "tool_use",
        "tool_result",
        "thinking",
        "redacted_thinking",
        "reasoning",
        "reasoning_text",
        "summary_text",
        "refusal",
        "json_object",
        "json_schema",
        "ephemeral",
        "enabled",
        "disabled",
        "adaptive",
        "auto",
        "any",
        "tool",
    ];
    TYPES.contains(&kind) || kind == "none"
}

/// The longest answer, and how many there are to be.
fn answer(request: &Map<String, Value>, dialect: Dialect, newer_word: bool) -> (Option<u64>, u64) {
    let count = |fields: &Map<String, Value>, key: &str| fields.get(key).and_then(whole);
    let most = |keys: &[&str]| keys.iter().filter_map(|key| count(request, key)).max();
    match dialect {
        Dialect::OpenAiChat => {
            let newer = count(request, "max_completion_tokens");
            let older = count(request, "max_tokens");
            let output = if newer_word || older.is_some() { newer.max(older) } else { None };
            let prompts = request.get("prompt").and_then(Value::as_array).map_or(1, Vec::len);
            let answers = most(&["n", "best_of"]).unwrap_or(1).max(1);
            (output, answers.saturating_mul(prompts.max(1) as u64))
        }
        Dialect::OpenAiResponses => (count(request, "max_output_tokens"), 1),
        Dialect::Anthropic => (count(request, "max_tokens"), 1),
        Dialect::Gemini => {
            let settings = |key: &str| request.get(key).and_then(Value::as_object);
            let settings = settings("generationConfig").or_else(|| settings("generation_config"));
            let of = |keys: [&str; 2]| {
                let settings = settings?;
                keys.iter().filter_map(|key| count(settings, key)).max()
            };
            let answers = of(["candidateCount", "candidate_count"]).unwrap_or(1).max(1);
            (of(["maxOutputTokens", "max_output_tokens"]), answers)
        }
    }
}

/// A count, rounded up; some clients count in floats.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not below zero, and what is too large saturates"
)]
fn whole(value: &Value) -> Option<u64> {
    let float =
        || value.as_f64().filter(|number| *number >= 0.0).map(|number| number.ceil() as u64);
    value.as_u64().or_else(float)
}

fn is_absent(request: &Map<String, Value>, key: &str) -> bool {
    request.get(key).is_none_or(Value::is_null)
}

#[cfg(test)]
mod tests;
