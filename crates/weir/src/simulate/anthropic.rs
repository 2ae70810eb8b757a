//! Anthropic Messages and its token counting: the requests, and the answer as one document.

mod stream;

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{self, Choice, Finish, Usage};
use super::fault::Fault;
use super::prompt::{Content, Format, Prompt, Tool, ToolChoice};
use super::reply::{Call, Operation, Reply};
use super::tokens;

/// A request for an answer: `POST .../v1/messages`.
#[derive(Deserialize)]
pub(super) struct Request {
    #[serde(flatten)]
    input: Conversation,
    max_tokens: Option<u64>,
    stream: Option<bool>,
    output_config: Option<Value>,
}

/// A request for a count: `POST .../v1/messages/count_tokens`.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct CountRequest {
    input: Conversation,
}

/// What the model would read; the same fields in both requests.
#[derive(Deserialize)]
struct Conversation {
    model: String,
    messages: Vec<Message>,
    system: Option<Content>,
    tools: Option<Vec<OfferedTool>>,
    tool_choice: Option<Choose>,
}

#[derive(Deserialize)]
struct Message {
    content: Content,
}

#[derive(Deserialize)]
struct OfferedTool {
    name: String,
    input_schema: Option<Value>,
}

#[derive(Deserialize)]
struct Choose {
    #[serde(rename = "type")]
    kind: String,
    name: Option<String>,
}

impl Conversation {
    fn check(&self) -> Result<(), Fault> {
        if self.messages.is_empty() {
            return Err(Fault::bad_request("messages: at least one message is required"));
        }
        Ok(())
    }

    fn tools<'a>(&'a self) -> Vec<Tool<'a>> {
        let tool = |tool: &'a OfferedTool| Tool {
            name: &tool.name,
            parameters: tool.input_schema.as_ref(),
        };
        self.tools.iter().flatten().map(tool).collect()
    }

    fn tokens(&self) -> u64 {
        let message = |message: &Message| tokens::PER_MESSAGE + message.content.tokens();
        tokens::PER_REQUEST
            + self.system.as_ref().map_or(0, Content::tokens)
            + self.messages.iter().map(message).sum::<u64>()
            + self.tools().iter().map(Tool::tokens).sum::<u64>()
    }

    fn tool_choice(&self) -> ToolChoice<'_> {
        let Some(choice) = &self.tool_choice else { return ToolChoice::Auto };
        match (choice.kind.as_str(), choice.name.as_deref()) {
            ("none", _) => ToolChoice::None,
            ("any", _) => ToolChoice::Required,
            ("tool", Some(name)) => ToolChoice::Named(name),
            _ => ToolChoice::Auto,
        }
    }
}

impl Request {
    fn prompt<'a>(&'a self, call: &'a Call<'a>) -> Prompt<'a> {
        let last = self.input.messages.last().map(|message| &message.content);
        let schema =
            self.output_config.as_ref().and_then(|config| config.pointer("/format/schema"));
        Prompt {
            call,
            last: last.map(Content::text).unwrap_or_default(),
            answers_tool: last.is_some_and(|content| content.has("tool_result")),
            tools: self.input.tools(),
            tool_choice: self.input.tool_choice(),
            format: schema.map_or(Format::Text, Format::JsonSchema),
            max_tokens: self.max_tokens,
            input_tokens: self.input.tokens(),
        }
    }
}

impl Operation for Request {
    fn model(&self) -> &str {
        &self.input.model
    }

    fn reply(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        if self.max_tokens.is_none_or(|max| max == 0) {
            return Err(Fault::bad_request("max_tokens: a number above zero is required"));
        }
        self.input.check()?;
        let prompt = self.prompt(call);
        let choice = answer::choose(&prompt, 0);
        let usage = answer::usage(&prompt, choice.tokens);
        if self.stream == Some(true) {
            return Ok(stream::write(&prompt, &choice, usage));
        }
        let mut message = message(call, &usage_json(usage));
        message["content"] = json!([block(call, &choice)]);
        message["stop_reason"] = json!(stop_reason(choice.finish));
        Ok(Reply::document(&message))
    }
}

impl Operation for CountRequest {
    fn model(&self) -> &str {
        &self.input.model
    }

    fn reply(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        self.input.check()?;
        let counted = call.script.usage.input.unwrap_or_else(|| self.input.tokens());
        Ok(Reply::document(&json!({ "input_tokens": counted })))
    }
}

/// The message object with no content and no stop reason yet.
fn message(call: &Call<'_>, usage: &Value) -> Value {
    json!({
        "id": call.id("msg_"),
        "type": "message",
        "role": "assistant",
        "model": call.model,
        "content": [],
        "stop_reason": null,
        "stop_sequence": null,
        "usage": usage,
    })
}

/// The one content block, complete. A tool's arguments that the token limit has cut are no JSON
/// any more; like the real thing, the block then carries an empty object.
fn block(call: &Call<'_>, choice: &Choice) -> Value {
    match &choice.content {
        answer::Content::Text(text) => json!({ "type": "text", "text": text }),
        answer::Content::ToolCall { name, arguments } => json!({
            "type": "tool_use",
            "id": call.id("toolu_"),
            "name": name,
            "input": serde_json::from_str::<Value>(arguments).unwrap_or_else(|_| json!({})),
        }),
    }
}

/// Anthropic counts what was read from and written to the cache apart from `input_tokens`.
fn usage_json(usage: Usage) -> Value {
    json!({
        "input_tokens": usage.input - usage.cached - usage.cache_write,
        "cache_creation_input_tokens": usage.cache_write,
        "cache_read_input_tokens": usage.cached,
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.cache_write,
            "ephemeral_1h_input_tokens": 0,
        },
        "output_tokens": usage.output,
        "service_tier": "standard",
    })
}

const fn stop_reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "end_turn",
        Finish::Length => "max_tokens",
        Finish::ToolCall => "tool_use",
    }
}
