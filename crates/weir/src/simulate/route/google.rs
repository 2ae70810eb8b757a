//! Google's paths: the verb stands behind a colon after the model.

use http::HeaderMap;

use super::percent::decode;
use super::{Endpoint, GeminiVerb};

/// Versions that Google alone has: they tell its model list from OpenAI's.
const VERSIONS: [&str; 2] = ["/v1beta/models", "/v1alpha/models"];

/// The endpoint of a path of the Gemini API or of Vertex.
pub(super) fn endpoint(path: &str, query: &str) -> Option<Endpoint> {
    if let Some((before, last)) = path.rsplit_once("/models/")
        && let Some((model, verb)) = last.rsplit_once(':')
        && let Some(endpoint) = call(before, decode(model), verb, query)
    {
        return Some(endpoint);
    }
    for version in VERSIONS {
        if path.ends_with(version) {
            return Some(Endpoint::GeminiModels);
        }
        if let Some((_, id)) = path.rsplit_once(version)
            && let Some(id) = id.strip_prefix('/')
            && !id.contains(':')
        {
            return Some(Endpoint::GeminiModel(decode(id)));
        }
    }
    None
}

/// Under `/v1` Google's model list has the path of OpenAI's; only its clients send its header.
pub(super) fn own(endpoint: Endpoint, headers: &HeaderMap) -> Endpoint {
    match endpoint {
        Endpoint::ModelList if headers.contains_key("x-goog-api-key") => Endpoint::GeminiModels,
        Endpoint::Model(id) if headers.contains_key("x-goog-api-key") => Endpoint::GeminiModel(id),
        other => other,
    }
}

fn call(before: &str, model: String, verb: &str, query: &str) -> Option<Endpoint> {
    let verb = match verb {
        "generateContent" => GeminiVerb::Generate,
        "streamGenerateContent" => {
            GeminiVerb::Stream { sse: query.split('&').any(|pair| pair == "alt=sse") }
        }
        "countTokens" => GeminiVerb::Count,
        "embedContent" => GeminiVerb::Embed,
        "batchEmbedContents" => GeminiVerb::BatchEmbed,
        "predict" => return Some(Endpoint::Predict(model)),
        "rawPredict" | "streamRawPredict" if before.ends_with("/publishers/anthropic") => {
            return Some(Endpoint::RawPredict { model, stream: verb == "streamRawPredict" });
        }
        _ => return None,
    };
    Some(Endpoint::Gemini { verb, model })
}
