//! Gateways (spec: management-api 2). Read-only in this version.

mod view;

use std::cmp::Reverse;
use std::sync::Arc;

use axum::response::Response;
use weir_core::Gateway;

use self::view::View;
use crate::auth::Caller;
use crate::envelope;
use crate::error::ApiError;
use crate::path::InGateway;
use crate::query::{Paging, Params};

const MAX_PER_PAGE: u32 = 100;

/// `GET /gateways`: a page of the account's gateways, newest first, the id breaking ties.
pub(crate) async fn list(caller: Caller, params: Params) -> Result<Response, ApiError> {
    let paging = Paging::read(&params, MAX_PER_PAGE)?;
    let search = params.get("search")?.unwrap_or_default();
    let account = caller.token.account_id.as_str();
    let mut matching: Vec<&Arc<Gateway>> = caller
        .snapshot
        .gateways(account)
        .filter(|gateway| gateway.id.as_str().contains(search))
        .collect();
    matching.sort_unstable_by_key(|gateway| (Reverse(gateway.created_at), &gateway.id));

    let offset = usize::try_from(paging.offset()).unwrap_or(usize::MAX);
    let page = matching.iter().skip(offset).take(paging.limit() as usize);
    let rows: Vec<View<'_>> = page.map(|gateway| View::of(gateway)).collect();
    Ok(envelope::list(&rows, paging.info(rows.len(), matching.len() as u64)))
}

/// `GET /gateways/{gateway_id}`.
pub(crate) async fn get(InGateway(gateway): InGateway) -> Response {
    envelope::object(&View::of(&gateway))
}
