//! What Vertex AI has beside Gemini: Claude, embeddings by `:predict`, and the token endpoint of
//! Google's OAuth.

mod token;

use serde::Deserialize;
use serde_json::{Value, json};

pub(super) use self::token::Token;
use super::dispatch::boxed;
use super::fault::Fault;
use super::reply::{Call, Operation, Reply};
use super::{anthropic, dispatch, tokens, vector};

/// Length of a vector unless the request says another.
const DEFAULT_DIMENSIONS: usize = 768;
/// Most texts of one request.
const MAX_INSTANCES: usize = 250;

/// A body for Claude. Counting is a model of its own there, with the real one in the body.
pub(super) fn claude(
    model: String,
    stream: bool,
    body: &[u8],
) -> Result<Box<dyn Operation>, Fault> {
    if model == "count-tokens" {
        return boxed(anthropic::Count::parse(body));
    }
    boxed(anthropic::Ask::of_vertex(model, stream, body))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    instances: Vec<Instance>,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Instance {
    content: String,
    #[serde(rename = "task_type", alias = "taskType")]
    _task_type: Option<String>,
    #[serde(rename = "title")]
    _title: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    #[serde(rename = "outputDimensionality", alias = "output_dimensionality")]
    dimensions: Option<usize>,
    #[serde(rename = "autoTruncate", alias = "auto_truncate")]
    _auto_truncate: Option<bool>,
}

/// A request for embeddings.
pub(super) struct Predict(String, Body);

impl Predict {
    pub(super) fn parse(model: String, body: &[u8]) -> Result<Self, Fault> {
        Ok(Self(model, dispatch::parse(body)?))
    }
}

impl Operation for Predict {
    fn model(&self) -> &str {
        &self.0
    }

    fn reply(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        let Self(_, Body { instances, parameters }) = self;
        if !(1..=MAX_INSTANCES).contains(&instances.len()) {
            return Err(Fault::bad_request("instances: must have from 1 to 250 entries"));
        }
        if instances.iter().any(|instance| instance.content.is_empty()) {
            return Err(Fault::bad_request("instances: The text content is empty."));
        }
        let dimensions = parameters.dimensions.unwrap_or(DEFAULT_DIMENSIONS);
        if !(1..=3072).contains(&dimensions) {
            return Err(Fault::bad_request("outputDimensionality: must be from 1 to 3072"));
        }
        let predictions: Vec<Value> = instances
            .iter()
            .enumerate()
            .map(|(index, Instance { content, .. })| {
                // An ordered count goes to the first, so that the sum is as ordered.
                let ordered = call.script.usage.input.map(|all| if index == 0 { all } else { 0 });
                let count = ordered.unwrap_or_else(|| tokens::of_text(content));
                json!({ "embeddings": {
                    "values": vector::of_text(content, dimensions),
                    "statistics": { "truncated": false, "token_count": count },
                }})
            })
            .collect();
        let characters: usize = instances.iter().map(|it| it.content.chars().count()).sum();
        Ok(Reply::document(&json!({
            "predictions": predictions,
            "metadata": { "billableCharacterCount": characters },
        })))
    }
}
