//! Versions of a route: states of its graph, which never change.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;
use weir_core::Permission;
use weir_core::route::{Route, RouteVersion};

use super::form::{BRIEF, NEW_VERSION, VERSION_DETAIL, VersionList};
use super::page::{Order, Rows};
use super::view::{Brief, Version, VersionDetail};
use super::{find, graph};
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::path::{Id, InGateway, Segments};
use crate::query::Params;
use crate::routes::Table;
use crate::v4::gateways::later_than;
use crate::{Api, envelope};

const LIST: Operation = Operation {
    id: "listRouteVersions",
    summary: "List versions",
    query: VersionList::QUERY,
    body: None,
    answer: Answer::Beside(VersionList::ANSWER),
};
const POST: Operation = Operation {
    id: "createRouteVersion",
    summary: "Add a version, without deploying it",
    query: &[],
    body: Some(NEW_VERSION),
    answer: Answer::Result(BRIEF),
};
const GET: Operation = Operation {
    id: "getRouteVersion",
    summary: "Show a version",
    query: &[],
    body: None,
    answer: Answer::Result(VERSION_DETAIL),
};

pub(super) fn routes(table: Table) -> Table {
    const ALL: &str =
        "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/routes/{id}/versions";
    const ONE: &str =
        "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/routes/{id}/versions/{version_id}";
    table
        .route(MethodFilter::GET, ALL, Permission::Read, &LIST, list)
        .route(MethodFilter::POST, ALL, Permission::Write, &POST, create)
        .route(MethodFilter::GET, ONE, Permission::Read, &GET, get)
}

/// No such version of the route.
pub(super) fn not_found() -> ApiError {
    ApiError::NotFound("version not found".into())
}

/// `GET /routes/{id}/versions`.
async fn list(
    caller: Caller,
    InGateway(gateway): InGateway,
    Id(id): Id,
    params: Params,
) -> Result<Response, ApiError> {
    let route = find(caller.configuration(), &gateway, &id)?;
    let providers = graph::providers(caller.configuration(), caller.account());
    let versions: Vec<&RouteVersion> = route.versions.iter().collect();
    let view = |version| Version::of(route, version, &providers);
    Ok(Order::read(&params).answer(versions, view, Rows::Versions))
}

/// `GET /routes/{id}/versions/{version_id}`.
async fn get(
    caller: Caller,
    InGateway(gateway): InGateway,
    segments: Segments,
) -> Result<Response, ApiError> {
    let route = find(caller.configuration(), &gateway, segments.get("id")?)?;
    let version = route.version(segments.get("version_id")?).ok_or_else(not_found)?;
    let providers = graph::providers(caller.configuration(), caller.account());
    Ok(envelope::object(&VersionDetail::of(route, version, &providers)))
}

#[derive(Deserialize)]
struct Create {
    elements: Value,
    comment: Option<String>,
}

/// `POST /routes/{id}/versions`.
async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
    Id(id): Id,
    body: Json<Create>,
) -> Result<Response, ApiError> {
    let version_id: Arc<str> = Uuid::now_v7().to_string().into();
    let (route, mut notes) = caller
        .change(&api, |now, changes| {
            let mut route = Route::clone(find(now, &gateway, &id)?);
            let providers = graph::providers(now, caller.account());
            let (elements, mut notes) = graph::check(&body.value.elements, &providers)?;
            route.modified_at = later_than(route.modified_at);
            let gone = route.add_version(RouteVersion {
                id: Arc::clone(&version_id),
                elements: Arc::new(elements),
                comment: body.value.comment.clone(),
                created_at: route.modified_at,
            });
            notes.extend(gone.map(|gone| {
                let most = Route::MOST_KEPT;
                format!("a route keeps its newest {most} versions: {} is gone", gone.id)
            }));
            changes.put(route.clone());
            Ok((route, notes))
        })
        .await?;
    notes.extend(body.ignored);
    Ok(envelope::noted(&Brief::of(&route, route.version(&version_id)), notes))
}
