//! Bedrock's `invoke`, whose bodies are those of the model's maker: Amazon's Titan or Cohere.

use serde::{Deserialize, Serialize};

use super::{Able, Answer, Field, body, cohere, parse, path};
use crate::canonical::Failure;
use crate::embeddings::EmbeddingsRequest;
use crate::fault::{Fault, Losses, Param};
use crate::provider::{Place, Prepared};

/// Where the tokens are told for every model.
const TOKENS: &str = "x-amzn-bedrock-input-token-count";

/// Which body a model wants.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Titan { dimensions: bool },
    Cohere { dimensions: bool },
}

impl Family {
    /// By the model's id, whatever stands before it: a region's prefix, an ARN.
    fn of(model: &str) -> Option<Self> {
        if model.contains("amazon.titan-embed-text") || model.contains("amazon.titan-embed-g1") {
            return Some(Self::Titan { dimensions: model.contains("titan-embed-text-v2") });
        }
        let after = model.split("cohere.embed-").nth(1)?;
        Some(Self::Cohere { dimensions: !after.contains("v3") })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Titan<'a> {
    input_text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<u64>,
}

pub(super) fn prepare(
    request: &EmbeddingsRequest,
    place: &Place<'_>,
    losses: &mut Losses,
) -> Result<Prepared, Fault> {
    let family = Family::of(&request.model).ok_or_else(|| {
        let why = "of Bedrock's embedding models only amazon.titan-embed-text-* and \
                   cohere.embed-* are served here";
        losses.invalid(&Param::Model, why)
    })?;
    let body = match family {
        Family::Titan { dimensions } => {
            Able { dimensions, ..Able::default() }.account(request, losses)?;
            let [text] = request.inputs.as_slice() else {
                let why = "embeds one text per call with a Titan model; send each text in a call \
                           of its own, or use a Cohere model";
                return Err(losses.refuse(&Field::Inputs.param(losses), why));
            };
            body(&Titan { input_text: text, dimensions: request.dimensions })
        }
        Family::Cohere { dimensions } => {
            let able = Able { dimensions, task: true, ..Able::default() };
            able.account(request, losses)?;
            // The model stands in the path alone.
            cohere::write(request, None, losses)?
        }
    };
    let model = path::segment(&request.model, losses)?;
    let path = format!("bedrock-runtime/{}/model/{model}/invoke", place.region);
    Ok(Prepared { path, body, ..Prepared::default() })
}

/// Titan's answer, or else Cohere's.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply {
    embedding: Option<Vec<f32>>,
    input_text_token_count: Option<u64>,
    embeddings: Option<cohere::Vectors>,
}

pub(super) fn decode(
    body: &[u8],
    header: &dyn Fn(&str) -> Option<String>,
) -> Result<Answer, Failure> {
    let reply: Reply = parse(body)?;
    let told = header(TOKENS).and_then(|count| count.trim().parse().ok());
    let vectors = match (reply.embedding, reply.embeddings) {
        (Some(vector), _) => vec![vector],
        (None, Some(vectors)) => vectors.0,
        (None, None) => return Err(Failure::unreadable("neither embedding nor embeddings")),
    };
    Ok(Answer { vectors, model: None, tokens: reply.input_text_token_count.or(told) })
}
