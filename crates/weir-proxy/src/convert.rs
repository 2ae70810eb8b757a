//! What becomes of a provider's answer before the client gets it.

mod picture;
mod run;
mod sound;
mod whole;

use weir_llm::dialect::{Dialect, ReplyContext};
use weir_llm::embeddings::{EmbeddingsDoor, EmbeddingsWire, Expected};
use weir_llm::provider::{DecodeContext, Wire};

use crate::unified::run::RunForm;

pub(crate) use whole::{Head, convert};

/// How an answer is changed on its way.
#[derive(Clone, Debug)]
pub(crate) struct Conversion {
    pub(crate) answer: AnswerForm,
    /// What the client speaks.
    pub(crate) dialect: Dialect,
    /// The envelope of `ai/run`, for answers in one piece.
    pub(crate) run: Option<RunForm>,
}

/// From whose form to whose.
#[derive(Clone, Debug)]
pub(crate) enum AnswerForm {
    /// It is in the client's dialect already.
    Same,
    /// An answer in a conversation.
    Chat {
        wire: Wire,
        decoding: DecodeContext,
        context: ReplyContext,
        /// The client asked for a stream.
        stream: bool,
    },
    /// Vectors.
    Embeddings {
        wire: EmbeddingsWire,
        door: EmbeddingsDoor,
        expected: Expected,
        /// The client wants them as base64.
        base64: bool,
    },
}

impl Conversion {
    /// Whether nothing of an answer changes.
    pub(crate) const fn is_none(&self) -> bool {
        matches!(self.answer, AnswerForm::Same) && self.run.is_none()
    }
}

impl AnswerForm {
    /// Whether client and provider speak the same.
    pub(crate) const fn is_same(&self) -> bool {
        matches!(self, Self::Same)
    }
}
