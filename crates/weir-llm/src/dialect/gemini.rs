//! Gemini `generateContent`, as a client speaks it (spec: providers 6): `@google/genai`, Gemini CLI.

mod calls;
mod contents;
mod failure;
mod fields;
mod generation;
mod grounding;
mod outcome;
mod parts;
mod request;
mod response;
mod schema;
mod stream;
mod tools;
mod usage;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub(super) use failure::failure;
pub(super) use request::read;
pub(super) use response::write;

use super::ReplyContext;
use crate::canonical::EventWriter;
use crate::fault::Param;

pub(super) fn writer(context: ReplyContext) -> Box<dyn EventWriter> {
    Box::new(stream::Writer::new(context))
}

/// The answer of `countTokens`. Its request is read by [`super::Dialect::read`], in both its forms.
pub fn token_count(tokens: u64) -> Vec<u8> {
    format!("{{\"totalTokens\":{tokens}}}").into_bytes()
}

pub(super) fn param(param: &Param) -> Cow<'static, str> {
    let name = match param {
        Param::Model => "model",
        Param::Messages => "contents",
        Param::Message(index) => return format!("contents[{index}]").into(),
        Param::System => "systemInstruction",
        Param::Tools => "tools",
        Param::ToolChoice => "toolConfig.functionCallingConfig",
        // The next four cannot be said in this dialect.
        Param::ParallelTools => "parallelToolCalls",
        Param::LogitBias => "logitBias",
        Param::CacheControl => "cacheControl",
        Param::User => "user",
        Param::MaxTokens => "generationConfig.maxOutputTokens",
        Param::Temperature => "generationConfig.temperature",
        Param::TopP => "generationConfig.topP",
        Param::TopK => "generationConfig.topK",
        Param::Stop => "generationConfig.stopSequences",
        Param::Seed => "generationConfig.seed",
        Param::FrequencyPenalty => "generationConfig.frequencyPenalty",
        Param::PresencePenalty => "generationConfig.presencePenalty",
        Param::Logprobs => "generationConfig.responseLogprobs",
        Param::TopLogprobs => "generationConfig.logprobs",
        Param::N => "generationConfig.candidateCount",
        Param::ResponseFormat => "generationConfig.responseMimeType",
        Param::Reasoning => "generationConfig.thinkingConfig",
        Param::ImageDetail => "generationConfig.mediaResolution",
        Param::Metadata => "labels",
        Param::ServiceTier => "serviceTier",
        Param::Own(name) => return name.to_string().into(),
    };
    name.into()
}
