//! OpenAI's model list. Any name is a model; the list shows some.

use serde_json::{Value, json};

use super::fault::Fault;
use super::reply::{Call, Operation, Reply};
use super::seed;

/// Names in the list.
const NAMES: [&str; 4] = ["gpt-4o", "gpt-4o-mini", "text-embedding-3-small", "claude-sonnet-4-5"];

/// `GET .../models`.
pub(super) struct List;

/// `GET .../models/{id}`.
pub(super) struct One(pub(super) String);

impl Operation for List {
    fn model(&self) -> &str {
        ""
    }

    fn reply(&self, _call: &Call<'_>) -> Result<Reply, Fault> {
        let models: Vec<Value> = NAMES.iter().map(|name| model(name)).collect();
        Ok(Reply::document(&json!({ "object": "list", "data": models })))
    }
}

impl Operation for One {
    fn model(&self) -> &str {
        &self.0
    }

    fn reply(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        Ok(Reply::document(&model(call.model)))
    }
}

fn model(name: &str) -> Value {
    json!({ "id": name, "object": "model", "created": seed::CREATED, "owned_by": "simulator" })
}
