//! Whose prices a call is about: the account's, or those of one gateway.

use axum::extract::FromRequestParts;
use http::request::Parts;
use weir_core::GatewayId;

use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::Param;
use crate::path::{segment, segments};
use crate::query::Params;
use crate::schema::Schema;

/// The query parameter that names a gateway.
pub(super) const fn param(about: &'static str) -> Param {
    Param::optional("gateway_id", Schema::text(1, 64), about)
}

/// The gateway that the path or the query names, if one does.
pub(super) struct Scope(pub(super) Option<GatewayId>);

impl<S: Sync> FromRequestParts<S> for Scope {
    type Rejection = ApiError;

    /// 404/7002 for a gateway of the path, 400/7001 for one of the query, that is not there.
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let account = caller.account().as_str();
        let params = segments(parts).await?;
        if let Ok(gateway) = segment(&params, "gateway_id") {
            let found = caller.snapshot.gateway(account, gateway);
            let found = found.ok_or(ApiError::NotFound("gateway not found".into()))?;
            return Ok(Self(Some(found.id.clone())));
        }
        let Ok(query) = Params::from_request_parts(parts, state).await;
        let Some(gateway) = query.get("gateway_id") else { return Ok(Self(None)) };
        let found = caller.snapshot.gateway(account, gateway);
        let found = found.ok_or_else(|| {
            ApiError::query("gateway_id", format!("there is no gateway {gateway}"))
        })?;
        Ok(Self(Some(found.id.clone())))
    }
}
