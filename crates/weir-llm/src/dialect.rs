//! What clients speak: each dialect reads requests into the canonical form and writes answers out of
//! it.

mod anthropic;
mod gemini;
mod openai_chat;
mod openai_responses;

use std::borrow::Cow;

pub use gemini::token_count as gemini_token_count;

use crate::canonical::{EventWriter, Failure, Request, Response};
use crate::fault::{Fault, Param};

/// A dialect of a front door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// OpenAI Chat Completions; also the error shape of OpenAI's other endpoints.
    OpenAiChat,
    /// OpenAI Responses.
    OpenAiResponses,
    /// Anthropic Messages.
    Anthropic,
    /// Gemini `generateContent`.
    Gemini,
}

/// What a client asked for outside of its body.
#[derive(Clone, Debug, Default)]
pub struct Asked<'a> {
    /// The model, with the unified name's prefix removed.
    pub model: &'a str,
    /// The path asks for a stream (Gemini); other dialects have it in the body.
    pub stream: bool,
}

/// What a reply in the client's dialect needs besides the answer itself.
#[derive(Clone, Debug, Default)]
pub struct ReplyContext {
    /// Unique for the call; ids that the provider does not give are made from it.
    pub base: Box<str>,
    /// Unix time in seconds.
    pub created: i64,
    /// The wanted model, for answers that do not name theirs.
    pub model: Box<str>,
    /// The client asked for the usage of a stream.
    pub include_usage: bool,
    /// The stream is framed as server-sent events; otherwise as a JSON array (Gemini without
    /// `alt=sse`).
    pub sse: bool,
    /// Parts of the request that the answer repeats (Responses), e.g. `instructions`, `tools`.
    pub echo: serde_json::Map<String, serde_json::Value>,
}

impl Dialect {
    /// Reads a request.
    ///
    /// # Errors
    /// When it is not a request of this dialect; the fault names the place.
    pub fn read(self, body: &[u8], asked: &Asked<'_>) -> Result<Request, Fault> {
        match self {
            Self::OpenAiChat => openai_chat::read(body, asked),
            Self::OpenAiResponses => openai_responses::read(body, asked),
            Self::Anthropic => anthropic::read(body, asked),
            Self::Gemini => gemini::read(body, asked),
        }
    }

    /// What of the request its answer repeats, see [`ReplyContext::echo`].
    pub fn echo(self, body: &[u8]) -> serde_json::Map<String, serde_json::Value> {
        match self {
            Self::OpenAiResponses => openai_responses::echo(body),
            _ => serde_json::Map::new(),
        }
    }

    /// Writes an answer.
    pub fn write(self, response: &Response, context: &ReplyContext) -> Vec<u8> {
        match self {
            Self::OpenAiChat => openai_chat::write(response, context),
            Self::OpenAiResponses => openai_responses::write(response, context),
            Self::Anthropic => anthropic::write(response, context),
            Self::Gemini => gemini::write(response, context),
        }
    }

    /// A writer for a streamed answer.
    pub fn writer(self, context: ReplyContext) -> Box<dyn EventWriter> {
        match self {
            Self::OpenAiChat => openai_chat::writer(context),
            Self::OpenAiResponses => openai_responses::writer(context),
            Self::Anthropic => anthropic::writer(context),
            Self::Gemini => gemini::writer(context),
        }
    }

    /// The body of an error.
    pub fn failure(self, failure: &Failure) -> Vec<u8> {
        match self {
            Self::OpenAiChat | Self::OpenAiResponses => openai_chat::failure(failure),
            Self::Anthropic => anthropic::failure(failure),
            Self::Gemini => gemini::failure(failure),
        }
    }

    /// What the dialect calls a parameter.
    pub fn param(self, param: &Param) -> Cow<'static, str> {
        match self {
            Self::OpenAiChat => openai_chat::param(param),
            Self::OpenAiResponses => openai_responses::param(param),
            Self::Anthropic => anthropic::param(param),
            Self::Gemini => gemini::param(param),
        }
    }
}

impl From<&Fault> for Failure {
    fn from(fault: &Fault) -> Self {
        Self {
            status: if fault.kind() == crate::fault::FaultKind::TooLarge { 413 } else { 400 },
            kind: Some("invalid_request_error".to_owned()),
            code: Some(fault.kind().code().to_owned()),
            param: fault.param().map(str::to_owned),
            message: fault.message().to_owned(),
        }
    }
}
