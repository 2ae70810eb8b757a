//! Log rows and their bodies (spec: management-api 4, observability 1.5).

mod body;
mod delete;
mod explain;
mod export;
mod facets;
mod form;
pub(super) mod fresh;
mod head;
mod list_query;
mod money;
mod patch;
mod ranges;
mod recompute;
mod row;
mod walk;

pub(crate) use fresh::Held;
pub(crate) use recompute::Recomputations;

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde_json::json;
use weir_core::audit::Action;
use weir_core::log::Side;
use weir_core::{Gateway, LogId, Permission};

use self::form::{LIST_QUERY, LOG, LOG_DETAIL};
use self::head::Head;
use self::ranges::Ranges;
use self::row::{Detail, ListRow};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::path::{InGateway, LogPath};
use crate::query::{Paging, Params};
use crate::routes::Table;
use crate::{Api, envelope, trail};

const LIST: Operation = Operation {
    id: "listLogs",
    summary: "List log rows",
    query: LIST_QUERY,
    body: None,
    answer: Answer::List(LOG),
};
const GET: Operation = Operation {
    id: "getLog",
    summary: "Show a log row, with the beginnings of its bodies",
    query: &[],
    body: None,
    answer: Answer::Result(LOG_DETAIL),
};
const REQUEST: Operation = Operation {
    id: "getLogRequest",
    summary: "What the client sent, as it was",
    query: &[],
    body: None,
    answer: Answer::Raw,
};
const RESPONSE: Operation =
    Operation { id: "getLogResponse", summary: "What the provider answered, as it was", ..REQUEST };

pub(crate) fn routes(table: Table) -> Table {
    const ALL: &str = "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/logs";
    const ONE: &str = "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/logs/{log_id}";
    const BODIES: [&str; 2] = [
        "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/logs/{log_id}/request",
        "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/logs/{log_id}/response",
    ];
    const EXPORT: &str = "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/logs/export";
    const FACETS: &str = "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/logs/facets";
    const EXPLAIN: &str =
        "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/logs/{log_id}/explain";
    let table = table
        .route(MethodFilter::GET, ALL, Permission::MetadataRead, &LIST, list)
        .route(MethodFilter::DELETE, ALL, Permission::Write, &delete::DELETE, delete::delete)
        .route(MethodFilter::GET, EXPORT, Permission::MetadataRead, &export::GET, export::get)
        .route(MethodFilter::GET, FACETS, Permission::MetadataRead, &facets::GET, facets::get)
        .route(MethodFilter::GET, ONE, Permission::MetadataRead, &GET, get)
        .route(MethodFilter::GET, EXPLAIN, Permission::MetadataRead, &explain::GET, explain::get)
        .route(MethodFilter::PATCH, ONE, Permission::Write, &patch::PATCH, patch::patch)
        .route(MethodFilter::GET, BODIES[0], Permission::Read, &REQUEST, request)
        .route(MethodFilter::GET, BODIES[1], Permission::Read, &RESPONSE, response);
    recompute::routes(table)
}

/// `GET /logs`: a page of rows, without bodies.
async fn list(
    State(api): State<Arc<Api>>,
    InGateway(gateway): InGateway,
    params: Params,
) -> Result<Response, ApiError> {
    let paging = Paging::read(&params);
    let query = list_query::list(&params, paging, &gateway)?;
    let page = api.logs.list(&query).await?;
    let rows: Vec<ListRow<'_>> = page.rows.iter().map(ListRow::of).collect();
    let info = paging.info(rows.len(), page.total);
    if params.flag("meta_info") != Some(true) {
        return Ok(envelope::list(&rows, info));
    }
    let summary = api.logs.summarise(&query.account, &query.gateway, &query.filter).await?;
    Ok(envelope::list_with(&rows, &Ranges::of(info, &summary)))
}

/// `GET /logs/{log_id}`: one row, with the beginnings of its bodies for callers who may read
/// bodies. Most bodies are shorter than a head, so showing heads to others would show the bodies.
async fn get(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
    LogPath(id): LogPath,
) -> Result<Response, ApiError> {
    let log = fresh::find(&api, &gateway, id).await?;
    let (mut request, mut response) = (Head::default(), Head::default());
    if log.payload_stored && caller.token.grants(Permission::Read) {
        request = head(&api, &gateway, id, Side::Request).await?;
        response = head(&api, &gateway, id, Side::Response).await?;
        note_read(&api, &caller, &gateway, id, "heads");
    }
    Ok(envelope::object(&Detail::of(&log, request, response)))
}

/// `GET /logs/{log_id}/request`: what the client sent, as it was.
async fn request(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
    LogPath(id): LogPath,
) -> Result<Response, ApiError> {
    body(&api, &caller, &gateway, id, Side::Request).await
}

/// `GET /logs/{log_id}/response`: what the provider answered, as it was.
async fn response(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
    LogPath(id): LogPath,
) -> Result<Response, ApiError> {
    body(&api, &caller, &gateway, id, Side::Response).await
}

async fn head(api: &Api, gateway: &Gateway, id: LogId, side: Side) -> Result<Head, ApiError> {
    let body = api.logs.body(&gateway.account_id, &gateway.id, id, side, Some(head::READ)).await?;
    Ok(body.map(|body| Head::of(&body)).unwrap_or_default())
}

async fn body(
    api: &Api,
    caller: &Caller,
    gateway: &Gateway,
    id: LogId,
    side: Side,
) -> Result<Response, ApiError> {
    let log = fresh::find(api, gateway, id).await?;
    let stored = if log.payload_stored {
        api.logs.body(&gateway.account_id, &gateway.id, id, side, None).await?
    } else {
        None
    };
    let bytes = stored.ok_or_else(|| body::not_kept(&log, side))?;
    note_read(api, caller, gateway, id, body::name(side));
    Ok(body::raw(bytes, body::content_type(&log.record, side)))
}

/// Puts on record that somebody read what a client or a provider wrote.
pub(super) fn note_read(api: &Api, caller: &Caller, gateway: &Gateway, id: LogId, part: &str) {
    let after = json!({ "part": part });
    trail::keep(api, trail::deed(caller, gateway, Action::ReadBody, &id.to_string(), after));
}
