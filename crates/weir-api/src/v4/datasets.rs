//! Datasets: named filters over the logs of a gateway (spec: management-api 5).

mod form;

use std::cmp::Reverse;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;
use weir_core::config::Configuration;
use weir_core::evaluation::Dataset;
use weir_core::{Gateway, Permission, Timestamp};

use self::form::{DATASET, INPUT, VOCABULARY};
use super::gateways::later_than;
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation, PAGE, Param, per_page, search};
use crate::path::{Id, InGateway, present_gateway};
use crate::query::{Paging, Params};
use crate::routes::Table;
use crate::schema::Schema;
use crate::{Api, envelope, filters};

pub(super) use self::form::View;

const LIST: Operation = Operation {
    id: "listDatasets",
    summary: "List datasets, newest first",
    query: &[
        PAGE,
        per_page(1, 100),
        Param::optional("name", Schema::TEXT, "The whole name."),
        Param::optional("enable", Schema::Bool, ""),
        search("Part of the id, the name or the filters."),
    ],
    body: None,
    answer: Answer::List(DATASET),
};
const GET: Operation = Operation {
    id: "getDataset",
    summary: "Show a dataset",
    query: &[],
    body: None,
    answer: Answer::Result(DATASET),
};
const POST: Operation =
    Operation { id: "createDataset", summary: "Create a dataset", body: Some(INPUT), ..GET };
const PUT: Operation =
    Operation { id: "replaceDataset", summary: "Replace a dataset", body: Some(INPUT), ..GET };
const DELETE: Operation = Operation {
    id: "deleteDataset",
    summary: "Delete a dataset; evaluations keep their copy of it",
    ..GET
};

pub(crate) fn routes(table: Table) -> Table {
    const ALL: &str = "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/datasets";
    const ONE: &str =
        "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/datasets/{dataset_id}";
    table
        .route(MethodFilter::GET, ALL, Permission::Read, &LIST, list)
        .route(MethodFilter::POST, ALL, Permission::Write, &POST, create)
        .route(MethodFilter::GET, ONE, Permission::Read, &GET, get)
        .route(MethodFilter::PUT, ONE, Permission::Write, &PUT, replace)
        .route(MethodFilter::DELETE, ONE, Permission::Write, &DELETE, delete)
}

/// What a caller sends.
#[derive(Deserialize)]
struct Input {
    name: String,
    enable: bool,
    filters: Value,
}

async fn list(caller: Caller, InGateway(gateway): InGateway, params: Params) -> Response {
    let search = params.get("search").unwrap_or_default();
    let (name, enable) = (params.get("name"), params.flag("enable"));
    let found = |dataset: &Dataset| {
        dataset.id.contains(search)
            || dataset.name.contains(search)
            || dataset.filters.to_string().contains(search)
    };
    let mut matching: Vec<&Arc<Dataset>> = caller
        .configuration()
        .of_gateway::<Dataset>(&gateway)
        .filter(|dataset| name.is_none_or(|name| dataset.name == name))
        .filter(|dataset| enable.is_none_or(|enable| dataset.enable == enable))
        .filter(|dataset| found(dataset))
        .collect();
    // Ids rise with time, too, and tell apart what was made in one millisecond.
    matching.sort_unstable_by_key(|dataset| Reverse((dataset.created_at, &dataset.id)));
    Paging::read(&params).answer(&matching, |dataset| View::of(dataset))
}

async fn get(
    caller: Caller,
    InGateway(gateway): InGateway,
    Id(id): Id,
) -> Result<Response, ApiError> {
    let dataset = find(caller.configuration(), &gateway, &id)?;
    Ok(envelope::object(&View::of(dataset)))
}

async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
    body: Json<Input>,
) -> Result<Response, ApiError> {
    let input = checked(body.value)?;
    let id: Arc<str> = Uuid::now_v7().to_string().into();
    let dataset = caller
        .change(&api, |now, changes| {
            // The gateway may have gone since the call was admitted.
            let gateway = present_gateway(now, &gateway)?;
            unused(now, gateway, &input.name, None)?;
            let at = Timestamp::now();
            let dataset = Dataset {
                id: Arc::clone(&id),
                account_id: gateway.account_id.clone(),
                gateway_id: gateway.id.clone(),
                name: input.name.clone(),
                enable: input.enable,
                filters: input.filters.clone(),
                created_at: at,
                modified_at: at,
            };
            changes.put(dataset.clone());
            Ok(dataset)
        })
        .await?;
    Ok(envelope::noted(&View::of(&dataset), body.ignored))
}

async fn replace(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
    Id(id): Id,
    body: Json<Input>,
) -> Result<Response, ApiError> {
    let input = checked(body.value)?;
    let dataset = caller
        .change(&api, |now, changes| {
            let before = find(now, &gateway, &id)?;
            unused(now, &gateway, &input.name, Some(&id))?;
            let dataset = Dataset {
                name: input.name.clone(),
                enable: input.enable,
                filters: input.filters.clone(),
                modified_at: later_than(before.modified_at),
                ..(**before).clone()
            };
            changes.put(dataset.clone());
            Ok(dataset)
        })
        .await?;
    Ok(envelope::noted(&View::of(&dataset), body.ignored))
}

async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
    Id(id): Id,
) -> Result<Response, ApiError> {
    let gone = caller
        .change(&api, |now, changes| {
            let dataset = find(now, &gateway, &id)?;
            changes.delete(&**dataset);
            Ok(Arc::clone(dataset))
        })
        .await?;
    Ok(envelope::object(&View::of(&gone)))
}

/// The dataset of that id in that gateway.
pub(super) fn find<'a>(
    now: &'a Configuration,
    gateway: &Gateway,
    id: &str,
) -> Result<&'a Arc<Dataset>, ApiError> {
    now.in_gateway(gateway, id).ok_or(ApiError::NotFound("dataset not found".into()))
}

fn checked(input: Input) -> Result<Input, ApiError> {
    let place = &["body", "filters"];
    let written = filters::from_json(&input.filters, place)?;
    filters::conditions(&written, &VOCABULARY, place)?;
    Ok(input)
}

/// Refuses a name that another dataset of the gateway has.
fn unused(
    now: &Configuration,
    gateway: &Gateway,
    name: &str,
    own_id: Option<&str>,
) -> Result<(), ApiError> {
    let mut others = now.of_gateway::<Dataset>(gateway);
    if others.any(|other| other.name == name && own_id != Some(&*other.id)) {
        return Err(ApiError::body("name", format!("dataset {name} already exists")));
    }
    Ok(())
}
