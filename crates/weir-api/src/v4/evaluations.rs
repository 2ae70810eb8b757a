//! Evaluations: evaluators run over datasets, in the background (spec: management-api 5).

mod form;

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde::Deserialize;
use uuid::Uuid;
use weir_core::config::Configuration;
use weir_core::evaluation::{Dataset, Evaluation, EvaluationResult, EvaluationStatus};
use weir_core::{Gateway, Permission, Timestamp};

use self::form::{EVALUATION, INPUT, View};
use super::datasets;
use super::evaluation_types::Evaluator;
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation, PAGE, Param, per_page, search};
use crate::path::{Id, InGateway, present_gateway};
use crate::query::{Paging, Params};
use crate::routes::Table;
use crate::schema::Schema;
use crate::{Api, envelope};

const LIST: Operation = Operation {
    id: "listEvaluations",
    summary: "List evaluations, newest first",
    query: &[
        PAGE,
        per_page(1, 100),
        Param::optional("name", Schema::TEXT, "The whole name."),
        Param::optional("processed", Schema::Bool, "Whether every result is there."),
        search("Part of the id or the name."),
    ],
    body: None,
    answer: Answer::List(EVALUATION),
};
const GET: Operation = Operation {
    id: "getEvaluation",
    summary: "Show an evaluation",
    query: &[],
    body: None,
    answer: Answer::Result(EVALUATION),
};
const POST: Operation = Operation {
    id: "createEvaluation",
    summary: "Run evaluators over datasets; the results come later",
    body: Some(INPUT),
    ..GET
};
const DELETE: Operation =
    Operation { id: "deleteEvaluation", summary: "Delete an evaluation", ..GET };

pub(crate) fn routes(table: Table) -> Table {
    const ALL: &str = "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/evaluations";
    const ONE: &str =
        "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/evaluations/{evaluation_id}";
    table
        .route(MethodFilter::GET, ALL, Permission::Read, &LIST, list)
        .route(MethodFilter::POST, ALL, Permission::Write, &POST, create)
        .route(MethodFilter::GET, ONE, Permission::Read, &GET, get)
        .route(MethodFilter::DELETE, ONE, Permission::Write, &DELETE, delete)
}

/// What a caller sends.
#[derive(Deserialize)]
struct Input {
    name: String,
    dataset_ids: Vec<String>,
    evaluation_type_ids: Vec<String>,
}

async fn list(caller: Caller, InGateway(gateway): InGateway, params: Params) -> Response {
    let search = params.get("search").unwrap_or_default();
    let (name, processed) = (params.get("name"), params.flag("processed"));
    let mut matching: Vec<&Arc<Evaluation>> = caller
        .configuration()
        .of_gateway::<Evaluation>(&gateway)
        .filter(|evaluation| name.is_none_or(|name| evaluation.name == name))
        .filter(|evaluation| processed.is_none_or(|done| evaluation.processed == done))
        .filter(|evaluation| evaluation.id.contains(search) || evaluation.name.contains(search))
        .collect();
    // Ids rise with time, too, and tell apart what was made in one millisecond.
    matching.sort_unstable_by_key(|evaluation| Reverse((evaluation.created_at, &evaluation.id)));
    Paging::read(&params).answer(&matching, |evaluation| View::of(evaluation))
}

async fn get(
    caller: Caller,
    InGateway(gateway): InGateway,
    Id(id): Id,
) -> Result<Response, ApiError> {
    let evaluation = find(caller.configuration(), &gateway, &id)?;
    Ok(envelope::object(&View::of(evaluation)))
}

async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
    body: Json<Input>,
) -> Result<Response, ApiError> {
    let input = body.value;
    let evaluators = evaluators(&input.evaluation_type_ids)?;
    each_once("dataset_ids", &input.dataset_ids)?;
    let id: Arc<str> = Uuid::now_v7().to_string().into();
    let evaluation = caller
        .change(&api, |now, changes| {
            let gateway = present_gateway(now, &gateway)?;
            let name = &input.name;
            if now.of_gateway::<Evaluation>(gateway).any(|other| other.name == *name) {
                let message = format!("evaluation {name} already exists");
                return Err(ApiError::body("name", message));
            }
            let at = Timestamp::now();
            let evaluation = Evaluation {
                id: Arc::clone(&id),
                account_id: gateway.account_id.clone(),
                gateway_id: gateway.id.clone(),
                name: name.clone(),
                datasets: chosen(now, gateway, &input.dataset_ids)?,
                results: evaluators.iter().map(|evaluator| queued(*evaluator, at)).collect(),
                total_logs: 0,
                processed: false,
                created_at: at,
                modified_at: at,
            };
            changes.put(evaluation.clone());
            Ok(evaluation)
        })
        .await?;
    api.background.evaluations.notify_one();
    Ok(envelope::noted(&View::of(&evaluation), body.ignored))
}

async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
    Id(id): Id,
) -> Result<Response, ApiError> {
    let gone = caller
        .change(&api, |now, changes| {
            let evaluation = find(now, &gateway, &id)?;
            changes.delete(&**evaluation);
            Ok(Arc::clone(evaluation))
        })
        .await?;
    Ok(envelope::object(&View::of(&gone)))
}

fn find<'a>(
    now: &'a Configuration,
    gateway: &Gateway,
    id: &str,
) -> Result<&'a Arc<Evaluation>, ApiError> {
    now.in_gateway(gateway, id).ok_or(ApiError::NotFound("evaluation not found".into()))
}

/// Refuses a list that is empty or names something twice.
fn each_once(field: &str, ids: &[String]) -> Result<(), ApiError> {
    if ids.is_empty() {
        return Err(ApiError::body(field, format!("{field} must name one at least")));
    }
    let mut seen = HashSet::new();
    match ids.iter().find(|id| !seen.insert(*id)) {
        Some(id) => Err(ApiError::body(field, format!("{field} names {id} twice"))),
        None => Ok(()),
    }
}

fn evaluators(ids: &[String]) -> Result<Vec<Evaluator>, ApiError> {
    const FIELD: &str = "evaluation_type_ids";
    each_once(FIELD, ids)?;
    let find = |id: &String| {
        let message = || format!("evaluation type {id} was not found: {}", Evaluator::ids());
        Evaluator::find(id).ok_or_else(|| ApiError::body(FIELD, message()))
    };
    ids.iter().map(find).collect()
}

/// The datasets as they are now: later changes of them do not change the evaluation.
fn chosen(
    now: &Configuration,
    gateway: &Gateway,
    ids: &[String],
) -> Result<Vec<Dataset>, ApiError> {
    let find = |id: &String| {
        let found = datasets::find(now, gateway, id);
        let message = || format!("dataset {id} was not found");
        found
            .map(|dataset| (**dataset).clone())
            .map_err(|_| ApiError::body("dataset_ids", message()))
    };
    ids.iter().map(find).collect()
}

fn queued(evaluator: Evaluator, at: Timestamp) -> EvaluationResult {
    EvaluationResult {
        id: Uuid::now_v7().to_string().into(),
        evaluation_type_id: evaluator.id().into(),
        status: EvaluationStatus::Queued,
        status_description: String::new(),
        result: String::new(),
        total_logs: 0,
        created_at: at,
        modified_at: at,
    }
}
