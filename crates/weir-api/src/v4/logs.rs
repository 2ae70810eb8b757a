//! Log rows and their bodies (spec: management-api 4, observability 1.5). Read-only in this version.

mod body;
mod head;
mod list_query;
mod row;

use axum::extract::State;
use axum::response::Response;
use weir_core::log::Side;
use weir_core::store::StoredLog;
use weir_core::{Gateway, LogId, Permission};

use self::head::Head;
use self::row::{Detail, ListRow};
use crate::auth::Caller;
use crate::error::ApiError;
use crate::path::{InGateway, LogPath};
use crate::query::Params;
use crate::{Api, envelope};

/// `GET /logs`: a page of rows, without bodies.
pub(crate) async fn list(
    State(api): State<Api>,
    InGateway(gateway): InGateway,
    params: Params,
) -> Result<Response, ApiError> {
    let (paging, query) = list_query::read(&params, &gateway)?;
    let page = api.logs.list(&query).await?;
    let rows: Vec<ListRow<'_>> = page.rows.iter().map(ListRow::of).collect();
    Ok(envelope::list(&rows, paging.info(rows.len(), page.total)))
}

/// `GET /logs/{log_id}`: one row, with the beginnings of its bodies for callers who may read
/// bodies. Most bodies are shorter than a head, so showing heads to others would show the bodies.
pub(crate) async fn get(
    State(api): State<Api>,
    caller: Caller,
    InGateway(gateway): InGateway,
    LogPath(id): LogPath,
) -> Result<Response, ApiError> {
    let log = find(&api, &gateway, id).await?;
    let (mut request, mut response) = (Head::default(), Head::default());
    if log.payload_stored && caller.token.grants(Permission::Read) {
        request = head(&api, &gateway, id, Side::Request).await?;
        response = head(&api, &gateway, id, Side::Response).await?;
    }
    Ok(envelope::object(&Detail::of(&log, request, response)))
}

/// `GET /logs/{log_id}/request`: what the client sent, as it was.
pub(crate) async fn request(
    State(api): State<Api>,
    InGateway(gateway): InGateway,
    LogPath(id): LogPath,
) -> Result<Response, ApiError> {
    body(&api, &gateway, id, Side::Request).await
}

/// `GET /logs/{log_id}/response`: what the provider answered, as it was.
pub(crate) async fn response(
    State(api): State<Api>,
    InGateway(gateway): InGateway,
    LogPath(id): LogPath,
) -> Result<Response, ApiError> {
    body(&api, &gateway, id, Side::Response).await
}

async fn find(api: &Api, gateway: &Gateway, id: LogId) -> Result<StoredLog, ApiError> {
    let found = api.logs.get(&gateway.account_id, &gateway.id, id).await?;
    found.ok_or(ApiError::NotFound("log not found".into()))
}

async fn head(api: &Api, gateway: &Gateway, id: LogId, side: Side) -> Result<Head, ApiError> {
    let body = api.logs.body(&gateway.account_id, &gateway.id, id, side).await?;
    Ok(body.map(|body| Head::of(&body)).unwrap_or_default())
}

async fn body(api: &Api, gateway: &Gateway, id: LogId, side: Side) -> Result<Response, ApiError> {
    let log = find(api, gateway, id).await?;
    let stored = if log.payload_stored {
        api.logs.body(&gateway.account_id, &gateway.id, id, side).await?
    } else {
        None
    };
    let bytes = stored.ok_or_else(|| body::not_kept(&log, side))?;
    Ok(body::raw(bytes, body::content_type(&log.record, side)))
}
