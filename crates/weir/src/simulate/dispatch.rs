//! From an endpoint and a body to a parsed request.

use serde::de::DeserializeOwned;

use super::fault::Fault;
use super::handler::Asked;
use super::reply::Operation;
use super::route::{BedrockVerb, Endpoint, GeminiVerb};
use super::{
    anthropic, bedrock, cohere, gemini, openai_audio, openai_chat, openai_completions,
    openai_embeddings, openai_images, openai_models, openai_moderations, openai_responses, vertex,
    workers_ai,
};

type Parsed = Result<Box<dyn Operation>, Fault>;

/// Parses the request of an endpoint.
///
/// # Errors
/// When the body is not what the endpoint takes.
pub(super) fn operation(endpoint: Endpoint, asked: &Asked<'_>) -> Parsed {
    let body = asked.body;
    match endpoint {
        Endpoint::ChatCompletions => json::<openai_chat::Request>(body),
        Endpoint::Completions => json::<openai_completions::Request>(body),
        Endpoint::Responses => json::<openai_responses::Request>(body),
        Endpoint::Embeddings => json::<openai_embeddings::Request>(body),
        Endpoint::Speech => json::<openai_audio::Speech>(body),
        Endpoint::Transcriptions => boxed(openai_audio::Transcription::parse(asked)),
        Endpoint::Translations => boxed(openai_audio::Transcription::parse(asked)),
        Endpoint::Images => json::<openai_images::Request>(body),
        Endpoint::Moderations => json::<openai_moderations::Request>(body),
        Endpoint::ModelList => boxed(Ok(openai_models::List)),
        Endpoint::Model(id) => boxed(Ok(openai_models::One(id))),
        Endpoint::Messages => boxed(anthropic::Ask::of_api(body, version(asked))),
        Endpoint::CountTokens => boxed(anthropic::Count::parse(body)),
        Endpoint::RawPredict { model, stream } => vertex::claude(model, stream, body),
        Endpoint::Gemini { verb, model } => gemini(verb, model, body),
        Endpoint::GeminiModels => boxed(Ok(gemini::models::List)),
        Endpoint::GeminiModel(id) => boxed(Ok(gemini::models::One(id))),
        Endpoint::Predict(model) => boxed(vertex::Predict::parse(model, body)),
        Endpoint::Token => boxed(vertex::Token::parse(body)),
        Endpoint::Bedrock { verb, model } => bedrock(verb, model, body),
        Endpoint::CohereChat => json::<cohere::chat::Request>(body),
        Endpoint::CohereEmbed => json::<cohere::embed::Request>(body),
        Endpoint::CohereRerank => json::<cohere::rerank::Request>(body),
        Endpoint::WorkersAi(model) => workers_ai::parse(model, body),
    }
}

fn version<'a>(asked: &Asked<'a>) -> &'a str {
    let version = asked.headers.get("anthropic-version");
    version.and_then(|version| version.to_str().ok()).unwrap_or_default()
}

fn gemini(verb: GeminiVerb, model: String, body: &[u8]) -> Parsed {
    match verb {
        GeminiVerb::Generate => boxed(gemini::Generate::parse(model, None, body)),
        GeminiVerb::Stream { sse } => boxed(gemini::Generate::parse(model, Some(sse), body)),
        GeminiVerb::Count => boxed(gemini::Count::parse(model, body)),
        GeminiVerb::Embed => boxed(gemini::embed::One::parse(model, body)),
        GeminiVerb::BatchEmbed => boxed(gemini::embed::Batch::parse(model, body)),
    }
}

fn bedrock(verb: BedrockVerb, model: String, body: &[u8]) -> Parsed {
    match verb {
        BedrockVerb::Converse => boxed(bedrock::Converse::parse(model, false, body)),
        BedrockVerb::ConverseStream => boxed(bedrock::Converse::parse(model, true, body)),
        BedrockVerb::Invoke => bedrock::invoke::parse(model, false, body),
        BedrockVerb::InvokeStream => bedrock::invoke::parse(model, true, body),
    }
}

fn json<T: Operation + DeserializeOwned + 'static>(body: &[u8]) -> Parsed {
    boxed(parse::<T>(body))
}

/// Puts an operation behind its trait.
pub(super) fn boxed<T: Operation + 'static>(parsed: Result<T, Fault>) -> Parsed {
    parsed.map(|operation| Box::new(operation) as Box<dyn Operation>)
}

/// Reads a JSON body.
///
/// # Errors
/// 400 that says what is wrong and where.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(body)
        .map_err(|error| Fault::bad_request(format!("The request body cannot be read: {error}.")))
}
