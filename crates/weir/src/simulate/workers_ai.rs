//! Workers AI's own surface: `/ai/run/@cf/...`, with everything in Cloudflare's envelope.

mod embed;
mod stream;

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{self, Block, Finish, Usage};
use super::dispatch::{self, boxed};
use super::fault::Fault;
use super::prompt::{Content, Format, Prompt, Tool, ToolChoice};
use super::reply::{Call, Operation, Reply};
use super::tokens;

/// The token limit where a request has none; it is small at the real one too.
const DEFAULT_MAX_TOKENS: u64 = 256;

#[derive(Deserialize)]
struct Body {
    prompt: Option<String>,
    messages: Option<Vec<Message>>,
    stream: Option<bool>,
    max_tokens: Option<u64>,
    temperature: Option<f64>,
    tools: Option<Vec<OfferedTool>>,
    tool_choice: Option<Value>,
    response_format: Option<Value>,
}

#[derive(Deserialize)]
struct Message {
    role: String,
    content: Option<Content>,
}

/// A tool in Cloudflare's own form, or in OpenAI's.
#[derive(Deserialize)]
struct OfferedTool {
    name: Option<String>,
    parameters: Option<Value>,
    function: Option<Function>,
}

#[derive(Deserialize)]
struct Function {
    name: String,
    parameters: Option<Value>,
}

/// A request for text.
struct Ask(String, Body);

/// Parses the input of a model; what it is for is told by its fields.
///
/// # Errors
/// 400 when they fit no kind of model.
pub(super) fn parse(model: String, body: &[u8]) -> Result<Box<dyn Operation>, Fault> {
    let input: Value = dispatch::parse(body)?;
    if input.get("text").is_some() {
        return boxed(embed::Request::parse(model, body));
    }
    let body: Body = dispatch::parse(body)?;
    let given = body.prompt.is_some() || body.messages.as_ref().is_some_and(|it| !it.is_empty());
    if !given {
        return Err(Fault::bad_request(
            "AiError: Bad input: one of `prompt` and `messages` is required, or `text` for \
             embeddings.",
        ));
    }
    if body.prompt.is_some() && body.messages.is_some() {
        return Err(Fault::bad_request("AiError: Bad input: `prompt` and `messages` exclude."));
    }
    if body.temperature.is_some_and(|value| !(0.0..=5.0).contains(&value)) {
        return Err(Fault::bad_request("AiError: Bad input: `temperature` must be from 0 to 5."));
    }
    boxed(Ok(Ask(model, body)))
}

impl OfferedTool {
    fn tool(&self) -> Option<Tool<'_>> {
        Some(match &self.function {
            Some(function) => {
                Tool { name: &function.name, parameters: function.parameters.as_ref() }
            }
            None => Tool { name: self.name.as_deref()?, parameters: self.parameters.as_ref() },
        })
    }
}

impl Body {
    fn tokens(&self, tools: &[Tool<'_>]) -> u64 {
        let message = |message: &Message| {
            tokens::PER_MESSAGE + message.content.as_ref().map_or(0, Content::tokens)
        };
        let prompt = self.prompt.as_deref();
        tokens::PER_REQUEST
            + prompt.map_or(0, |prompt| tokens::PER_MESSAGE + tokens::of_text(prompt))
            + self.messages.iter().flatten().map(message).sum::<u64>()
            + tools.iter().map(Tool::tokens).sum::<u64>()
    }

    fn prompt<'a>(&'a self, call: &'a Call<'a>) -> Prompt<'a> {
        let tools: Vec<Tool<'_>> =
            self.tools.iter().flatten().filter_map(OfferedTool::tool).collect();
        let last = self.messages.iter().flatten().last();
        let text = last.and_then(|last| last.content.as_ref()).map(Content::text);
        let schema = self.response_format.as_ref().and_then(|format| format.get("json_schema"));
        Prompt {
            last: text.or_else(|| self.prompt.clone()).unwrap_or_default(),
            answers_tool: last.is_some_and(|last| last.role == "tool"),
            input_tokens: self.tokens(&tools),
            tools,
            tool_choice: match self.tool_choice.as_ref().and_then(Value::as_str) {
                Some("none") => ToolChoice::None,
                Some("required" | "any") => ToolChoice::Required,
                _ => ToolChoice::Auto,
            },
            format: match (&self.response_format, schema) {
                // OpenAI's wrapping around the schema is taken too.
                (_, Some(schema)) => Format::JsonSchema(schema.get("schema").unwrap_or(schema)),
                (Some(_), None) => Format::JsonObject,
                (None, None) => Format::Text,
            },
            max_tokens: Some(self.max_tokens.unwrap_or(DEFAULT_MAX_TOKENS)),
            ..Prompt::new(call)
        }
    }
}

impl Operation for Ask {
    fn model(&self) -> &str {
        &self.0
    }

    fn reply(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        let prompt = self.1.prompt(call);
        let choice = answer::choose(&prompt, 0);
        if choice.finish == Finish::Filtered {
            return Err(Fault::bad_request(
                "AiError: the input was refused by the model's filter.",
            ));
        }
        let usage = answer::usage(&prompt, std::slice::from_ref(&choice));
        if self.1.stream == Some(true) {
            return Ok(stream::write(&prompt, &choice, usage));
        }
        let mut response = Value::Null;
        let mut calls = Vec::new();
        for block in choice.blocks(false) {
            match block {
                // A JSON answer comes as JSON, not as text of it.
                Block::Text(text) if prompt.format != Format::Text => {
                    response = serde_json::from_str(text).unwrap_or_else(|_| json!(text));
                }
                Block::Text(text) => response = json!(text),
                Block::ToolCall(_, made) => calls.push(tool_call(made)),
                Block::Thoughts(_) => {}
            }
        }
        let mut result = json!({ "response": response, "usage": usage_json(usage) });
        if !calls.is_empty() {
            result["tool_calls"] = json!(calls);
        }
        Ok(envelope(&result))
    }
}

/// A call, which has no id there; arguments are an object.
fn tool_call(made: &answer::ToolCall) -> Value {
    let arguments: Value = serde_json::from_str(&made.arguments).unwrap_or_else(|_| json!({}));
    json!({ "name": made.name, "arguments": arguments })
}

fn usage_json(usage: Usage) -> Value {
    json!({
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
    })
}

/// Cloudflare's envelope around a result.
fn envelope(result: &Value) -> Reply {
    Reply::document(&json!({ "result": result, "success": true, "errors": [], "messages": [] }))
}
