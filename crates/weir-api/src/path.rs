//! What the segments of a path name.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use weir_core::config::Configuration;
use weir_core::{Gateway, LogId};

use crate::caller::Caller;
use crate::error::ApiError;

/// A segment by its name in the route table, percent-decoded.
pub(crate) fn segment<'a>(params: &'a RawPathParams, name: &str) -> Result<&'a str, ApiError> {
    let found = params.iter().find(|(key, _)| *key == name);
    found.map(|(_, value)| value).ok_or(ApiError::NoRoute)
}

/// The segments of a matched path. Escapes that are not UTF-8 name nothing that exists here.
pub(crate) async fn segments(parts: &mut Parts) -> Result<RawPathParams, ApiError> {
    RawPathParams::from_request_parts(parts, &()).await.map_err(|_| ApiError::NoRoute)
}

/// The account and gateway of `.../{account_id}/ai-gateway/gateways/{gateway_id}/...`. 404/7002
/// when there is none of that name.
pub(crate) struct InGateway(pub(crate) Arc<Gateway>);

impl<S: Sync> FromRequestParts<S> for InGateway {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let params = segments(parts).await?;
        let gateway = segment(&params, "gateway_id")?;
        let found = caller.snapshot.gateway(caller.account().as_str(), gateway);
        found.cloned().map(Self).ok_or(ApiError::NotFound("gateway not found".into()))
    }
}

/// The gateway as it is now: it may be gone, or changed, since the call was admitted.
pub(crate) fn present_gateway<'a>(
    now: &'a Configuration,
    admitted: &Gateway,
) -> Result<&'a Arc<Gateway>, ApiError> {
    let present = now.get::<Gateway>(&admitted.account_id, admitted.id.as_str());
    present.ok_or(ApiError::NotFound("gateway not found".into()))
}

/// The last `{...}` of a path: the id of the object that the path names.
pub(crate) struct Id(pub(crate) String);

impl<S: Sync> FromRequestParts<S> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let params = segments(parts).await?;
        let last = params.iter().last().map(|(_, value)| value.to_owned());
        last.map(Self).ok_or(ApiError::NoRoute)
    }
}

/// A segment by its name, for paths that name several objects.
pub(crate) struct Segments(pub(crate) RawPathParams);

impl Segments {
    /// The segment, percent-decoded.
    pub(crate) fn get(&self, name: &str) -> Result<&str, ApiError> {
        segment(&self.0, name)
    }
}

impl<S: Sync> FromRequestParts<S> for Segments {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        segments(parts).await.map(Self)
    }
}

/// The `{log_id}` of a path. Ids are opaque to clients, so one in a foreign format is merely not
/// found.
pub(crate) struct LogPath(pub(crate) LogId);

impl<S: Sync> FromRequestParts<S> for LogPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let params = segments(parts).await?;
        let id = segment(&params, "log_id")?.parse();
        id.map(Self).map_err(|_| ApiError::NotFound("log not found".into()))
    }
}
