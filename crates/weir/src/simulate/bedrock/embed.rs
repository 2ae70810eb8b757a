//! Embeddings through `invoke`: Titan takes one text, Cohere several.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::simulate::fault::Fault;
use crate::simulate::reply::{Call, Operation, Reply};
use crate::simulate::{dispatch, tokens, vector};

const COUNT: &str = "x-amzn-bedrock-input-token-count";
/// Vector lengths that Titan has; the first is the default.
const TITAN_DIMENSIONS: [usize; 3] = [1024, 512, 256];
const COHERE_DIMENSIONS: usize = 1024;
/// Most texts of one request to Cohere.
const MAX_TEXTS: usize = 96;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct TitanBody {
    input_text: String,
    dimensions: Option<usize>,
    #[serde(rename = "normalize")]
    _normalize: Option<bool>,
    #[serde(rename = "embeddingTypes")]
    _embedding_types: Option<Vec<String>>,
}

/// A request to a Titan model.
pub(super) struct Titan(String, TitanBody);

impl Titan {
    pub(super) fn parse(model: String, body: &[u8]) -> Result<Self, Fault> {
        Ok(Self(model, dispatch::parse(body)?))
    }
}

impl Operation for Titan {
    fn model(&self) -> &str {
        &self.0
    }

    fn reply(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        let Self(_, body) = self;
        let dimensions = body.dimensions.unwrap_or(1024);
        if !TITAN_DIMENSIONS.contains(&dimensions) {
            return Err(Fault::bad_request("dimensions must be 1024, 512 or 256."));
        }
        if body.input_text.is_empty() {
            return Err(Fault::bad_request("inputText must not be empty."));
        }
        let counted = tokens::of_text(&body.input_text);
        let input = call.script.usage.input.unwrap_or(counted);
        let vector = vector::of_text(&body.input_text, dimensions);
        Ok(Reply::document(&json!({
            "embedding": vector,
            "embeddingsByType": { "float": vector },
            "inputTextTokenCount": input,
        }))
        .with_header(COUNT, input))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CohereBody {
    texts: Vec<String>,
    input_type: String,
    #[serde(default)]
    embedding_types: Vec<String>,
    output_dimension: Option<usize>,
    #[serde(rename = "truncate")]
    _truncate: Option<String>,
    #[serde(rename = "max_tokens")]
    _max_tokens: Option<u64>,
}

/// A request to a Cohere model.
pub(super) struct Cohere(String, CohereBody);

impl Cohere {
    pub(super) fn parse(model: String, body: &[u8]) -> Result<Self, Fault> {
        Ok(Self(model, dispatch::parse(body)?))
    }
}

impl Operation for Cohere {
    fn model(&self) -> &str {
        &self.0
    }

    fn reply(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        let Self(_, body) = self;
        if !(1..=MAX_TEXTS).contains(&body.texts.len()) {
            return Err(Fault::bad_request("texts must have from 1 to 96 members."));
        }
        let known = ["search_document", "search_query", "classification", "clustering"];
        if !known.contains(&body.input_type.as_str()) {
            return Err(Fault::bad_request("input_type is unknown."));
        }
        let counted = body.texts.iter().map(|text| tokens::of_text(text)).sum();
        let input = call.script.usage.input.unwrap_or(counted);
        let dimensions = body.output_dimension.unwrap_or(COHERE_DIMENSIONS).clamp(1, 4096);
        let vectors: Vec<Vec<f32>> =
            body.texts.iter().map(|text| vector::of_text(text, dimensions)).collect();
        let (kind, embeddings): (&str, Value) = if body.embedding_types.is_empty() {
            ("embeddings_floats", json!(vectors))
        } else {
            ("embeddings_by_type", json!({ "float": vectors }))
        };
        Ok(Reply::document(&json!({
            "id": call.id("emb_"),
            "response_type": kind,
            "embeddings": embeddings,
            "texts": body.texts,
        }))
        .with_header(COUNT, input))
    }
}
