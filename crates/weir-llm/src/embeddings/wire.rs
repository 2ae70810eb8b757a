//! What providers speak that make vectors (spec: providers 4.5).

mod bedrock;
mod cohere;
mod gemini;
mod losses;
mod openai;
mod path;
mod vertex;
mod workers_ai;

use serde::{Deserialize, Serialize};

use super::{Embeddings, EmbeddingsRequest, Expected};
use crate::canonical::Failure;
use crate::fault::{Fault, Losses};
use crate::provider::{Place, Prepared, Wire};
use losses::{Able, Field};

/// A wire format for embeddings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EmbeddingsWire {
    /// OpenAI `/embeddings`.
    OpenAi,
    /// Gemini `:batchEmbedContents`.
    Gemini,
    /// Vertex `:predict`.
    Vertex,
    /// Bedrock `/invoke`: Titan or Cohere, by the model's name.
    Bedrock,
    /// Cohere `/v2/embed`.
    Cohere,
    /// Workers AI `/run/{model}`.
    WorkersAi,
}

/// What an answer said, before it is checked.
#[derive(Debug, Default)]
struct Answer {
    vectors: Vec<Vec<f32>>,
    model: Option<String>,
    tokens: Option<u64>,
}

impl EmbeddingsWire {
    /// Writes a request. What the target cannot do is refused, or left out and noted in `losses`.
    ///
    /// # Errors
    /// When something that matters cannot be carried over.
    pub fn prepare(
        self,
        request: &EmbeddingsRequest,
        place: &Place<'_>,
        losses: &mut Losses,
    ) -> Result<Prepared, Fault> {
        match self {
            Self::OpenAi => openai::prepare(request, place, losses),
            Self::Gemini => gemini::prepare(request, losses),
            Self::Vertex => vertex::prepare(request, place, losses),
            Self::Bedrock => bedrock::prepare(request, place, losses),
            Self::Cohere => cohere::prepare(request, losses),
            Self::WorkersAi => workers_ai::prepare(request, losses),
        }
    }

    /// Reads an answer of a good status. `header` gives the value of a response header by its
    /// lower-case name: Bedrock tells tokens nowhere else.
    ///
    /// # Errors
    /// When the answer says that it failed, cannot be read, or is not one vector for each text.
    pub fn decode(
        self,
        body: &[u8],
        expected: &Expected,
        header: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Embeddings, Failure> {
        let answer = match self {
            Self::OpenAi => openai::decode(body)?,
            Self::Gemini => gemini::decode(body)?,
            Self::Vertex => vertex::decode(body)?,
            Self::Bedrock => bedrock::decode(body, header)?,
            Self::Cohere => cohere::decode(body)?,
            Self::WorkersAi => workers_ai::decode(body)?,
        };
        answer.check(expected)
    }

    /// Reads the body of an error. Never fails: an unknown body becomes the message.
    pub fn failure(self, status: u16, body: &[u8]) -> Failure {
        match self {
            Self::OpenAi => Wire::OpenAi.failure(status, body),
            Self::Gemini | Self::Vertex => Wire::Gemini.failure(status, body),
            Self::Bedrock => Wire::Converse.failure(status, body),
            Self::Cohere => Wire::Cohere.failure(status, body),
            Self::WorkersAi => workers_ai::failure(status, body)
                .unwrap_or_else(|| Wire::OpenAi.failure(status, body)),
        }
    }
}

impl Answer {
    /// A vector too few, or an empty one, would be stored under the wrong text without a word.
    fn check(self, expected: &Expected) -> Result<Embeddings, Failure> {
        let (got, want) = (self.vectors.len(), expected.texts);
        if got != want {
            return Err(Failure::unreadable(format!("{got} vectors for {want} texts")));
        }
        if self.vectors.iter().any(Vec::is_empty) {
            return Err(Failure::unreadable("an empty vector"));
        }
        if !self.vectors.iter().flatten().all(|value| value.is_finite()) {
            return Err(Failure::unreadable("a vector with what is no finite number"));
        }
        Ok(Embeddings {
            vectors: self.vectors,
            model: self.model.unwrap_or_else(|| expected.model.as_ref().to_owned()),
            tokens: self.tokens.unwrap_or(expected.tokens),
            estimated: self.tokens.is_none(),
        })
    }
}

/// A body of JSON.
fn body(value: &impl Serialize) -> Vec<u8> {
    // Texts and numbers, into memory: cannot fail.
    serde_json::to_vec(value).unwrap_or_default()
}

fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(Failure::unreadable)
}
