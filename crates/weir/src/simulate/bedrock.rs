//! Amazon Bedrock: Converse and its stream, and the bodies of single vendors through `invoke`.

mod conversation;
mod embed;
pub(super) mod invoke;
mod request;
mod stream;
mod validate;

use serde_json::{Value, json};

use self::request::Body;
use super::answer::{self, Block, Choice, Finish, Usage};
use super::dispatch;
use super::fault::Fault;
use super::reply::{Call, Operation, Reply};
use super::signature;

/// A request of `converse` or `converse-stream`.
pub(super) struct Converse {
    model: String,
    stream: bool,
    body: Body,
}

impl Converse {
    pub(super) fn parse(model: String, stream: bool, body: &[u8]) -> Result<Self, Fault> {
        let mut body: Body = dispatch::parse(body)?;
        body.read_schema()?;
        Ok(Self { model, stream, body })
    }
}

impl Operation for Converse {
    fn model(&self) -> &str {
        &self.model
    }

    fn reply(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        validate::check(&self.body)?;
        let prompt = self.body.prompt(call);
        let choice = answer::choose(&prompt, 0);
        let usage = answer::usage(&prompt, std::slice::from_ref(&choice));
        if self.stream {
            return Ok(stream::write(&prompt, &choice, usage));
        }
        let blocks: Vec<Value> =
            choice.blocks(true).into_iter().map(|block| block_json(call, block)).collect();
        Ok(Reply::document(&json!({
            "output": { "message": { "role": "assistant", "content": blocks } },
            "stopReason": stop_reason(&choice),
            "usage": usage_json(usage),
            "metrics": { "latencyMs": 1 },
        })))
    }
}

fn block_json(call: &Call<'_>, block: Block<'_>) -> Value {
    match block {
        Block::Thoughts(text) => json!({ "reasoningContent": { "reasoningText": {
            "text": text,
            "signature": signature::of(text),
        }}}),
        Block::Text(text) => json!({ "text": text }),
        Block::ToolCall(nth, made) => json!({ "toolUse": {
            "toolUseId": call.nth_id("tooluse_", nth),
            "name": made.name,
            "input": serde_json::from_str::<Value>(&made.arguments).unwrap_or_else(|_| json!({})),
        }}),
    }
}

/// Bedrock counts what was read from and written to the cache apart from `inputTokens`.
fn usage_json(usage: Usage) -> Value {
    json!({
        "inputTokens": usage.input - usage.cached - usage.cache_write,
        "outputTokens": usage.output,
        "totalTokens": usage.input + usage.output,
        "cacheReadInputTokens": usage.cached,
        "cacheWriteInputTokens": usage.cache_write,
    })
}

const fn stop_reason(choice: &Choice) -> &'static str {
    match choice.finish {
        Finish::Stop if choice.stop_sequence.is_some() => "stop_sequence",
        Finish::Stop => "end_turn",
        Finish::Length => "max_tokens",
        Finish::ToolCall => "tool_use",
        Finish::Filtered => "content_filtered",
    }
}
