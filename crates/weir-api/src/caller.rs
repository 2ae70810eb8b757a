//! Who a call is made by, and the way to change something in their name.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;
use weir_core::audit::{Actor, ActorKind};
use weir_core::config::{Changes, Configuration};
use weir_core::{AccountId, ApiToken, Snapshot};

use crate::Api;
use crate::error::ApiError;

/// Address that a request came from. Whoever accepts connections puts it into the request's
/// extensions; audit records show it.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// An admitted caller, with the snapshot it was admitted by. Whatever the call reads of the
/// configuration it reads there, so that a change in mid-call cannot mix two states.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) token: Arc<ApiToken>,
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) peer: Option<Peer>,
}

impl Caller {
    /// The account of the call.
    pub(crate) fn account(&self) -> &AccountId {
        &self.token.account_id
    }

    /// The configuration the call reads.
    pub(crate) fn configuration(&self) -> &Configuration {
        self.snapshot.configuration()
    }

    /// The caller as audit records name it.
    pub(crate) fn actor(&self) -> Actor {
        Actor {
            kind: ActorKind::Token,
            id: self.token.id.as_ref().to_owned(),
            name: self.token.name.clone(),
            ip: self.peer.map(|Peer(address)| address),
        }
    }

    /// Changes the configuration in the caller's name; see
    /// [`weir_core::LiveConfiguration::change`]. When this returns, the change is in force.
    ///
    /// `edit` sees the present state, which may be newer than [`Self::snapshot`].
    pub(crate) async fn change<T>(
        &self,
        api: &Api,
        edit: impl FnMut(&Configuration, &mut Changes) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        Ok(api.configuration.change(&self.actor(), edit).await?)
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    /// Only a public route, or one outside the table, lacks a caller.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or(ApiError::InvalidToken)
    }
}
