//! OpenAI Chat Completions, as a client speaks it (spec: providers 4.1, 4.3, 4.4).

mod content;
mod history;
mod message;
mod node;
mod options;
mod request;
mod response;
mod stream;
mod tools;
mod usage;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub(super) use request::read;
pub(super) use response::write;

use super::ReplyContext;
use crate::canonical::{EventWriter, Failure};
use crate::fault::Param;
use crate::json::push_string;

pub(super) fn writer(context: ReplyContext) -> Box<dyn EventWriter> {
    Box::new(stream::Writer::new(context))
}

/// Also the error of OpenAI's other endpoints.
pub(super) fn failure(failure: &Failure) -> Vec<u8> {
    let mut out = Vec::with_capacity(failure.message.len() + 96);
    out.extend_from_slice(br#"{"error":{"message":"#);
    push_string(&mut out, &failure.message);
    out.extend_from_slice(br#","type":"#);
    push_string(&mut out, failure.kind.as_deref().unwrap_or_else(|| kind(failure.status)));
    for (name, value) in [("param", &failure.param), ("code", &failure.code)] {
        out.extend_from_slice(b",\"");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        match value {
            Some(value) => push_string(&mut out, value),
            None => out.extend_from_slice(b"null"),
        }
    }
    out.extend_from_slice(b"}}");
    out
}

/// The type of an error whose provider named none.
const fn kind(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        429 => "rate_limit_error",
        400..=499 => "invalid_request_error",
        _ => "server_error",
    }
}

pub(super) fn param(param: &Param) -> Cow<'static, str> {
    let name = match param {
        Param::Model => "model",
        Param::Messages | Param::System => "messages",
        Param::Message(index) => return format!("messages[{index}]").into(),
        Param::Tools => "tools",
        Param::ToolChoice => "tool_choice",
        Param::ParallelTools => "parallel_tool_calls",
        Param::MaxTokens => "max_tokens",
        Param::Temperature => "temperature",
        Param::TopP => "top_p",
        Param::TopK => "top_k",
        Param::Stop => "stop",
        Param::Seed => "seed",
        Param::FrequencyPenalty => "frequency_penalty",
        Param::PresencePenalty => "presence_penalty",
        Param::LogitBias => "logit_bias",
        Param::Logprobs => "logprobs",
        Param::TopLogprobs => "top_logprobs",
        Param::N => "n",
        Param::ResponseFormat => "response_format",
        Param::Reasoning => "reasoning_effort",
        Param::User => "user",
        Param::Metadata => "metadata",
        Param::ServiceTier => "service_tier",
        Param::ImageDetail => "image_url.detail",
        Param::CacheControl => "cache_control",
        Param::Own(name) => return name.to_string().into(),
    };
    name.into()
}
