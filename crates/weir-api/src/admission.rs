//! What stands before every route: who calls, may they, and is what they send well-formed
//! (spec: management-api 1.3, 1.5). A handler sees only calls that passed.

use std::sync::Arc;

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};
use weir_core::{Timestamp, net};

use crate::Api;
use crate::body;
use crate::caller::{Caller, Peer};
use crate::error::ApiError;
use crate::operation::Access;
use crate::path::segment;
use crate::query::Params;
use crate::routes::Route;

/// Stands before one route, and asks for the very things that were recorded.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) api: Arc<Api>,
    pub(crate) route: Route,
}

/// Lets a request through to its handler, with a [`Caller`] and the checked inputs attached, or
/// refuses it. The caller is looked at first: nobody learns from an error what they may not know.
pub(crate) async fn admit(
    State(gate): State<Gate>,
    params: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let params = params.map_err(|_| ApiError::NoRoute)?;
    let (mut parts, content) = request.into_parts();
    if gate.route.access != Access::Public {
        let presented = bearer(&parts.headers)?;
        let peer = parts.extensions.get::<Peer>().copied();
        parts.extensions.insert(identify(&gate, presented, &params, peer)?);
    }
    let query = Params::read(&parts.uri)?;
    query.check(gate.route.operation.query)?;
    parts.extensions.insert(query);
    let content = match &gate.route.operation.body {
        Some(schema) => {
            let checked = body::read(content, schema).await?;
            parts.extensions.insert(checked);
            axum::body::Body::empty()
        }
        None => content,
    };
    Ok(next.run(Request::from_parts(parts, content)).await)
}

/// The token of `Authorization: Bearer <token>`, which counts before any other header.
///
/// Two headers are refused rather than one of them chosen: a proxy in front might choose the other.
fn bearer(headers: &HeaderMap) -> Result<&str, ApiError> {
    let Some(value) = single(headers, AUTHORIZATION)? else { return key_pair(headers) };
    value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .filter(|token| !token.is_empty() && !token.contains([' ', '\t']))
        .ok_or(ApiError::UnreadableCredential)
}

/// The token of the older pair `X-Auth-Email` and `X-Auth-Key`, for programs that know no other
/// way (spec: management-api 1.5). There are no users here: the key is a token, and the address
/// must be there but is not looked at.
fn key_pair(headers: &HeaderMap) -> Result<&str, ApiError> {
    let email = single(headers, HeaderName::from_static("x-auth-email"))?;
    let key = single(headers, HeaderName::from_static("x-auth-key"))?;
    email
        .zip(key)
        .map(|(_, key)| key)
        .filter(|key| !key.is_empty())
        .map_or(Err(ApiError::NoCredential), |key| {
            key.to_str().map_err(|_| ApiError::UnreadableCredential)
        })
}

/// The only value of a header.
fn single(headers: &HeaderMap, name: HeaderName) -> Result<Option<&HeaderValue>, ApiError> {
    let mut values = headers.get_all(name).iter();
    let value = values.next();
    match values.next() {
        Some(_) => Err(ApiError::UnreadableCredential),
        None => Ok(value),
    }
}

/// A foreign account and a missing permission get the same answer, so that a token cannot be used
/// to find out which accounts exist.
fn identify(
    gate: &Gate,
    presented: &str,
    params: &RawPathParams,
    peer: Option<Peer>,
) -> Result<Caller, ApiError> {
    let snapshot = gate.api.configuration.snapshot();
    let token = snapshot.token(presented.as_bytes()).cloned();
    let live = token.clone().filter(|token| token.is_live(Timestamp::now()));
    let permission = match gate.route.access {
        Access::Holds(permission) => permission,
        // What the token is worth is the very question; whose it is still counts.
        Access::AnyToken | Access::Public => {
            let token = token.ok_or(ApiError::UnverifiableToken)?;
            let account = segment(params, "account_id").unwrap_or(token.account_id.as_str());
            if account != token.account_id.as_str() {
                return Err(ApiError::OtherAccount);
            }
            return Ok(Caller { token, snapshot, peer });
        }
    };
    let token = live.ok_or(ApiError::InvalidToken)?;
    let is_within = |Peer(address): Peer| net::allows(&token.ip_allow, address);
    if !token.ip_allow.is_empty() && !peer.is_some_and(is_within) {
        return Err(ApiError::OtherAddress);
    }
    // Paths without an account act on the token's own.
    let account = segment(params, "account_id").unwrap_or(token.account_id.as_str());
    if token.account_id.as_str() != account || !token.grants(permission) {
        return Err(ApiError::Forbidden(permission));
    }
    // A token for some gateways reaches what lies below them, and the list of them, nothing else.
    let gateway = segment(params, "gateway_id").ok();
    let within = match gateway {
        Some(gateway) => token.opens(gateway),
        None => token.gateways.is_none() || gate.route.operation.id == "listGateways",
    };
    if !within {
        return Err(ApiError::OtherGateways);
    }
    Ok(Caller { token, snapshot, peer })
}
