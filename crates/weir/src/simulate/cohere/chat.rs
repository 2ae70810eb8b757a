//! `POST /v2/chat`: the request, and the answer as one document.

mod stream;
mod validate;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::simulate::answer::{self, Block, Choice, Finish, Usage};
use crate::simulate::fault::Fault;
use crate::simulate::prompt::{Content, Format, Prompt, Tool, ToolChoice};
use crate::simulate::reply::{Call, Operation, Reply};
use crate::simulate::tokens;

/// What is said before a tool is called.
const PLAN: &str = "I will use a tool for this.";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::simulate) struct Request {
    model: String,
    messages: Vec<Message>,
    stream: Option<bool>,
    tools: Option<Vec<OfferedTool>>,
    tool_choice: Option<String>,
    response_format: Option<Value>,
    max_tokens: Option<u64>,
    stop_sequences: Option<Vec<String>>,
    temperature: Option<f64>,
    frequency_penalty: Option<f64>,
    presence_penalty: Option<f64>,
    k: Option<u64>,
    p: Option<f64>,
    thinking: Option<Thinking>,
    #[serde(rename = "citation_options")]
    _citation_options: Option<Value>,
    #[serde(rename = "documents")]
    _documents: Option<Value>,
    #[serde(rename = "logprobs")]
    _logprobs: Option<bool>,
    #[serde(rename = "priority")]
    _priority: Option<u64>,
    #[serde(rename = "safety_mode")]
    _safety_mode: Option<String>,
    #[serde(rename = "seed")]
    _seed: Option<u64>,
    #[serde(rename = "strict_tools")]
    _strict_tools: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    role: String,
    content: Option<Content>,
    tool_calls: Option<Vec<SentToolCall>>,
    tool_call_id: Option<String>,
    tool_plan: Option<String>,
    #[serde(rename = "citations")]
    _citations: Option<Value>,
}

#[derive(Deserialize)]
struct SentToolCall {
    id: String,
    function: SentFunction,
}

#[derive(Deserialize)]
struct SentFunction {
    name: String,
    arguments: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfferedTool {
    #[serde(rename = "type")]
    kind: String,
    function: Function,
}

#[derive(Deserialize)]
struct Function {
    name: String,
    parameters: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Thinking {
    #[serde(rename = "type")]
    kind: String,
    #[serde(rename = "token_budget")]
    _token_budget: Option<u64>,
}

impl Message {
    fn tokens(&self) -> u64 {
        let call = |call: &SentToolCall| {
            tokens::of_text(&call.function.name) + tokens::of_text(&call.function.arguments)
        };
        tokens::PER_MESSAGE
            + self.content.as_ref().map_or(0, Content::tokens)
            + self.tool_plan.as_deref().map_or(0, tokens::of_text)
            + self.tool_calls.iter().flatten().map(call).sum::<u64>()
    }
}

impl Request {
    fn prompt<'a>(&'a self, call: &'a Call<'a>) -> Prompt<'a> {
        let tools: Vec<Tool<'_>> = self
            .tools
            .iter()
            .flatten()
            .map(|OfferedTool { function, .. }| Tool {
                name: &function.name,
                parameters: function.parameters.as_ref(),
            })
            .collect();
        let last = self.messages.last();
        let schema = self
            .response_format
            .as_ref()
            .and_then(|format| format.get("json_schema").or_else(|| format.get("schema")));
        let kind = self.response_format.as_ref().and_then(|format| format.get("type")?.as_str());
        Prompt {
            last: last
                .and_then(|last| last.content.as_ref())
                .map(Content::text)
                .unwrap_or_default(),
            answers_tool: last.is_some_and(|last| last.role == "tool"),
            input_tokens: tokens::PER_REQUEST
                + self.messages.iter().map(Message::tokens).sum::<u64>()
                + tools.iter().map(Tool::tokens).sum::<u64>(),
            tools,
            tool_choice: match self.tool_choice.as_deref() {
                Some("REQUIRED") => ToolChoice::Required,
                Some("NONE") => ToolChoice::None,
                _ => ToolChoice::Auto,
            },
            format: match (kind, schema) {
                (Some("json_object"), Some(schema)) => Format::JsonSchema(schema),
                (Some("json_object"), None) => Format::JsonObject,
                _ => Format::Text,
            },
            max_tokens: self.max_tokens,
            thinks: self.thinking.as_ref().is_some_and(|thinking| thinking.kind == "enabled"),
            stop: self.stop_sequences.iter().flatten().map(String::as_str).collect(),
            ..Prompt::new(call)
        }
    }
}

impl Operation for Request {
    fn model(&self) -> &str {
        &self.model
    }

    fn reply(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        validate::check(self)?;
        let prompt = self.prompt(call);
        let choice = answer::choose(&prompt, 0);
        let usage = answer::usage(&prompt, std::slice::from_ref(&choice));
        if self.stream == Some(true) {
            return Ok(stream::write(&prompt, &choice, usage));
        }
        let mut message = json!({ "role": "assistant" });
        let (mut content, mut calls) = (Vec::new(), Vec::new());
        for block in choice.blocks(true) {
            match block {
                Block::Thoughts(text) => {
                    content.push(json!({ "type": "thinking", "thinking": text }));
                }
                Block::Text(text) => content.push(json!({ "type": "text", "text": text })),
                Block::ToolCall(nth, made) => calls.push(tool_call(call, nth, made, false)),
            }
        }
        if !content.is_empty() {
            message["content"] = json!(content);
        }
        if !calls.is_empty() {
            message["tool_plan"] = json!(PLAN);
            message["tool_calls"] = json!(calls);
        }
        Ok(Reply::document(&json!({
            "id": call.id("chat_"),
            "finish_reason": finish_reason(&choice),
            "message": message,
            "usage": usage_json(usage),
        })))
    }
}

/// A call, complete or as a stream announces it.
fn tool_call(call: &Call<'_>, nth: usize, made: &answer::ToolCall, opened: bool) -> Value {
    let arguments = if opened { "" } else { &made.arguments };
    json!({
        "id": call.nth_id("call_", nth),
        "type": "function",
        "function": { "name": made.name, "arguments": arguments },
    })
}

fn usage_json(usage: Usage) -> Value {
    json!({
        "billed_units": { "input_tokens": usage.input, "output_tokens": usage.output },
        "tokens": { "input_tokens": usage.input, "output_tokens": usage.output },
        "cached_tokens": usage.cached,
    })
}

const fn finish_reason(choice: &Choice) -> &'static str {
    match choice.finish {
        Finish::Stop if choice.stop_sequence.is_some() => "STOP_SEQUENCE",
        Finish::Stop => "COMPLETE",
        Finish::Length => "MAX_TOKENS",
        Finish::ToolCall => "TOOL_CALL",
        Finish::Filtered => "ERROR_TOXIC",
    }
}
