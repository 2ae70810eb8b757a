//! Anthropic Messages and its token counting: the requests, and the answer as one document. The
//! same bodies go to Vertex and Bedrock, where the model stands in the path.

mod conversation;
mod family;
mod format;
mod stream;
mod thinking;
mod validate;

use serde::Deserialize;
use serde_json::{Value, json};

use self::family::ModelRules;
use super::answer::{self, Block, Choice, Finish, Usage};
use super::dispatch;
use super::events::Framing;
use super::fault::Fault;
use super::prompt::{Content, Format, Prompt, Tool, ToolChoice};
use super::reply::{Call, Operation, Reply};
use super::{signature, tokens};

/// The body of a request. The real API knows these fields and no others.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    model: Option<String>,
    messages: Vec<Message>,
    system: Option<Content>,
    max_tokens: Option<u64>,
    stream: Option<bool>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    top_k: Option<u64>,
    stop_sequences: Option<Vec<String>>,
    tools: Option<Vec<OfferedTool>>,
    tool_choice: Option<Choose>,
    thinking: Option<Thinking>,
    output_config: Option<Value>,
    output_format: Option<Value>,
    anthropic_version: Option<String>,
    // Read by nobody here, but good to send.
    #[serde(rename = "anthropic_beta")]
    _anthropic_beta: Option<Vec<String>>,
    #[serde(rename = "cache_control")]
    _cache_control: Option<Value>,
    #[serde(rename = "container")]
    _container: Option<Value>,
    #[serde(rename = "context_management")]
    _context_management: Option<Value>,
    #[serde(rename = "inference_geo")]
    _inference_geo: Option<Value>,
    #[serde(rename = "mcp_servers")]
    _mcp_servers: Option<Value>,
    #[serde(rename = "metadata")]
    _metadata: Option<Value>,
    #[serde(rename = "service_tier")]
    _service_tier: Option<String>,
    #[serde(rename = "speed")]
    _speed: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    role: String,
    content: Content,
}

#[derive(Deserialize)]
struct OfferedTool {
    /// Given for the provider's own tools, which have no schema.
    #[serde(rename = "type")]
    kind: Option<String>,
    name: String,
    input_schema: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choose {
    #[serde(rename = "type")]
    kind: String,
    name: Option<String>,
    disable_parallel_tool_use: Option<bool>,
}

#[derive(Deserialize)]
struct Thinking {
    #[serde(rename = "type")]
    kind: String,
    budget_tokens: Option<u64>,
}

/// Who takes the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Surface {
    Api,
    Vertex,
    Bedrock,
}

/// A request for an answer.
pub(super) struct Ask {
    request: Request,
    surface: Surface,
    model: String,
    stream: bool,
}

/// A request for a count: `POST .../v1/messages/count_tokens`.
pub(super) struct Count(Request, String);

impl Ask {
    /// A body of `POST .../v1/messages`, and the version in the header beside it.
    pub(super) fn of_api(body: &[u8], version: &str) -> Result<Self, Fault> {
        let mut request: Request = dispatch::parse(body)?;
        validate::only_in_header(&request)?;
        request.anthropic_version = Some(version.to_owned());
        let model = required_model(&request)?;
        let stream = request.stream == Some(true);
        Ok(Self { request, surface: Surface::Api, model, stream })
    }

    /// A body of Vertex's `:rawPredict` (`stream` false) and `:streamRawPredict`.
    pub(super) fn of_vertex(model: String, stream: bool, body: &[u8]) -> Result<Self, Fault> {
        let request: Request = dispatch::parse(body)?;
        let stream = stream || request.stream == Some(true);
        Ok(Self { request, surface: Surface::Vertex, model, stream })
    }

    /// A body of Bedrock's `invoke` and `invoke-with-response-stream`.
    pub(super) fn of_bedrock(model: String, stream: bool, body: &[u8]) -> Result<Self, Fault> {
        let request = dispatch::parse(body)?;
        Ok(Self { request, surface: Surface::Bedrock, model, stream })
    }
}

impl Count {
    pub(super) fn parse(body: &[u8]) -> Result<Self, Fault> {
        let request: Request = dispatch::parse(body)?;
        let model = required_model(&request)?;
        Ok(Self(request, model))
    }
}

fn required_model(request: &Request) -> Result<String, Fault> {
    request.model.clone().ok_or_else(|| Fault::bad_request("model: Field required"))
}

impl Request {
    fn tools(&self) -> Vec<Tool<'_>> {
        // Without a schema it is the provider's own tool, which runs there.
        let own = |tool: &&OfferedTool| tool.kind.as_deref().is_none_or(|kind| kind == "custom");
        self.tools
            .iter()
            .flatten()
            .filter(own)
            .map(|tool| Tool { name: &tool.name, parameters: tool.input_schema.as_ref() })
            .collect()
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

    /// The schema that the answer must follow.
    fn schema(&self) -> Option<&Value> {
        let config =
            self.output_config.as_ref().and_then(|config| config.pointer("/format/schema"));
        config.or_else(|| self.output_format.as_ref()?.get("schema"))
    }

    fn prompt<'a>(&'a self, call: &'a Call<'a>) -> Prompt<'a> {
        let last = self.messages.last().map(|message| &message.content);
        let choice = self.tool_choice.as_ref();
        Prompt {
            last: last.map(Content::text).unwrap_or_default(),
            answers_tool: last.is_some_and(|content| content.has("tool_result")),
            tools: self.tools(),
            tool_choice: self.tool_choice(),
            format: self.schema().map_or(Format::Text, Format::JsonSchema),
            max_tokens: self.max_tokens,
            input_tokens: self.tokens(),
            thinks: thinking::is_on(self, ModelRules::of(call.model)),
            parallel: choice.and_then(|choice| choice.disable_parallel_tool_use) != Some(true),
            stop: self.stop_sequences.iter().flatten().map(String::as_str).collect(),
            ..Prompt::new(call)
        }
    }
}

impl Operation for Ask {
    fn model(&self) -> &str {
        &self.model
    }

    fn reply(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        validate::check(&self.request, self.surface, call.model)?;
        let prompt = self.request.prompt(call);
        let choice = answer::choose(&prompt, 0);
        let usage = answer::usage(&prompt, std::slice::from_ref(&choice));
        if self.stream {
            let framing = match self.surface {
                Surface::Bedrock => Framing::AwsChunks,
                Surface::Api | Surface::Vertex => Framing::Sse,
            };
            return Ok(stream::write(&prompt, &choice, usage, framing));
        }
        let mut message = message(call, &usage_json(usage));
        let blocks: Vec<Value> =
            choice.blocks(true).into_iter().map(|block| block_json(call, block)).collect();
        message["content"] = json!(blocks);
        message["stop_reason"] = json!(stop_reason(&choice));
        message["stop_sequence"] = json!(choice.stop_sequence);
        let reply = Reply::document(&message);
        Ok(match self.surface {
            Surface::Bedrock => reply
                .with_header("x-amzn-bedrock-input-token-count", usage.input)
                .with_header("x-amzn-bedrock-output-token-count", usage.output)
                .with_header("x-amzn-bedrock-invocation-latency", 1),
            Surface::Api | Surface::Vertex => reply,
        })
    }
}

impl Operation for Count {
    fn model(&self) -> &str {
        &self.1
    }

    fn reply(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        conversation::check(&self.0.messages, ModelRules::of(call.model))?;
        let counted = call.script.usage.input.unwrap_or_else(|| self.0.tokens());
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

/// One content block, complete. A tool's arguments that the token limit has cut are no JSON any
/// more; like the real thing, the block then carries an empty object.
fn block_json(call: &Call<'_>, block: Block<'_>) -> Value {
    match block {
        Block::Thoughts(text) => {
            json!({ "type": "thinking", "thinking": text, "signature": signature::of(text) })
        }
        Block::Text(text) => json!({ "type": "text", "text": text }),
        Block::ToolCall(nth, made) => json!({
            "type": "tool_use",
            "id": call.nth_id("toolu_", nth),
            "name": made.name,
            "input": serde_json::from_str::<Value>(&made.arguments).unwrap_or_else(|_| json!({})),
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

const fn stop_reason(choice: &Choice) -> &'static str {
    match choice.finish {
        Finish::Stop if choice.stop_sequence.is_some() => "stop_sequence",
        Finish::Stop => "end_turn",
        Finish::Length => "max_tokens",
        Finish::ToolCall => "tool_use",
        Finish::Filtered => "refusal",
    }
}
