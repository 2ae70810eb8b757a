//! `POST /v2/embed`.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::simulate::fault::Fault;
use crate::simulate::reply::{Call, Operation, Reply};
use crate::simulate::{tokens, vector};

/// Length of a vector unless the request says another.
const DEFAULT_DIMENSIONS: usize = 1024;
/// Most texts of one request.
const MAX_TEXTS: usize = 96;
const INPUT_TYPES: [&str; 5] =
    ["search_document", "search_query", "classification", "clustering", "image"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::simulate) struct Request {
    model: String,
    texts: Vec<String>,
    input_type: Option<String>,
    #[serde(default)]
    embedding_types: Vec<String>,
    output_dimension: Option<usize>,
    #[serde(rename = "max_tokens")]
    _max_tokens: Option<u64>,
    #[serde(rename = "truncate")]
    _truncate: Option<String>,
    #[serde(rename = "priority")]
    _priority: Option<u64>,
}

impl Operation for Request {
    fn model(&self) -> &str {
        &self.model
    }

    fn reply(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        let bad = |message: &'static str| Err(Fault::bad_request(message));
        if !(1..=MAX_TEXTS).contains(&self.texts.len()) {
            return bad("invalid request: texts must have from 1 to 96 entries");
        }
        if !self.input_type.as_deref().is_some_and(|kind| INPUT_TYPES.contains(&kind)) {
            return bad("invalid request: valid input_type must be provided with this model");
        }
        let dimensions = self.output_dimension.unwrap_or(DEFAULT_DIMENSIONS);
        if ![256, 512, 1024, 1536].contains(&dimensions) {
            return bad("invalid request: output_dimension must be 256, 512, 1024 or 1536");
        }
        let vectors: Vec<Vec<f32>> =
            self.texts.iter().map(|text| vector::of_text(text, dimensions)).collect();
        let mut embeddings = Map::new();
        let default = vec!["float".to_owned()];
        let kinds = if self.embedding_types.is_empty() { &default } else { &self.embedding_types };
        for kind in kinds {
            let value: Value = match kind.as_str() {
                "float" => json!(vectors),
                "base64" => vectors.iter().map(|vector| vector::base64(vector)).collect(),
                _ => return bad("The simulator has the embedding types float and base64 alone."),
            };
            embeddings.insert(kind.clone(), value);
        }
        let counted = self.texts.iter().map(|text| tokens::of_text(text)).sum();
        let input = call.script.usage.input.unwrap_or(counted);
        Ok(Reply::document(&json!({
            "id": call.id("emb_"),
            "embeddings": embeddings,
            "texts": self.texts,
            "response_type": "embeddings_by_type",
            "meta": {
                "api_version": { "version": "2" },
                "billed_units": { "input_tokens": input },
            },
        })))
    }
}
