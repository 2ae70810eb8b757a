//! Who calls, and may they (spec: management-api 1.5).

use std::sync::Arc;

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use weir_core::snapshot::LiveSnapshot;
use weir_core::{ApiToken, Snapshot, Timestamp};

use crate::error::ApiError;
use crate::path::segment;
use crate::routes::Route;

/// Stands before one route, and asks for the very permission that was recorded.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) snapshot: Arc<LiveSnapshot>,
    pub(crate) route: Route,
}

/// An admitted caller, with the snapshot it was admitted by. Whatever the call reads of the
/// configuration it reads there, so that a change in mid-call cannot mix two states.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) token: Arc<ApiToken>,
    pub(crate) snapshot: Arc<Snapshot>,
}

/// Lets a request through to its handler, with a [`Caller`] attached, or refuses it.
pub(crate) async fn require(
    State(gate): State<Gate>,
    params: Result<RawPathParams, RawPathParamsRejection>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let params = params.map_err(|_| ApiError::NoRoute)?;
    let presented = bearer(request.headers())?;
    let caller = admit(&gate, presented, segment(&params, "account_id")?)?;
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

/// The token of `Authorization: Bearer <token>`.
///
/// Two headers are refused rather than one of them chosen: a proxy in front might choose the other.
fn bearer(headers: &HeaderMap) -> Result<&str, ApiError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(ApiError::NoCredential)?;
    if values.next().is_some() {
        return Err(ApiError::UnreadableCredential);
    }
    value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .filter(|token| !token.is_empty() && !token.contains([' ', '\t']))
        .ok_or(ApiError::UnreadableCredential)
}

/// A foreign account and a missing permission get the same answer, so that a token cannot be used
/// to find out which accounts exist.
fn admit(gate: &Gate, presented: &str, account: &str) -> Result<Caller, ApiError> {
    let snapshot = gate.snapshot.load_full();
    let token = snapshot
        .token(presented.as_bytes())
        .filter(|token| token.is_live(Timestamp::now()))
        .cloned()
        .ok_or(ApiError::InvalidToken)?;
    if token.account_id.as_str() != account || !token.grants(gate.route.permission) {
        return Err(ApiError::Forbidden(gate.route.permission));
    }
    Ok(Caller { token, snapshot })
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    /// Only a route outside the table lacks a caller; it is refused.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or(ApiError::InvalidToken)
    }
}
