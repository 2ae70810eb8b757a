//! OpenAI Chat Completions: the request, and the answer as one document.

mod stream;
mod validate;

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{self, Block, Choice, Finish, Usage};
use super::events::ErrorEvent;
use super::fault::Fault;
use super::prompt::{Content, Format, OneOrMany, Prompt, Tool, ToolChoice};
use super::reply::{Call, Operation, Reply};
use super::{seed, tokens};

const FINGERPRINT: &str = "fp_simulated";

#[derive(Deserialize)]
pub(super) struct Request {
    model: String,
    messages: Vec<Message>,
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    n: Option<u32>,
    max_tokens: Option<u64>,
    max_completion_tokens: Option<u64>,
    tools: Option<Vec<OfferedTool>>,
    tool_choice: Option<Value>,
    parallel_tool_calls: Option<bool>,
    response_format: Option<Value>,
    reasoning_effort: Option<String>,
    stop: Option<OneOrMany>,
}

#[derive(Deserialize)]
struct Message {
    role: String,
    content: Option<Content>,
    tool_calls: Option<Vec<SentToolCall>>,
    tool_call_id: Option<String>,
}

/// A tool call that is sent back.
#[derive(Deserialize)]
struct SentToolCall {
    id: Option<String>,
    function: Option<SentFunction>,
}

#[derive(Deserialize)]
struct SentFunction {
    name: String,
    arguments: Option<String>,
}

#[derive(Deserialize)]
struct StreamOptions {
    include_usage: Option<bool>,
}

#[derive(Deserialize)]
struct OfferedTool {
    function: Option<Function>,
}

#[derive(Deserialize)]
struct Function {
    name: String,
    parameters: Option<Value>,
}

impl Message {
    fn tokens(&self) -> u64 {
        let call = |call: &SentToolCall| {
            call.function.as_ref().map_or(0, |function| {
                tokens::of_text(&function.name)
                    + function.arguments.as_deref().map_or(0, tokens::of_text)
            })
        };
        tokens::PER_MESSAGE
            + self.content.as_ref().map_or(0, Content::tokens)
            + self.tool_calls.iter().flatten().map(call).sum::<u64>()
    }
}

impl Request {
    fn prompt<'a>(&'a self, call: &'a Call<'a>) -> Prompt<'a> {
        let tools: Vec<Tool<'_>> = self
            .tools
            .iter()
            .flatten()
            .filter_map(|tool| tool.function.as_ref())
            .map(|function| Tool { name: &function.name, parameters: function.parameters.as_ref() })
            .collect();
        let input_tokens = tokens::PER_REQUEST
            + self.messages.iter().map(Message::tokens).sum::<u64>()
            + tools.iter().map(Tool::tokens).sum::<u64>();
        let last = self.messages.last();
        Prompt {
            last: last
                .and_then(|last| last.content.as_ref())
                .map(Content::text)
                .unwrap_or_default(),
            answers_tool: last.is_some_and(|last| last.role == "tool" || last.role == "function"),
            tools,
            tool_choice: self.tool_choice(),
            format: self.format(),
            max_tokens: self.max_completion_tokens.or(self.max_tokens),
            input_tokens,
            thinks: self.thinks(call),
            parallel: self.parallel_tool_calls != Some(false),
            stop: OneOrMany::texts(self.stop.as_ref()),
            ..Prompt::new(call)
        }
    }

    /// Thinking is asked for by its effort; some models do it by themselves.
    fn thinks(&self, call: &Call<'_>) -> bool {
        match self.reasoning_effort.as_deref() {
            Some(effort) => effort != "none",
            None => shows_thoughts(call),
        }
    }

    fn tool_choice(&self) -> ToolChoice<'_> {
        match &self.tool_choice {
            Some(Value::String(word)) if word == "none" => ToolChoice::None,
            // `any` is Mistral's word.
            Some(Value::String(word)) if word == "required" || word == "any" => {
                ToolChoice::Required
            }
            Some(choice) => choice
                .pointer("/function/name")
                .and_then(Value::as_str)
                .map_or(ToolChoice::Auto, ToolChoice::Named),
            None => ToolChoice::Auto,
        }
    }

    fn format(&self) -> Format<'_> {
        let Some(format) = &self.response_format else { return Format::Text };
        match format.get("type").and_then(Value::as_str) {
            Some("json_object") => Format::JsonObject,
            Some("json_schema") => {
                format.pointer("/json_schema/schema").map_or(Format::JsonObject, Format::JsonSchema)
            }
            _ => Format::Text,
        }
    }
}

/// DeepSeek's models show what they think; OpenAI's only count it.
fn shows_thoughts(call: &Call<'_>) -> bool {
    call.model.contains("deepseek")
}

/// These providers send the usage of a stream unasked, and know no `stream_options`.
fn always_counts(call: &Call<'_>) -> bool {
    ["mistral", "sonar"].iter().any(|name| call.model.contains(name))
}

impl Operation for Request {
    fn model(&self) -> &str {
        &self.model
    }

    fn reply(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        validate::check(self)?;
        let prompt = self.prompt(call);
        let choices: Vec<Choice> =
            (0..self.n.unwrap_or(1)).map(|index| answer::choose(&prompt, index)).collect();
        let usage = usage_json(call, answer::usage(&prompt, &choices));
        if self.stream == Some(true) {
            let options = self.stream_options.as_ref();
            let asked = options.and_then(|options| options.include_usage) == Some(true);
            let with_usage = asked || always_counts(call);
            return Ok(stream::write(&prompt, &choices, with_usage.then_some(&usage)));
        }
        let choices: Vec<Value> = choices
            .iter()
            .enumerate()
            .map(|(index, choice)| {
                json!({
                    "index": index,
                    "message": message(call, index, choice),
                    "logprobs": null,
                    "finish_reason": finish_reason(choice.finish),
                })
            })
            .collect();
        Ok(Reply::document(&json!({
            "id": call.id("chatcmpl-"),
            "object": "chat.completion",
            "created": seed::CREATED,
            "model": call.model,
            "choices": choices,
            "usage": usage,
            "service_tier": "default",
            "system_fingerprint": FINGERPRINT,
        })))
    }
}

fn message(call: &Call<'_>, index: usize, choice: &Choice) -> Value {
    let mut message = json!({
        "role": "assistant",
        "content": null,
        "refusal": null,
        "annotations": [],
    });
    let mut calls = Vec::new();
    for block in choice.blocks(shows_thoughts(call)) {
        match block {
            Block::Thoughts(text) => message["reasoning_content"] = json!(text),
            Block::Text(text) => message["content"] = json!(text),
            Block::ToolCall(nth, tool_call) => calls.push(json!({
                "id": tool_call_id(call, index, nth),
                "type": "function",
                "function": { "name": tool_call.name, "arguments": tool_call.arguments },
            })),
        }
    }
    if calls.is_empty() {
        if message["content"].is_null() {
            message["content"] = json!("");
        }
    } else {
        message["tool_calls"] = json!(calls);
    }
    message
}

fn tool_call_id(call: &Call<'_>, choice: usize, nth: usize) -> String {
    call.nth_id("call_", choice * 1000 + nth)
}

const fn finish_reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
        Finish::ToolCall => "tool_calls",
        Finish::Filtered => "content_filter",
    }
}

pub(super) fn usage_json(call: &Call<'_>, usage: Usage) -> Value {
    let mut value = json!({
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": { "cached_tokens": usage.cached, "audio_tokens": 0 },
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    });
    // Only newer models report it at all.
    if usage.cache_write > 0 {
        value["prompt_tokens_details"]["cache_write_tokens"] = usage.cache_write.into();
    }
    if shows_thoughts(call) {
        value["prompt_cache_hit_tokens"] = usage.cached.into();
        value["prompt_cache_miss_tokens"] = (usage.input - usage.cached).into();
    }
    value
}

/// The event of a failure in the middle of a stream of this dialect.
pub(super) const ERROR: ErrorEvent = |_| {
    let message = "This failure was ordered by the model's name.";
    let error = json!({ "message": message, "type": "server_error", "param": null, "code": null });
    ("", json!({ "error": error }))
};
