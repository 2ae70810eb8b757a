//! Embeddings of Workers AI. They report no tokens.

use serde::Deserialize;
use serde_json::json;

use super::envelope;
use crate::simulate::fault::Fault;
use crate::simulate::prompt::OneOrMany;
use crate::simulate::reply::{Call, Operation, Reply};
use crate::simulate::{dispatch, vector};

/// Length of a vector of the usual model.
const DIMENSIONS: usize = 768;
/// Most texts of one request.
const MAX_TEXTS: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    text: OneOrMany,
    #[serde(rename = "pooling")]
    _pooling: Option<String>,
}

/// A request for vectors.
pub(super) struct Request(String, Body);

impl Request {
    pub(super) fn parse(model: String, body: &[u8]) -> Result<Self, Fault> {
        let body: Body = dispatch::parse(body)?;
        if !(1..=MAX_TEXTS).contains(&body.text.all().len()) {
            return Err(Fault::bad_request(
                "AiError: Bad input: `text` must have from 1 to 100 entries.",
            ));
        }
        Ok(Self(model, body))
    }
}

impl Operation for Request {
    fn model(&self) -> &str {
        &self.0
    }

    fn reply(&self, _call: &Call<'_>) -> Result<Reply, Fault> {
        let vectors: Vec<Vec<f32>> =
            self.1.text.all().iter().map(|text| vector::of_text(text, DIMENSIONS)).collect();
        Ok(envelope(&json!({
            "shape": [vectors.len(), DIMENSIONS],
            "data": vectors,
            "pooling": "mean",
        })))
    }
}
