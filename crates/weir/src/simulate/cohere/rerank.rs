//! `POST /v2/rerank`: documents by how many words they share with the query.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::simulate::fault::Fault;
use crate::simulate::reply::{Call, Operation, Reply};

/// Documents for one unit of search.
const PER_UNIT: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::simulate) struct Request {
    model: String,
    query: String,
    documents: Vec<String>,
    top_n: Option<usize>,
    #[serde(rename = "max_tokens_per_doc")]
    _max_tokens_per_doc: Option<u64>,
    #[serde(rename = "priority")]
    _priority: Option<u64>,
}

impl Operation for Request {
    fn model(&self) -> &str {
        &self.model
    }

    fn reply(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        if self.query.is_empty() || self.documents.is_empty() {
            return Err(Fault::bad_request("invalid request: query and documents are required"));
        }
        let words: Vec<&str> = self.query.split_whitespace().collect();
        let mut ranked: Vec<(usize, f64)> = self
            .documents
            .iter()
            .enumerate()
            .map(|(index, document)| {
                let shared = words.iter().filter(|word| document.contains(**word)).count();
                (index, (shared as f64 + 0.5) / (words.len() as f64 + 1.0))
            })
            .collect();
        // A stable sort: equals keep their order.
        ranked.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let results: Vec<Value> = ranked
            .into_iter()
            .take(self.top_n.unwrap_or(usize::MAX))
            .map(|(index, score)| json!({ "index": index, "relevance_score": score }))
            .collect();
        Ok(Reply::document(&json!({
            "id": call.id("rank_"),
            "results": results,
            "meta": {
                "api_version": { "version": "2" },
                "billed_units": { "search_units": self.documents.len().div_ceil(PER_UNIT) },
            },
        })))
    }
}
