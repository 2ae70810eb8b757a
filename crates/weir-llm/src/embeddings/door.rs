//! What clients speak who want vectors.

mod gemini;
mod openai;

use super::{Embeddings, EmbeddingsRequest};
use crate::dialect::Asked;
use crate::fault::Fault;
use crate::operation::Operation;

/// A front door for embeddings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmbeddingsDoor {
    /// OpenAI `/embeddings`.
    OpenAi,
    /// Gemini `:embedContent`: one text.
    Gemini,
    /// Gemini `:batchEmbedContents`.
    GeminiBatch,
}

impl EmbeddingsDoor {
    /// The door of an operation, if it asks for vectors.
    pub const fn of(operation: Operation) -> Option<Self> {
        match operation {
            Operation::Embeddings => Some(Self::OpenAi),
            Operation::EmbedContent => Some(Self::Gemini),
            Operation::BatchEmbedContents => Some(Self::GeminiBatch),
            _ => None,
        }
    }

    /// Reads a request that is to be translated.
    ///
    /// # Errors
    /// When it is not a request of this dialect, or holds what only the dialect's own provider can
    /// read; the fault names the place.
    pub fn read(self, body: &[u8], asked: &Asked<'_>) -> Result<EmbeddingsRequest, Fault> {
        match self {
            Self::OpenAi => openai::read(body, asked),
            Self::Gemini => gemini::read(body, asked),
            Self::GeminiBatch => gemini::read_batch(body, asked),
        }
    }

    /// Writes an answer; `base64` is [`EmbeddingsRequest::base64`].
    pub fn write(self, answer: &Embeddings, base64: bool) -> Vec<u8> {
        match self {
            Self::OpenAi => openai::write(answer, base64),
            Self::Gemini => gemini::write(answer),
            Self::GeminiBatch => gemini::write_batch(answer),
        }
    }
}
