//! The unified endpoints: from a model's name to its provider, and from the client's dialect to the
//! provider's.
//!
//! Two steps of the pipeline. [`Wanted::read`] finds out what is wanted, from path and body; a call
//! that fails here has no provider yet and leaves no row. [`prepare`] makes the provider's request
//! of it, once the credential is known; its refusals are logged like any other.

mod body;
pub(crate) mod listing;
mod media;
mod model;
mod outgoing;
pub(crate) mod run;

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use weir_core::route::RouteTarget;
use weir_core::{CustomProvider, Error, ProviderSlug, Snapshot};
use weir_llm::catalogue::{CUSTOM, Provider, Serves};
use weir_llm::operation::Operation;

pub(crate) use outgoing::{Of, Outgoing, Resource, counted, prepare, upstream_model};

use crate::front::door::{Ask, Door, Family};
use crate::plane::Shared;
use run::RunForm;

/// Whose model it is.
#[derive(Clone, Debug)]
pub(crate) enum Owner {
    /// A row of the catalogue.
    Listed(&'static Provider),
    /// An account's own.
    Custom(Arc<CustomProvider>),
}

impl Owner {
    /// What it serves.
    pub(crate) fn serves(&self) -> &'static Serves {
        match self {
            Self::Listed(row) => row.serves,
            Self::Custom(_) => CUSTOM,
        }
    }

    /// Its name for people.
    pub(crate) fn name(&self) -> Cow<'static, str> {
        match self {
            Self::Listed(row) => Cow::Borrowed(row.name),
            Self::Custom(custom) => Cow::Owned(custom.name.clone()),
        }
    }
}

/// What a call at a unified endpoint wants.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) operation: Operation,
    pub(crate) owner: Owner,
    /// The provider's slug, as the log has it.
    pub(crate) slug: ProviderSlug,
    /// The model, in the provider's word.
    pub(crate) model: Box<str>,
    /// The request of that operation: the client's body, or the input inside of it.
    pub(crate) body: Bytes,
    /// A stream is asked for by the path.
    pub(crate) stream: bool,
    /// A stream is framed as server-sent events.
    pub(crate) sse: bool,
    /// The answer comes in the envelope of `ai/run`.
    pub(crate) run: Option<RunForm>,
    /// A Workers AI model's own body, and its path.
    pub(crate) workers_ai_path: Option<Box<str>>,
}

/// Why no provider's model is wanted.
#[derive(Debug)]
pub(crate) enum Unwanted {
    /// The name is that of a dynamic route, which chooses the model.
    Route(Box<str>),
    /// The call cannot be served.
    Refused(Error),
}

impl From<Error> for Unwanted {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// The parts of a call that name what is wanted.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) account: &'a str,
    pub(crate) door: &'a Door,
    pub(crate) body: &'a Bytes,
    pub(crate) content_type: Option<&'a str>,
    /// The gateway's other names for models.
    pub(crate) aliases: &'a std::collections::BTreeMap<String, String>,
    /// What a route chose, in place of what the call names.
    pub(crate) chosen: Option<&'a RouteTarget>,
}

impl Wanted {
    /// Finds out what is wanted.
    pub(crate) fn read(
        asked: &Asked<'_>,
        snapshot: &Snapshot,
        shared: &Shared,
    ) -> Result<Self, Unwanted> {
        let door = asked.door;
        match &door.ask {
            Ask::Run { preview } => run::read(asked, *preview, snapshot, shared),
            Ask::RunModel(model) => run::of_path(model, asked, snapshot, shared),
            Ask::OfModel { operation, model, stream, sse } => {
                let named = model::find(model, *operation, asked, snapshot, shared)?;
                let body = asked.body.clone();
                Ok(Self { stream: *stream, sse: *sse, ..named.into_wanted(*operation, body) })
            }
            Ask::Operation(operation) => {
                let name = body::model(*operation, asked)?;
                let named = model::find(&name, *operation, asked, snapshot, shared)?;
                Ok(named.into_wanted(*operation, asked.body.clone()))
            }
            // Answered before any body is read.
            Ask::Models(_) | Ask::Model { .. } => Err(crate::front::no_such_path("").into()),
        }
    }

    /// Whether the model of Workers AI is called past all gateways: at the API host, by a request
    /// that names none (spec: data-plane 1.6).
    pub(crate) fn is_direct(&self, door: &Door, names_gateway: bool) -> bool {
        door.family == Family::Rest && !names_gateway && self.slug.as_str() == "workers-ai"
    }
}
