//! OpenAI Chat Completions: the request, and the answer as one document.

mod stream;

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{self, Choice, Finish, Usage};
use super::fault::Fault;
use super::prompt::{Content, Format, Prompt, Tool, ToolChoice};
use super::reply::{Call, Operation, Reply};
use super::{seed, tokens};

/// Most choices of one request, as at OpenAI.
const MAX_CHOICES: u32 = 128;

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
    response_format: Option<Value>,
}

#[derive(Deserialize)]
struct Message {
    role: String,
    content: Option<Content>,
    tool_calls: Option<Value>,
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
        tokens::PER_MESSAGE
            + self.content.as_ref().map_or(0, Content::tokens)
            + self.tool_calls.as_ref().map_or(0, tokens::of_json)
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
            call,
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
        }
    }

    fn tool_choice(&self) -> ToolChoice<'_> {
        match &self.tool_choice {
            Some(Value::String(word)) if word == "none" => ToolChoice::None,
            Some(Value::String(word)) if word == "required" => ToolChoice::Required,
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

impl Operation for Request {
    fn model(&self) -> &str {
        &self.model
    }

    fn reply(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        if self.messages.is_empty() {
            return Err(Fault::bad_request("`messages` must not be empty.").with_param("messages"));
        }
        let count = self.n.unwrap_or(1);
        if !(1..=MAX_CHOICES).contains(&count) {
            return Err(Fault::bad_request("`n` must be from 1 to 128.").with_param("n"));
        }
        let prompt = self.prompt(call);
        let choices: Vec<Choice> = (0..count).map(|index| answer::choose(&prompt, index)).collect();
        let output = choices.iter().map(|choice| choice.tokens).sum();
        let usage = usage_json(answer::usage(&prompt, output));
        if self.stream == Some(true) {
            let options = self.stream_options.as_ref();
            let with_usage = options.and_then(|options| options.include_usage) == Some(true);
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

const FINGERPRINT: &str = "fp_simulated";

fn message(call: &Call<'_>, index: usize, choice: &Choice) -> Value {
    match &choice.content {
        answer::Content::Text(text) => {
            json!({ "role": "assistant", "content": text, "refusal": null, "annotations": [] })
        }
        answer::Content::ToolCall { name, arguments } => json!({
            "role": "assistant",
            "content": null,
            "tool_calls": [{
                "id": tool_call_id(call, index),
                "type": "function",
                "function": { "name": name, "arguments": arguments },
            }],
            "refusal": null,
            "annotations": [],
        }),
    }
}

fn tool_call_id(call: &Call<'_>, index: usize) -> String {
    format!("{}{index}", call.id("call_"))
}

const fn finish_reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
        Finish::ToolCall => "tool_calls",
    }
}

fn usage_json(usage: Usage) -> Value {
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
    value
}
