//! OpenAI Responses: the request, and the answer as one document.

mod stream;
mod validate;

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{self, Block, Choice, Finish, Usage};
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
    parallel_tool_calls: Option<bool>,
    previous_response_id: Option<String>,
    text: Option<Value>,
    reasoning: Option<Reasoning>,
}

#[derive(Deserialize)]
struct Reasoning {
    effort: Option<String>,
    summary: Option<String>,
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
    call_id: Option<String>,
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
            last,
            answers_tool,
            tools,
            tool_choice: self.tool_choice(),
            format: self.format(),
            max_tokens: self.max_output_tokens,
            input_tokens,
            thinks: self
                .reasoning
                .as_ref()
                .and_then(|asked| asked.effort.as_deref())
                .is_some_and(|effort| effort != "none"),
            parallel: self.parallel_tool_calls != Some(false),
            ..Prompt::new(call)
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
        validate::check(self)?;
        let prompt = self.prompt(call);
        let choice = answer::choose(&prompt, 0);
        let usage = answer::usage(&prompt, std::slice::from_ref(&choice));
        let output = Output {
            choice: &choice,
            usage,
            summarised: self.reasoning.as_ref().is_some_and(|asked| asked.summary.is_some()),
        };
        if self.stream == Some(true) {
            return Ok(stream::write(&prompt, &output));
        }
        Ok(Reply::document(&finished(call, &output)))
    }
}

/// What an answer shows.
struct Output<'a> {
    choice: &'a Choice,
    usage: Usage,
    /// Thoughts are told in a summary; otherwise their item is empty.
    summarised: bool,
}

/// The response object when the answer is complete.
fn finished(call: &Call<'_>, output: &Output<'_>) -> Value {
    let Output { choice, usage, .. } = *output;
    let mut response = response(call, status(choice.finish));
    let items: Vec<Value> =
        choice.blocks(true).into_iter().map(|block| item(call, output, block)).collect();
    response["output"] = json!(items);
    response["usage"] = json!({
        "input_tokens": usage.input,
        "input_tokens_details": { "cached_tokens": usage.cached },
        "output_tokens": usage.output,
        "output_tokens_details": { "reasoning_tokens": usage.reasoning },
        "total_tokens": usage.input + usage.output,
    });
    match choice.finish {
        Finish::Length => response["incomplete_details"] = json!({ "reason": "max_output_tokens" }),
        Finish::Filtered => response["incomplete_details"] = json!({ "reason": "content_filter" }),
        Finish::Stop | Finish::ToolCall => {}
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

/// One output item, complete.
fn item(call: &Call<'_>, output: &Output<'_>, block: Block<'_>) -> Value {
    let status = status(output.choice.finish);
    match block {
        Block::Thoughts(text) => {
            let summary = json!([{ "type": "summary_text", "text": text }]);
            json!({
                "id": call.id("rs_"),
                "type": "reasoning",
                "summary": if output.summarised { summary } else { json!([]) },
            })
        }
        Block::Text(text) => json!({
            "id": call.id("msg_"),
            "type": "message",
            "status": status,
            "role": "assistant",
            "content": [{ "type": "output_text", "text": text, "annotations": [] }],
        }),
        Block::ToolCall(nth, tool_call) => json!({
            "id": call.nth_id("fc_", nth),
            "type": "function_call",
            "status": status,
            "call_id": call.nth_id("call_", nth),
            "name": tool_call.name,
            "arguments": tool_call.arguments,
        }),
    }
}

const fn status(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop | Finish::ToolCall => "completed",
        Finish::Length | Finish::Filtered => "incomplete",
    }
}
