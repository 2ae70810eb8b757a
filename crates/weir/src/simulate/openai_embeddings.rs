//! OpenAI Embeddings: unit vectors that depend on the input text alone.

use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::reply::{Call, Operation, Reply};
use super::{seed, tokens, vector};

/// Length of a vector unless the request says another.
const DEFAULT_DIMENSIONS: usize = 1536;
/// Longest vector that may be asked for.
const MAX_DIMENSIONS: usize = 8192;
/// Most inputs of one request, as at OpenAI.
const MAX_INPUTS: usize = 2048;

#[derive(Deserialize)]
pub(super) struct Request {
    model: String,
    input: Input,
    dimensions: Option<usize>,
    encoding_format: Option<Encoding>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Input {
    Text(String),
    Texts(Vec<String>),
    Tokens(Vec<u32>),
    TokenLists(Vec<Vec<u32>>),
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Encoding {
    Float,
    Base64,
}

#[derive(Serialize)]
struct Answer<'a> {
    object: &'static str,
    data: Vec<Item>,
    model: &'a str,
    usage: Counts,
}

#[derive(Serialize)]
struct Item {
    object: &'static str,
    index: usize,
    embedding: Embedding,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Embedding {
    Float(Vec<f32>),
    Base64(String),
}

#[derive(Serialize)]
struct Counts {
    prompt_tokens: u64,
    total_tokens: u64,
}

impl Input {
    /// Hash and token count of each input.
    fn items(&self) -> Vec<(u64, u64)> {
        let text = |text: &String| (seed::hash(text.as_bytes()), tokens::of_text(text));
        let list = |ids: &Vec<u32>| {
            let bytes: Vec<u8> = ids.iter().flat_map(|id| id.to_le_bytes()).collect();
            (seed::hash(&bytes), ids.len() as u64)
        };
        match self {
            Self::Text(one) => vec![text(one)],
            Self::Texts(all) => all.iter().map(text).collect(),
            Self::Tokens(one) => vec![list(one)],
            Self::TokenLists(all) => all.iter().map(list).collect(),
        }
    }
}

impl Operation for Request {
    fn model(&self) -> &str {
        &self.model
    }

    fn reply(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        let dimensions = self.dimensions.unwrap_or(DEFAULT_DIMENSIONS);
        if !(1..=MAX_DIMENSIONS).contains(&dimensions) {
            let fault = Fault::bad_request("`dimensions` must be from 1 to 8192.");
            return Err(fault.with_param("dimensions"));
        }
        let items = self.input.items();
        if items.is_empty() || items.len() > MAX_INPUTS {
            let fault = Fault::bad_request("`input` must have from 1 to 2048 entries.");
            return Err(fault.with_param("input"));
        }
        let counted = items.iter().map(|(_, tokens)| tokens).sum();
        let input = call.script.usage.input.unwrap_or(counted);
        let data = items
            .iter()
            .enumerate()
            .map(|(index, (hash, _))| {
                let vector = vector::of_hash(*hash, dimensions);
                let embedding = match self.encoding_format.unwrap_or(Encoding::Float) {
                    Encoding::Float => Embedding::Float(vector),
                    Encoding::Base64 => Embedding::Base64(vector::base64(&vector)),
                };
                Item { object: "embedding", index, embedding }
            })
            .collect();
        let usage = Counts { prompt_tokens: input, total_tokens: input };
        Ok(Reply::document(&Answer { object: "list", data, model: call.model, usage }))
    }
}
