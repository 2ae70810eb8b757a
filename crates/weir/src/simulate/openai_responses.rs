//! OpenAI Responses: the request, and the answer as one document.

mod stream;

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{self, Choice, Finish, Usage};
use super::fault::Fault;
use super::prompt::{Content, Format, Prompt, Tool, ToolChoice};
use super::reply::{Call, Operation, Reply};
use super::{seed, tokens};

#[derive(Deserialize)]
pub(super) struct Request {
    model: String,
    input: Input,
    instructions: Option<String>,
    stream: Option<bool>,
    max_output_tokens: Option<u64>,
    tools: Option<Vec<OfferedTool>>,
    tool_choice: Option<Value>,
    text: Option<Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Input {
    Text(String),
    Items(Vec<Item>),
}

/// A message, a tool call sent back, or its output.
#[derive(Deserialize)]
struct Item {
    #[serde(rename = "type")]
    kind: Option<String>,
    content: Option<Content>,
    arguments: Option<String>,
    output: Option<Content>,
}

/// Hosted tools have no name; they are accepted and never used.
#[derive(Deserialize)]
struct OfferedTool {
    name: Option<String>,
    parameters: Option<Value>,
}

impl Item {
    fn tokens(&self) -> u64 {
        let contents = [&self.content, &self.output];
        tokens::PER_MESSAGE
            + contents.into_iter().flatten().map(Content::tokens).sum::<u64>()
            + self.arguments.as_deref().map_or(0, tokens::of_text)
    }
}

impl Request {
    fn prompt<'a>(&'a self, call: &'a Call<'a>) -> Prompt<'a> {
        let tools: Vec<Tool<'_>> = self
            .tools
            .iter()
            .flatten()
            .filter_map(|tool| {
                Some(Tool { name: tool.name.as_deref()?, parameters: tool.parameters.as_ref() })
            })
            .collect();
        let (input_tokens, last, answers_tool) = match &self.input {
            Input::Text(text) => (tokens::PER_MESSAGE + tokens::of_text(text), text.clone(), false),
            Input::Items(items) => {
                let last = items.last();
                let content = last.and_then(|last| last.content.as_ref().or(last.output.as_ref()));
                let kind = last.and_then(|last| last.kind.as_deref());
                (
                    items.iter().map(Item::tokens).sum(),
                    content.map(Content::text).unwrap_or_default(),
                    kind == Some("function_call_output"),
                )
            }
        };
        let input_tokens = input_tokens
            + tokens::PER_REQUEST
            + self.instructions.as_deref().map_or(0, tokens::of_text)
            + tools.iter().map(Tool::tokens).sum::<u64>();
        Prompt {
            call,
            last,
            answers_tool,
            tools,
            tool_choice: self.tool_choice(),
            format: self.format(),
            max_tokens: self.max_output_tokens,
            input_tokens,
        }
    }

    fn tool_choice(&self) -> ToolChoice<'_> {
        match &self.tool_choice {
            Some(Value::String(word)) if word == "none" => ToolChoice::None,
            Some(Value::String(word)) if word == "required" => ToolChoice::Required,
            Some(choice) => {
                let name = choice.get("name").and_then(Value::as_str);
                name.map_or(ToolChoice::Auto, ToolChoice::Named)
            }
            None => ToolChoice::Auto,
        }
    }

    fn format(&self) -> Format<'_> {
        let Some(format) = self.text.as_ref().and_then(|text| text.get("format")) else {
            return Format::Text;
        };
        match format.get("type").and_then(Value::as_str) {
            Some("json_object") => Format::JsonObject,
            Some("json_schema") => {
                format.get("schema").map_or(Format::JsonObject, Format::JsonSchema)
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
        if matches!(&self.input, Input::Items(items) if items.is_empty()) {
            return Err(Fault::bad_request("`input` must not be empty.").with_param("input"));
        }
        let prompt = self.prompt(call);
        let choice = answer::choose(&prompt, 0);
        let usage = answer::usage(&prompt, choice.tokens);
        if self.stream == Some(true) {
            return Ok(stream::write(&prompt, &choice, usage));
        }
        Ok(Reply::document(&finished(call, &choice, usage)))
    }
}

/// The response object when the answer is complete.
fn finished(call: &Call<'_>, choice: &Choice, usage: Usage) -> Value {
    let mut response = response(call, status(choice.finish));
    response["output"] = json!([item(call, choice)]);
    response["usage"] = json!({
        "input_tokens": usage.input,
        "input_tokens_details": { "cached_tokens": usage.cached },
        "output_tokens": usage.output,
        "output_tokens_details": { "reasoning_tokens": usage.reasoning },
        "total_tokens": usage.input + usage.output,
    });
    if choice.finish == Finish::Length {
        response["incomplete_details"] = json!({ "reason": "max_output_tokens" });
    }
    response
}

/// The response object with nothing in it yet.
fn response(call: &Call<'_>, status: &str) -> Value {
    json!({
        "id": call.id("resp_"),
        "object": "response",
        "created_at": seed::CREATED,
        "status": status,
        "error": null,
        "incomplete_details": null,
        "instructions": null,
        "metadata": {},
        "model": call.model,
        "output": [],
        "parallel_tool_calls": true,
        "tool_choice": "auto",
        "tools": [],
        "usage": null,
    })
}

/// The one output item, complete.
fn item(call: &Call<'_>, choice: &Choice) -> Value {
    let status = status(choice.finish);
    match &choice.content {
        answer::Content::Text(text) => json!({
            "id": call.id("msg_"),
            "type": "message",
            "status": status,
            "role": "assistant",
            "content": [{ "type": "output_text", "text": text, "annotations": [] }],
        }),
        answer::Content::ToolCall { name, arguments } => json!({
            "id": call.id("fc_"),
            "type": "function_call",
            "status": status,
            "call_id": call.id("call_"),
            "name": name,
            "arguments": arguments,
        }),
    }
}

const fn status(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop | Finish::ToolCall => "completed",
        Finish::Length => "incomplete",
    }
}
