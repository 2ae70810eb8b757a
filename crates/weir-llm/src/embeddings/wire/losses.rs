//! The account of what a target cannot be told.

use crate::dialect::Dialect;
use crate::embeddings::EmbeddingsRequest;
use crate::fault::{Fault, Losses, Param};

/// What a target can be told beyond the texts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Able {
    /// How long the vectors are to be.
    pub(super) dimensions: bool,
    /// What they are for.
    pub(super) task: bool,
    /// Titles of the texts.
    pub(super) titles: bool,
    /// The end user.
    pub(super) user: bool,
    /// What only the client's dialect knows.
    pub(super) own: bool,
}

/// Parameters with different names in the dialects.
#[derive(Clone, Copy, Debug)]
pub(super) enum Field {
    Inputs,
    Dimensions,
    Task,
}

impl Field {
    /// The parameter in the client's words.
    pub(super) fn param(self, losses: &Losses) -> Param {
        let gemini = losses.dialect() == Dialect::Gemini;
        let name = match self {
            Self::Inputs if gemini => "requests",
            Self::Inputs => "input",
            Self::Dimensions if gemini => "outputDimensionality",
            Self::Dimensions => "dimensions",
            Self::Task if gemini => "taskType",
            Self::Task => "input_type",
        };
        Param::Own(name.into())
    }
}

impl Able {
    /// Goes through all of a request: what the target cannot be told is left out with a mark, or
    /// refused.
    pub(super) fn account(
        self,
        request: &EmbeddingsRequest,
        losses: &mut Losses,
    ) -> Result<(), Fault> {
        let EmbeddingsRequest { model, inputs, titles, dimensions, base64, user, task, own } =
            request;
        // Always carried; the form of the vectors is the door's matter.
        let _ = (model, inputs, base64);
        if dimensions.is_some() && !self.dimensions {
            // Vectors of another length do not fit beside those the client has stored.
            let param = Field::Dimensions.param(losses);
            let why = "has one length of vectors for this model; leave it out";
            return Err(losses.refuse(&param, why));
        }
        if task.is_some() && !self.task {
            losses.drop(&Field::Task.param(losses))?;
        }
        if titles.iter().any(Option::is_some) && !self.titles {
            losses.drop(&Param::Own("title".into()))?;
        }
        if user.is_some() && !self.user {
            losses.drop(&Param::User)?;
        }
        if !self.own {
            for name in own.keys() {
                losses.drop(&Param::Own(name.as_str().into()))?;
            }
        }
        Ok(())
    }
}
