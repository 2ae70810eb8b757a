//! What answers are made of, whole or streamed.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use weir_core::Usage;

use crate::canonical::{Failure, Finish};

/// A text, borrowed where it has no escapes, also behind an `Option`.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// A content block: the members of all kinds, for an enum by tag would copy every text.
#[derive(Debug, Deserialize)]
pub(super) struct Block<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) text: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) input: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) thinking: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) signature: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) data: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) citations: Option<Vec<Citation<'a>>>,
}

/// Where a sentence comes from.
#[derive(Debug, Deserialize)]
pub(super) struct Citation<'a> {
    #[serde(borrow)]
    url: Option<Text<'a>>,
    /// The address of a client's own search result.
    #[serde(borrow)]
    source: Option<Text<'a>>,
    #[serde(borrow)]
    title: Option<Text<'a>>,
}

impl Citation<'_> {
    /// In OpenAI's form, for the characters from `start` to `end` of the answer's text; `None` for a
    /// citation of a document that was sent along, for which OpenAI has no form.
    pub(super) fn annotation(&self, start: u64, end: u64) -> Option<Value> {
        let is_web = |text: &&Text<'_>| text.0.starts_with("http");
        let url = self.url.as_ref().or(self.source.as_ref()).filter(is_web)?;
        Some(json!({
            "type": "url_citation",
            "url_citation": {
                "url": url.0,
                "title": self.title.as_ref().map_or("", |title| &*title.0),
                "start_index": start,
                "end_index": end,
            },
        }))
    }
}

/// Usage as Anthropic tells it. In a stream what is absent was told before.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Tokens<'a> {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_creation: Option<CacheCreation>,
    output_tokens_details: Option<OutputDetails>,
    server_tool_use: Option<ServerTools>,
    #[serde(borrow)]
    pub(super) service_tier: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
struct CacheCreation {
    ephemeral_1h_input_tokens: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct OutputDetails {
    thinking_tokens: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct ServerTools {
    web_search_requests: Option<u64>,
}

/// Usage put together from the pieces of a stream. Anthropic's input leaves the cache out.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    fresh: u64,
    written: u64,
    written_1h: u64,
    read: u64,
    output: u64,
    reasoning: u64,
    web_searches: u64,
}

impl Count {
    pub(super) fn add(&mut self, tokens: &Tokens<'_>) {
        let set = |into: &mut u64, from: Option<u64>| *into = from.unwrap_or(*into);
        set(&mut self.fresh, tokens.input_tokens);
        set(&mut self.written, tokens.cache_creation_input_tokens);
        set(&mut self.read, tokens.cache_read_input_tokens);
        set(&mut self.output, tokens.output_tokens);
        if let Some(split) = &tokens.cache_creation {
            set(&mut self.written_1h, split.ephemeral_1h_input_tokens);
        }
        if let Some(details) = &tokens.output_tokens_details {
            set(&mut self.reasoning, details.thinking_tokens);
        }
        if let Some(tools) = &tokens.server_tool_use {
            set(&mut self.web_searches, tools.web_search_requests);
        }
    }

    pub(super) fn usage(&self) -> Usage {
        let input = self.fresh.saturating_add(self.written).saturating_add(self.read);
        let cache_write_1h = self.written_1h.min(self.written);
        Usage {
            input,
            output: self.output,
            total: input.saturating_add(self.output),
            reasoning: self.reasoning,
            cache_read: self.read,
            cache_write: self.written - cache_write_1h,
            cache_write_1h,
            web_searches: self.web_searches,
            ..Usage::default()
        }
    }
}

/// Why an answer ended (spec: providers 4.3). A reason that is not known is an ordinary end.
pub(super) fn finish(reason: &str, sequence: Option<&str>) -> Finish {
    match reason {
        "stop_sequence" => Finish::StopSequence(sequence.map(str::to_owned)),
        "max_tokens" | "model_context_window_exceeded" => Finish::Length,
        "tool_use" => Finish::ToolCalls,
        "refusal" => Finish::ContentFilter,
        _ => Finish::Stop,
    }
}

/// An error, as a body or an event.
#[derive(Debug, Deserialize)]
pub(super) struct Trouble<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) message: Option<Text<'a>>,
}

impl Trouble<'_> {
    /// With the status it has as an answer of its own.
    pub(super) fn failure(&self, status: Option<u16>) -> Failure {
        let kind = self.kind.as_ref().map_or("api_error", |kind| &*kind.0);
        let message = self.message.as_ref().map_or(kind, |message| &*message.0);
        Failure {
            kind: Some(kind.to_owned()),
            ..Failure::new(status.unwrap_or(status_of(kind)), message)
        }
    }
}

fn status_of(kind: &str) -> u16 {
    match kind {
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "request_too_large" => 413,
        "rate_limit_error" => 429,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => 500,
    }
}
