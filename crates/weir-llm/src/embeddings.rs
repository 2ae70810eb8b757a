//! Texts that become vectors: a client's request in one dialect, a provider in another (spec:
//! providers 4.5).
//!
//! [`EmbeddingsDoor`] is what the client speaks, [`EmbeddingsWire`] what the provider speaks, and
//! between them are the two types here. Where both speak alike the body passes unchanged and nothing
//! of this is used.

mod door;
mod task;
mod vector;
mod wire;

#[cfg(test)]
mod tests;

pub use door::EmbeddingsDoor;
pub use task::Task;
pub use wire::EmbeddingsWire;

use serde_json::{Map, Value};

/// What a client asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EmbeddingsRequest {
    /// The model, in the provider's word: a unified name has lost its prefix.
    pub model: String,
    /// The texts; one vector each.
    pub inputs: Vec<String>,
    /// Titles of the texts; empty, or as many as there are texts.
    pub titles: Vec<Option<String>>,
    /// Length of each vector.
    pub dimensions: Option<u64>,
    /// The client wants each vector as base64 of little-endian `float32`.
    pub base64: bool,
    /// The end user.
    pub user: Option<String>,
    /// What the vectors are for.
    pub task: Option<Task>,
    /// Parameters of the client's dialect that have no place here, by name.
    pub own: Map<String, Value>,
}

/// What a provider answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Embeddings {
    /// One vector for each text, in the order of the texts.
    pub vectors: Vec<Vec<f32>>,
    /// The model that answered, in the provider's word.
    pub model: String,
    /// Tokens of all texts.
    pub tokens: u64,
    /// The provider did not say how many tokens; they were estimated.
    pub estimated: bool,
}

/// What is known of an answer before it comes; to check it by, and to fill in what it does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// The wanted model, for answers that do not name theirs.
    pub model: Box<str>,
    /// How many texts were sent.
    pub texts: usize,
    /// An estimate of their tokens.
    pub tokens: u64,
}

impl EmbeddingsRequest {
    /// What its answer is expected to be. Tokens are guessed at four bytes each, rounded up for each
    /// text.
    pub fn expected(&self) -> Expected {
        Expected {
            model: self.model.as_str().into(),
            texts: self.inputs.len(),
            tokens: self.inputs.iter().map(|text| text.len().div_ceil(4) as u64).sum(),
        }
    }
}
