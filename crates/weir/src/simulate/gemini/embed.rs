//! `:embedContent` and `:batchEmbedContents`. Neither reports how many tokens it read.

use serde::Deserialize;
use serde_json::{Value, json};

use super::request::Turn;
use crate::simulate::fault::Fault;
use crate::simulate::reply::{Call, Operation, Reply};
use crate::simulate::{dispatch, vector};

/// Length of a vector unless the request says another.
const DEFAULT_DIMENSIONS: usize = 768;
/// Longest vector that may be asked for.
const MAX_DIMENSIONS: usize = 3072;
/// Most requests in a batch.
const MAX_BATCH: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Request {
    model: Option<String>,
    content: Turn,
    #[serde(rename = "taskType", alias = "task_type")]
    _task_type: Option<String>,
    #[serde(rename = "title")]
    _title: Option<String>,
    #[serde(alias = "output_dimensionality")]
    output_dimensionality: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BatchBody {
    requests: Vec<Request>,
}

/// One text.
pub(in crate::simulate) struct One(String, Request);

/// Several texts.
pub(in crate::simulate) struct Batch(String, Vec<Request>);

impl One {
    pub(in crate::simulate) fn parse(model: String, body: &[u8]) -> Result<Self, Fault> {
        let request: Request = dispatch::parse(body)?;
        request.check(&model, false)?;
        Ok(Self(model, request))
    }
}

impl Batch {
    pub(in crate::simulate) fn parse(model: String, body: &[u8]) -> Result<Self, Fault> {
        let BatchBody { requests } = dispatch::parse(body)?;
        if !(1..=MAX_BATCH).contains(&requests.len()) {
            return Err(Fault::bad_request("requests: must have from 1 to 100 entries"));
        }
        requests.iter().try_for_each(|request| request.check(&model, true))?;
        Ok(Self(model, requests))
    }
}

impl Request {
    fn check(&self, model: &str, needs_model: bool) -> Result<(), Fault> {
        match self.model.as_deref() {
            None if needs_model => {
                return Err(Fault::bad_request("requests[].model: model is not specified"));
            }
            Some(name) if name.strip_prefix("models/") != Some(model) => {
                return Err(Fault::bad_request(
                    "model: must be `models/` and the name that is in the path",
                ));
            }
            _ => {}
        }
        if self.text().is_empty() {
            return Err(Fault::bad_request("content: contents is empty"));
        }
        let dimensions = self.output_dimensionality.unwrap_or(DEFAULT_DIMENSIONS);
        if !(1..=MAX_DIMENSIONS).contains(&dimensions) {
            return Err(Fault::bad_request("output_dimensionality: must be from 1 to 3072"));
        }
        Ok(())
    }

    fn text(&self) -> String {
        self.content.parts.iter().filter_map(|part| part.text.as_deref()).collect()
    }

    fn embedding(&self) -> Value {
        let dimensions = self.output_dimensionality.unwrap_or(DEFAULT_DIMENSIONS);
        json!({ "values": vector::of_text(&self.text(), dimensions) })
    }
}

impl Operation for One {
    fn model(&self) -> &str {
        &self.0
    }

    fn reply(&self, _call: &Call<'_>) -> Result<Reply, Fault> {
        Ok(Reply::document(&json!({ "embedding": self.1.embedding() })))
    }
}

impl Operation for Batch {
    fn model(&self) -> &str {
        &self.0
    }

    fn reply(&self, _call: &Call<'_>) -> Result<Reply, Fault> {
        let embeddings: Vec<Value> = self.1.iter().map(Request::embedding).collect();
        Ok(Reply::document(&json!({ "embeddings": embeddings })))
    }
}
