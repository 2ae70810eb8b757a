//! Which endpoint a path names. Only its end counts, so any prefix may stand before it.

mod google;
mod percent;
#[cfg(test)]
mod tests;

use http::{HeaderMap, Method, Uri};

use self::percent::decode;
use super::fault::Family;

/// An endpoint of a simulated provider. Models that stand in the path are decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    ChatCompletions,
    Completions,
    Responses,
    Embeddings,
    Speech,
    Transcriptions,
    Translations,
    Images,
    Moderations,
    ModelList,
    Model(String),
    Messages,
    CountTokens,
    Gemini {
        verb: GeminiVerb,
        model: String,
    },
    GeminiModels,
    GeminiModel(String),
    /// Embeddings of Vertex.
    Predict(String),
    /// Anthropic's models on Vertex.
    RawPredict {
        model: String,
        stream: bool,
    },
    /// Google's OAuth token endpoint.
    Token,
    Bedrock {
        verb: BedrockVerb,
        model: String,
    },
    CohereChat,
    CohereEmbed,
    CohereRerank,
    WorkersAi(String),
}

/// What a path asks of a Gemini model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GeminiVerb {
    Generate,
    /// `sse`: as server-sent events, else as a growing array.
    Stream {
        sse: bool,
    },
    Count,
    Embed,
    BatchEmbed,
}

/// What a path asks of a Bedrock model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BedrockVerb {
    Converse,
    ConverseStream,
    Invoke,
    InvokeStream,
}

/// Why a request has no endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoRoute {
    UnknownPath,
    WrongMethod,
}

/// Endpoints that the end of the path names alone.
const ENDINGS: &[(&str, Endpoint)] = &[
    ("/chat/completions", Endpoint::ChatCompletions),
    ("/completions", Endpoint::Completions),
    ("/v1/messages/count_tokens", Endpoint::CountTokens),
    ("/v1/messages", Endpoint::Messages),
    ("/responses", Endpoint::Responses),
    ("/embeddings", Endpoint::Embeddings),
    ("/audio/speech", Endpoint::Speech),
    ("/audio/transcriptions", Endpoint::Transcriptions),
    ("/audio/translations", Endpoint::Translations),
    ("/images/generations", Endpoint::Images),
    ("/moderations", Endpoint::Moderations),
    ("/v2/chat", Endpoint::CohereChat),
    ("/v2/embed", Endpoint::CohereEmbed),
    ("/v2/rerank", Endpoint::CohereRerank),
    ("/token", Endpoint::Token),
];

impl Endpoint {
    /// The endpoint of a path, whatever the method. A single `/` at the end is ignored.
    fn of(uri: &Uri) -> Option<Self> {
        let path = uri.path();
        let path = path.strip_suffix('/').unwrap_or(path);
        if let Some((_, endpoint)) = ENDINGS.iter().find(|(end, _)| path.ends_with(end)) {
            return Some(endpoint.clone());
        }
        if let Some(endpoint) = bedrock(path) {
            return Some(endpoint);
        }
        // Before the models: the name of one on Workers AI may hold anything.
        if let Some((_, model)) = path.split_once("/run/") {
            let model = decode(model);
            if model.starts_with('@') {
                return Some(Self::WorkersAi(model));
            }
        }
        if let Some(endpoint) = google::endpoint(path, uri.query().unwrap_or_default()) {
            return Some(endpoint);
        }
        if path.ends_with("/models") {
            return Some(Self::ModelList);
        }
        let (_, id) = path.rsplit_once("/models/")?;
        (!id.is_empty()).then(|| Self::Model(decode(id)))
    }

    const fn method(&self) -> Method {
        match self {
            Self::ModelList | Self::Model(_) | Self::GeminiModels | Self::GeminiModel(_) => {
                Method::GET
            }
            _ => Method::POST,
        }
    }

    fn family(&self, path: &str) -> Family {
        match self {
            Self::Messages | Self::CountTokens | Self::RawPredict { .. } => Family::Anthropic,
            Self::Gemini { verb, .. } => {
                let array = *verb == GeminiVerb::Stream { sse: false };
                if path.contains("/publishers/") {
                    Family::Vertex { array }
                } else {
                    Family::Gemini { array }
                }
            }
            Self::GeminiModels | Self::GeminiModel(_) => Family::Gemini { array: false },
            Self::Predict(_) => Family::Vertex { array: false },
            Self::Token => Family::OAuth,
            Self::Bedrock { .. } => Family::Bedrock,
            Self::CohereChat | Self::CohereEmbed | Self::CohereRerank => Family::Cohere,
            Self::WorkersAi(_) => Family::WorkersAi,
            _ => Family::OpenAi,
        }
    }
}

/// `.../model/{id}/{verb}`; an id that holds a slash has it encoded.
fn bedrock(path: &str) -> Option<Endpoint> {
    let (before, verb) = path.rsplit_once('/')?;
    let (_, model) = before.rsplit_once("/model/")?;
    let verb = match verb {
        "converse" => BedrockVerb::Converse,
        "converse-stream" => BedrockVerb::ConverseStream,
        "invoke" => BedrockVerb::Invoke,
        "invoke-with-response-stream" => BedrockVerb::InvokeStream,
        _ => return None,
    };
    (!model.is_empty() && !model.contains('/'))
        .then(|| Endpoint::Bedrock { verb, model: decode(model) })
}

/// Finds the endpoint of a request and the family whose error shape its refusals take.
pub(super) fn find(
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> (Family, Result<Endpoint, NoRoute>) {
    match Endpoint::of(uri).map(|endpoint| google::own(endpoint, headers)) {
        Some(endpoint) => {
            let family = endpoint.family(uri.path());
            let fits = endpoint.method() == *method;
            (family, if fits { Ok(endpoint) } else { Err(NoRoute::WrongMethod) })
        }
        // An unknown path tells nothing; the version header is sent to Anthropic alone.
        None if headers.contains_key("anthropic-version") => {
            (Family::Anthropic, Err(NoRoute::UnknownPath))
        }
        None => (Family::OpenAi, Err(NoRoute::UnknownPath)),
    }
}
