//! Dynamic routes, their versions and deployments (spec: management-api 8).
//!
//! The official clients read `data` and `route` where other calls have `result`.

mod deployments;
mod form;
mod graph;
mod page;
mod simulate;
mod versions;
mod view;

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;
use weir_core::config::Configuration;
use weir_core::route::{Route, RouteDeployment, RouteVersion};
use weir_core::{Gateway, Permission, Timestamp};

use self::form::{BRIEF, CREATE, RENAME, ROUTE, RouteList};
use self::page::{Order, Rows};
use self::view::{Brief, View};
use super::gateways::later_than;
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::path::{Id, InGateway, present_gateway};
use crate::query::Params;
use crate::routes::Table;
use crate::{Api, envelope};

const LIST: Operation = Operation {
    id: "listRoutes",
    summary: "List routes",
    query: RouteList::QUERY,
    body: None,
    answer: Answer::Beside(RouteList::ANSWER),
};
const GET: Operation = Operation {
    id: "getRoute",
    summary: "Show a route as it is deployed",
    query: &[],
    body: None,
    answer: Answer::Result(ROUTE),
};
const POST: Operation = Operation {
    id: "createRoute",
    summary: "Create a route with its first version, and deploy that",
    body: Some(CREATE),
    ..GET
};
const PATCH: Operation = Operation {
    id: "renameRoute",
    summary: "Rename a route",
    body: Some(RENAME),
    answer: Answer::Beside(form::RENAMED),
    ..GET
};
const DELETE: Operation = Operation {
    id: "deleteRoute",
    summary: "Delete a route with its history",
    answer: Answer::Result(BRIEF),
    ..GET
};

pub(crate) fn routes(table: Table) -> Table {
    const ALL: &str = "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/routes";
    const ONE: &str = "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/routes/{id}";
    let table = table
        .route(MethodFilter::GET, ALL, Permission::Read, &LIST, list)
        .route(MethodFilter::POST, ALL, Permission::Write, &POST, create)
        .route(MethodFilter::GET, ONE, Permission::Read, &GET, get)
        .route(MethodFilter::PATCH, ONE, Permission::Write, &PATCH, rename)
        .route(MethodFilter::DELETE, ONE, Permission::Write, &DELETE, delete);
    simulate::routes(deployments::routes(versions::routes(table)))
}

/// `GET /routes`.
async fn list(caller: Caller, InGateway(gateway): InGateway, params: Params) -> Response {
    let mut routes: Vec<&Arc<Route>> = caller.configuration().of_gateway(&gateway).collect();
    let order = Order::read(&params);
    routes.sort_by(|one, other| match order.by() {
        "name" => one.name.cmp(&other.name),
        "modified_at" => one.modified_at.cmp(&other.modified_at),
        _ => (one.created_at, &one.id).cmp(&(other.created_at, &other.id)),
    });
    let providers = graph::providers(caller.configuration(), caller.account());
    order.answer(routes, |route| View::of(route, &providers), Rows::Routes)
}

/// `GET /routes/{id}`.
async fn get(
    caller: Caller,
    InGateway(gateway): InGateway,
    Id(id): Id,
) -> Result<Response, ApiError> {
    let route = find(caller.configuration(), &gateway, &id)?;
    let providers = graph::providers(caller.configuration(), caller.account());
    Ok(envelope::object(&View::of(route, &providers)))
}

#[derive(Deserialize)]
struct Create {
    name: String,
    elements: Value,
    comment: Option<String>,
}

/// `POST /routes`.
async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
    body: Json<Create>,
) -> Result<Response, ApiError> {
    let Create { name, elements, comment } = body.value;
    let (account, at) = (caller.account(), Timestamp::now());
    let version_id = Arc::from(Uuid::now_v7().to_string());
    let made = caller
        .change(&api, |now, changes| {
            let gateway = present_gateway(now, &gateway)?;
            refuse_taken(now, gateway, &name, None)?;
            let providers = graph::providers(now, account);
            let (elements, notes) = graph::check(&elements, &providers)?;
            let version = RouteVersion {
                id: Arc::clone(&version_id),
                elements: Arc::new(elements),
                comment: comment.clone(),
                created_at: at,
            };
            let route = Route {
                id: free_id(now, gateway),
                account_id: account.clone(),
                gateway_id: gateway.id.clone(),
                name: name.clone(),
                versions: vec![version],
                deployments: vec![deployment(&version_id, None, at)],
                created_at: at,
                modified_at: at,
            };
            changes.put(route.clone());
            Ok((route, notes, providers))
        })
        .await?;
    let (route, notes, providers) = made;
    let ignored = body.ignored.into_iter().chain(notes).collect();
    Ok(envelope::noted(&View::of(&route, &providers), ignored))
}

#[derive(Deserialize)]
struct Rename {
    name: String,
}

/// `PATCH /routes/{id}`.
async fn rename(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
    Id(id): Id,
    body: Json<Rename>,
) -> Result<Response, ApiError> {
    let (route, providers) = caller
        .change(&api, |now, changes| {
            let route = find(now, &gateway, &id)?;
            refuse_taken(now, &gateway, &body.value.name, Some(&id))?;
            let modified_at = later_than(route.modified_at);
            let name = body.value.name.clone();
            let route = Route { name, modified_at, ..Route::clone(route) };
            changes.put(route.clone());
            Ok((route, graph::providers(now, caller.account())))
        })
        .await?;
    let fields = view::Renamed { route: View::of(&route, &providers) };
    Ok(envelope::beside_noted(&fields, body.ignored))
}

/// `DELETE /routes/{id}`.
async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
    Id(id): Id,
) -> Result<Response, ApiError> {
    let gone = caller
        .change(&api, |now, changes| {
            let route = find(now, &gateway, &id)?;
            changes.delete(&**route);
            Ok(Arc::clone(route))
        })
        .await?;
    Ok(envelope::object(&Brief::of(&gone, gone.deployed())))
}

/// The route of a path.
fn find<'a>(
    now: &'a Configuration,
    gateway: &Gateway,
    id: &str,
) -> Result<&'a Arc<Route>, ApiError> {
    now.in_gateway(gateway, id).ok_or(ApiError::NoDynamicRoute)
}

/// Refuses a name that another route of the gateway has.
fn refuse_taken(
    now: &Configuration,
    gateway: &Gateway,
    name: &str,
    own: Option<&str>,
) -> Result<(), ApiError> {
    let mut routes = now.of_gateway::<Route>(gateway);
    let taken = routes.any(|route| route.name == name && Some(&*route.id) != own);
    if taken { Err(ApiError::DynamicRouteExists) } else { Ok(()) }
}

/// Eight digits that no route of the account has.
fn free_id(now: &Configuration, gateway: &Gateway) -> Arc<str> {
    loop {
        let id = rand::random_range(10_000_000..100_000_000_u32).to_string();
        if now.get::<Route>(&gateway.account_id, &id).is_none() {
            return id.into();
        }
    }
}

fn deployment(version: &Arc<str>, comment: Option<String>, at: Timestamp) -> RouteDeployment {
    let id = Arc::from(Uuid::now_v7().to_string());
    RouteDeployment { id, version_id: Arc::clone(version), comment, created_at: at }
}
