//! Google's model list. Any name is a model; the list shows some.

use serde_json::{Value, json};

use crate::simulate::fault::Fault;
use crate::simulate::reply::{Call, Operation, Reply};

/// Names in the list.
const NAMES: [&str; 3] = ["gemini-2.5-flash", "gemini-3.1-pro-preview", "gemini-embedding-001"];

/// `GET .../v1beta/models`.
pub(in crate::simulate) struct List;

/// `GET .../v1beta/models/{id}`.
pub(in crate::simulate) struct One(pub(in crate::simulate) String);

impl Operation for List {
    fn model(&self) -> &str {
        ""
    }

    fn reply(&self, _call: &Call<'_>) -> Result<Reply, Fault> {
        let models: Vec<Value> = NAMES.iter().map(|name| model(name)).collect();
        Ok(Reply::document(&json!({ "models": models })))
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
    let methods = if name.contains("embedding") {
        json!(["embedContent", "batchEmbedContents"])
    } else {
        json!(["generateContent", "countTokens"])
    };
    json!({
        "name": format!("models/{name}"),
        "version": "001",
        "displayName": name,
        "inputTokenLimit": 1_048_576,
        "outputTokenLimit": 65_536,
        "supportedGenerationMethods": methods,
    })
}
