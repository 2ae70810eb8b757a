//! Deployments of a route: each puts a version in force.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde::Deserialize;
use weir_core::Permission;
use weir_core::route::{Route, RouteDeployment};

use super::form::{BRIEF, DeploymentList, NEW_DEPLOYMENT};
use super::page::{Order, Rows};
use super::view::{Brief, Deployment};
use super::{deployment, find, versions};
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::path::{Id, InGateway};
use crate::query::Params;
use crate::routes::Table;
use crate::v4::gateways::later_than;
use crate::{Api, envelope};

const LIST: Operation = Operation {
    id: "listRouteDeployments",
    summary: "List deployments",
    query: DeploymentList::QUERY,
    body: None,
    answer: Answer::Beside(DeploymentList::ANSWER),
};
const POST: Operation = Operation {
    id: "deployRouteVersion",
    summary: "Put a version in force; an older one brings that back",
    query: &[],
    body: Some(NEW_DEPLOYMENT),
    answer: Answer::Result(BRIEF),
};

pub(super) fn routes(table: Table) -> Table {
    const ALL: &str =
        "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/routes/{id}/deployments";
    table.route(MethodFilter::GET, ALL, Permission::Read, &LIST, list).route(
        MethodFilter::POST,
        ALL,
        Permission::Write,
        &POST,
        create,
    )
}

/// `GET /routes/{id}/deployments`.
async fn list(
    caller: Caller,
    InGateway(gateway): InGateway,
    Id(id): Id,
    params: Params,
) -> Result<Response, ApiError> {
    let route = find(caller.configuration(), &gateway, &id)?;
    let deployments: Vec<&RouteDeployment> = route.deployments.iter().collect();
    Ok(Order::read(&params).answer(deployments, Deployment::of, Rows::Deployments))
}

#[derive(Deserialize)]
struct Create {
    version_id: String,
    comment: Option<String>,
}

/// `POST /routes/{id}/deployments`.
async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
    Id(id): Id,
    body: Json<Create>,
) -> Result<Response, ApiError> {
    let route = caller
        .change(&api, |now, changes| {
            let mut route = Route::clone(find(now, &gateway, &id)?);
            let version = route.version(&body.value.version_id).ok_or_else(versions::not_found)?;
            let version = Arc::clone(&version.id);
            route.modified_at = later_than(route.modified_at);
            let comment = body.value.comment.clone();
            route.deploy(deployment(&version, comment, route.modified_at));
            changes.put(route.clone());
            Ok(route)
        })
        .await?;
    Ok(envelope::noted(&Brief::of(&route, route.deployed()), body.ignored))
}
