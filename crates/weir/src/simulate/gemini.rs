//! Google's Gemini: `generateContent` and its stream, counting, embeddings and models.

mod conversation;
pub(super) mod embed;
pub(super) mod models;
mod request;
mod schema;
mod stream;
mod validate;

use serde_json::{Map, Value, json};

use self::request::{Body, CountBody};
use super::answer::{self, Block, Choice, Finish, Usage};
use super::dispatch;
use super::fault::Fault;
use super::prompt::Prompt;
use super::reply::{Call, Operation, Reply};
use super::signature;

/// A request for content.
pub(super) struct Generate {
    model: String,
    /// A stream, as SSE or as a growing array.
    sse: Option<bool>,
    body: Body,
}

/// A request for a count.
pub(super) struct Count {
    model: String,
    body: Body,
}

impl Generate {
    /// A body of `:generateContent`, or of `:streamGenerateContent` where `sse` is given.
    pub(super) fn parse(model: String, sse: Option<bool>, body: &[u8]) -> Result<Self, Fault> {
        let mut body: Body = dispatch::parse(body)?;
        // Here, for the schemas must be checked as they came.
        validate::check(&body, base_name(&model))?;
        body.lower_schema_types();
        Ok(Self { model, sse, body })
    }
}

impl Count {
    pub(super) fn parse(model: String, body: &[u8]) -> Result<Self, Fault> {
        let body = dispatch::parse::<CountBody>(body)?.into_body();
        if body.contents.is_empty() {
            return Err(Fault::bad_request("CountTokensRequest.contents: not specified"));
        }
        Ok(Self { model, body })
    }
}

/// A model's name without its script.
fn base_name(model: &str) -> &str {
    model.split(';').next().unwrap_or(model)
}

/// The generation of a Gemini model: 3 for `gemini-3.1-pro-preview`.
fn generation(model: &str) -> Option<u32> {
    let (_, rest) = model.split_once("gemini-")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// From the third generation on, calls of functions are signed.
fn is_signed(model: &str) -> bool {
    generation(model).is_some_and(|generation| generation >= 3)
}

impl Operation for Generate {
    fn model(&self) -> &str {
        &self.model
    }

    fn reply(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        let prompt = self.body.prompt(call);
        let count = self.body.generation_config.candidate_count.unwrap_or(1);
        let choices: Vec<Choice> = (0..count).map(|index| answer::choose(&prompt, index)).collect();
        let usage = answer::usage(&prompt, &choices);
        let writer = Writer { prompt: &prompt, usage, shows_thoughts: self.body.shows_thoughts() };
        Ok(match self.sse {
            Some(sse) => stream::write(&writer, &choices, sse),
            None => Reply::document(&writer.document(&choices)),
        })
    }
}

impl Operation for Count {
    fn model(&self) -> &str {
        &self.model
    }

    fn reply(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        let counted = call.script.usage.input.unwrap_or_else(|| self.body.tokens());
        Ok(Reply::document(&json!({
            "totalTokens": counted,
            "promptTokensDetails": [{ "modality": "TEXT", "tokenCount": counted }],
        })))
    }
}

/// Writes answers of one request.
struct Writer<'a> {
    prompt: &'a Prompt<'a>,
    usage: Usage,
    shows_thoughts: bool,
}

impl Writer<'_> {
    fn document(&self, choices: &[Choice]) -> Value {
        if choices.iter().any(|choice| choice.finish == Finish::Filtered) {
            return self.blocked();
        }
        let candidates: Vec<Value> = choices
            .iter()
            .enumerate()
            .map(|(index, choice)| {
                let parts: Vec<Value> = choice
                    .blocks(self.shows_thoughts)
                    .into_iter()
                    .filter_map(|block| self.part(block))
                    .collect();
                json!({
                    "content": { "parts": parts, "role": "model" },
                    "finishReason": finish_reason(choice.finish),
                    "index": index,
                })
            })
            .collect();
        self.chunk(&json!(candidates), &self.usage_json(u64::MAX))
    }

    /// The document around candidates; the same in a stream.
    fn chunk(&self, candidates: &Value, usage: &Value) -> Value {
        json!({
            "candidates": candidates,
            "usageMetadata": usage,
            "modelVersion": self.prompt.call.model,
            "responseId": self.prompt.call.id("resp"),
        })
    }

    /// A prompt that was not let through has no candidates.
    fn blocked(&self) -> Value {
        json!({
            "promptFeedback": {
                "blockReason": "SAFETY",
                "safetyRatings": [{
                    "category": "HARM_CATEGORY_DANGEROUS_CONTENT",
                    "probability": "HIGH",
                    "blocked": true,
                }],
            },
            "usageMetadata": {
                "promptTokenCount": self.usage.input,
                "totalTokenCount": self.usage.input,
            },
            "modelVersion": self.prompt.call.model,
            "responseId": self.prompt.call.id("resp"),
        })
    }

    /// A part, complete. A call whose arguments the token limit has cut is not sent.
    fn part(&self, block: Block<'_>) -> Option<Value> {
        let model = self.prompt.call.model;
        Some(match block {
            Block::Thoughts(text) => json!({ "text": text, "thought": true }),
            Block::Text(text) => json!({ "text": text }),
            Block::ToolCall(nth, made) => {
                let args: Map<String, Value> = serde_json::from_str(&made.arguments).ok()?;
                let mut part = json!({ "functionCall": { "name": made.name, "args": args } });
                if is_signed(model) {
                    part["functionCall"]["id"] = json!(self.prompt.call.nth_id("fc", nth));
                    // Of calls made together the first alone is signed.
                    if nth == 0 {
                        part["thoughtSignature"] = json!(signature::of(&made.name));
                    }
                }
                part
            }
        })
    }

    /// Usage when `sent` tokens of the answer are out; candidates are counted without thoughts.
    fn usage_json(&self, sent: u64) -> Value {
        let Usage { input, output, cached, reasoning, .. } = self.usage;
        let candidates = (output - reasoning).min(sent);
        let mut usage = json!({
            "promptTokenCount": input,
            "candidatesTokenCount": candidates,
            "totalTokenCount": input + candidates + reasoning,
            "promptTokensDetails": [{ "modality": "TEXT", "tokenCount": input }],
        });
        if reasoning > 0 {
            usage["thoughtsTokenCount"] = json!(reasoning);
        }
        if cached > 0 {
            usage["cachedContentTokenCount"] = json!(cached);
        }
        usage
    }
}

const fn finish_reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop | Finish::ToolCall => "STOP",
        Finish::Length => "MAX_TOKENS",
        Finish::Filtered => "SAFETY",
    }
}
