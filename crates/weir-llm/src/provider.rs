//! What upstreams speak: each wire format writes requests out of the canonical form and reads answers
//! into it.

mod anthropic;
mod bedrock;
mod cohere;
mod effort;
mod gemini;
mod openai;
mod schema;

use std::borrow::Cow;

pub use gemini::set_gemini_model;
pub use openai::{rewrite_openai, set_model};

use crate::canonical::{Failure, Request, Response, StreamDecoder};
use crate::capability::Capabilities;
use crate::fault::{Fault, Losses};

/// A wire format for conversations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wire {
    /// OpenAI Chat Completions, with each provider's peculiarities.
    OpenAi,
    /// Anthropic Messages.
    Anthropic,
    /// Gemini `generateContent`.
    Gemini,
    /// Bedrock Converse.
    Converse,
    /// Cohere chat, version 2.
    Cohere,
}

/// The target of a translated request.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Slug of the provider: `custom-...` for a custom one.
    pub provider: &'a str,
    /// Where requests go in the provider's own path space (`{slug}/{path}`), for wire formats with one
    /// path for all models, e.g. `v1/chat/completions`.
    pub path: &'a str,
    /// Region of the credential, for Bedrock and Vertex.
    pub region: &'a str,
    /// Project of the credential, for Vertex.
    pub project: &'a str,
    /// What the model can do.
    pub capabilities: Capabilities,
}

/// A request as it goes upstream.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prepared {
    /// Path after `{slug}/`, with its query.
    pub path: String,
    /// Headers beyond credentials and content type.
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
    /// The JSON body.
    pub body: Vec<u8>,
    /// The answer comes as the arguments of this tool, which stands in for a JSON schema; its reader has
    /// to take them as the text.
    pub schema_tool: Option<Box<str>>,
}

/// What a reader of answers needs besides their bytes.
#[derive(Clone, Debug, Default)]
pub struct DecodeContext {
    /// Unique for the call; ids that the provider does not give are made from it.
    pub base: Box<str>,
    /// See [`Prepared::schema_tool`].
    pub schema_tool: Option<Box<str>>,
    /// Slug of the provider.
    pub provider: Box<str>,
}

impl Wire {
    /// Writes a request. What the target cannot do is refused, or left out and noted in `losses`
    /// (spec: providers 4.1, 4.2).
    ///
    /// # Errors
    /// When something that matters cannot be carried over.
    pub fn prepare(
        self,
        request: &Request,
        place: &Place<'_>,
        losses: &mut Losses,
    ) -> Result<Prepared, Fault> {
        match self {
            Self::OpenAi => openai::prepare(request, place, losses),
            Self::Anthropic => anthropic::prepare(request, place, losses),
            Self::Gemini => gemini::prepare(request, place, losses),
            Self::Converse => bedrock::prepare(request, place, losses),
            Self::Cohere => cohere::prepare(request, place, losses),
        }
    }

    /// Reads an answer of a good status (spec: providers 4.3).
    ///
    /// # Errors
    /// When the answer says that it failed, or cannot be read.
    pub fn decode(self, body: &[u8], context: &DecodeContext) -> Result<Response, Failure> {
        match self {
            Self::OpenAi => openai::decode(body, context),
            Self::Anthropic => anthropic::decode(body, context),
            Self::Gemini => gemini::decode(body, context),
            Self::Converse => bedrock::decode(body, context),
            Self::Cohere => cohere::decode(body, context),
        }
    }

    /// A reader for a streamed answer (spec: providers 4.4).
    pub fn decoder(self, context: DecodeContext) -> Box<dyn StreamDecoder> {
        match self {
            Self::OpenAi => openai::decoder(context),
            Self::Anthropic => anthropic::decoder(context),
            Self::Gemini => gemini::decoder(context),
            Self::Converse => bedrock::decoder(context),
            Self::Cohere => cohere::decoder(context),
        }
    }

    /// Reads the body of an error. Never fails: an unknown body becomes the message.
    pub fn failure(self, status: u16, body: &[u8]) -> Failure {
        match self {
            Self::OpenAi => openai::failure(status, body),
            Self::Anthropic => anthropic::failure(status, body),
            Self::Gemini => gemini::failure(status, body),
            Self::Converse => bedrock::failure(status, body),
            Self::Cohere => cohere::failure(status, body),
        }
    }

    /// Whether pictures at an address have to be fetched first, because the provider takes bytes
    /// only.
    pub const fn wants_bytes(self) -> bool {
        matches!(self, Self::Gemini | Self::Converse)
    }
}
