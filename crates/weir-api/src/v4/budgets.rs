//! Budgets: what users, teams, tokens, models or sessions may use in a time (spec: observability 8).

mod form;
mod usage;
mod view;

use std::cmp::Reverse;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde_json::{Map, Value};
use uuid::Uuid;
use weir_core::budget::{Budget, BudgetBy, BudgetPeriod, BudgetTerms, BudgetUnit};
use weir_core::config::Configuration;
use weir_core::route::Technique;
use weir_core::{AccountId, Gateway, Permission, Timestamp};

use self::form::{BUDGET, CHANGE, INPUT};
pub(super) use self::form::{TERMS, UNIT};
use self::usage::{RESET_OPERATION, USAGE_OPERATION, reset, usage};
pub(super) use self::view::TermsView;
use self::view::View;
use super::edit::{LeftOut, edited};
use super::gateways::later_than;
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation, PAGE, Param, per_page, search};
use crate::path::Segments;
use crate::query::{Paging, Params};
use crate::routes::Table;
use crate::schema::Schema;
use crate::{Api, envelope};

/// Budgets of an account: each call is held against all of them.
const MOST_BUDGETS: usize = 200;

const LIST: Operation = Operation {
    id: "listBudgets",
    summary: "List budgets, newest first",
    query: &[
        PAGE,
        per_page(1, 100),
        Param::optional("by", Schema::TEXT, "Only those that count by this."),
        Param::optional("gateway_id", Schema::TEXT, "Only those of this gateway alone."),
        search("Part of the name, in any case."),
    ],
    body: None,
    answer: Answer::List(BUDGET),
};
const GET: Operation = Operation {
    id: "getBudget",
    summary: "Show a budget",
    query: &[],
    body: None,
    answer: Answer::Result(BUDGET),
};
const POST: Operation =
    Operation { id: "createBudget", summary: "Create a budget", body: Some(INPUT), ..GET };
const PUT: Operation = Operation {
    id: "replaceBudget",
    summary: "Replace a budget; what is spent of it stays while its unit and time do",
    body: Some(INPUT),
    ..GET
};
const PATCH: Operation = Operation {
    id: "changeBudget",
    summary: "Change a budget; what is left out keeps its value, null clears",
    body: Some(CHANGE),
    ..GET
};
const DELETE: Operation = Operation {
    id: "deleteBudget",
    summary: "Delete a budget, and with it what it counted",
    ..GET
};

pub(crate) fn routes(table: Table) -> Table {
    const ALL: &str = "/accounts/{account_id}/ai-gateway/budgets";
    const ONE: &str = "/accounts/{account_id}/ai-gateway/budgets/{budget_id}";
    const OF_ONE: &str = "/accounts/{account_id}/ai-gateway/budgets/{budget_id}/usage";
    const BACK: &str = "/accounts/{account_id}/ai-gateway/budgets/{budget_id}/reset";
    table
        .route(MethodFilter::GET, ALL, Permission::Read, &LIST, list)
        .route(MethodFilter::POST, ALL, Permission::Write, &POST, create)
        .route(MethodFilter::GET, ONE, Permission::Read, &GET, get)
        .route(MethodFilter::PUT, ONE, Permission::Write, &PUT, replace)
        .route(MethodFilter::PATCH, ONE, Permission::Write, &PATCH, change)
        .route(MethodFilter::DELETE, ONE, Permission::Write, &DELETE, delete)
        .route(MethodFilter::GET, OF_ONE, Permission::Read, &USAGE_OPERATION, usage)
        .route(MethodFilter::POST, BACK, Permission::Write, &RESET_OPERATION, reset)
}

/// `GET /budgets`.
async fn list(caller: Caller, params: Params) -> Response {
    let search = params.get("search").unwrap_or_default().to_lowercase();
    let (by, gateway) = (params.get("by"), params.get("gateway_id"));
    let is_by = |budget: &Budget| by.is_none_or(|by| String::from(budget.by.clone()) == by);
    let mut matching: Vec<&Arc<Budget>> = caller
        .configuration()
        .of::<Budget>(caller.account())
        .filter(|budget| is_by(budget))
        .filter(|budget| {
            let own = budget.gateway_id.as_ref().map(|id| id.as_str());
            gateway.is_none() || own == gateway
        })
        .filter(|budget| budget.name.to_lowercase().contains(&search))
        .collect();
    matching.sort_unstable_by_key(|budget| (Reverse(budget.created_at), &budget.id));
    Paging::read(&params).answer(&matching, |budget| View::of(budget))
}

/// `GET /budgets/{budget_id}`.
async fn get(caller: Caller, segments: Segments) -> Result<Response, ApiError> {
    let budget = find(caller.configuration(), caller.account(), segments.get("budget_id")?)?;
    Ok(envelope::object(&View::of(budget)))
}

/// `POST /budgets`.
async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    body: Json<Map<String, Value>>,
) -> Result<Response, ApiError> {
    let blank = blank(caller.account());
    let budget = edited(&blank, &INPUT, &body.value, LeftOut::Default)?;
    let budget = caller
        .change(&api, |now, changes| {
            if now.of::<Budget>(caller.account()).count() >= MOST_BUDGETS {
                let message = format!("an account may have {MOST_BUDGETS} budgets");
                return Err(ApiError::input(&["body"], message));
            }
            check(now, &budget)?;
            changes.put(budget.clone());
            Ok(budget.clone())
        })
        .await?;
    Ok(envelope::noted(&View::of(&budget), body.ignored))
}

/// `PUT /budgets/{budget_id}`.
async fn replace(
    State(api): State<Arc<Api>>,
    caller: Caller,
    segments: Segments,
    body: Json<Map<String, Value>>,
) -> Result<Response, ApiError> {
    write(&api, &caller, &segments, body, (&INPUT, LeftOut::Default)).await
}

/// `PATCH /budgets/{budget_id}`.
async fn change(
    State(api): State<Arc<Api>>,
    caller: Caller,
    segments: Segments,
    body: Json<Map<String, Value>>,
) -> Result<Response, ApiError> {
    write(&api, &caller, &segments, body, (&CHANGE, LeftOut::Kept)).await
}

async fn write(
    api: &Api,
    caller: &Caller,
    segments: &Segments,
    body: Json<Map<String, Value>>,
    (form, left_out): (&Schema, LeftOut),
) -> Result<Response, ApiError> {
    let id = segments.get("budget_id")?;
    let budget = caller
        .change(api, |now, changes| {
            let present = find(now, caller.account(), id)?;
            let modified_at = later_than(present.modified_at);
            let budget = edited(&**present, form, &body.value, left_out)?;
            let budget = Budget { modified_at, ..budget };
            check(now, &budget)?;
            changes.put(budget.clone());
            Ok(budget)
        })
        .await?;
    Ok(envelope::noted(&View::of(&budget), body.ignored))
}

/// `DELETE /budgets/{budget_id}`.
async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    segments: Segments,
) -> Result<Response, ApiError> {
    let id = segments.get("budget_id")?;
    let gone = caller
        .change(&api, |now, changes| {
            let budget = find(now, caller.account(), id)?;
            changes.delete(&**budget);
            Ok(Arc::clone(budget))
        })
        .await?;
    Ok(envelope::object(&View::of(&gone)))
}

/// A budget with nothing in it that a caller chooses; all of that is overwritten.
fn blank(account: &AccountId) -> Budget {
    let at = Timestamp::now();
    Budget {
        id: Uuid::new_v4().to_string().into(),
        account_id: account.clone(),
        gateway_id: None,
        name: String::new(),
        by: BudgetBy::Account,
        values: Vec::new(),
        terms: BudgetTerms {
            unit: BudgetUnit::Dollars,
            limit: 0.0,
            period: Some(BudgetPeriod::Total),
            window: None,
            technique: Technique::Fixed,
            soft: None,
            hard: true,
        },
        enabled: true,
        created_at: at,
        modified_at: at,
    }
}

/// Refuses what cannot be a budget of the account.
fn check(now: &Configuration, budget: &Budget) -> Result<(), ApiError> {
    let faults = budget.faults();
    if !faults.is_empty() {
        return Err(ApiError::faults(&["body"], faults));
    }
    if let Some(gateway) = &budget.gateway_id
        && now.get::<Gateway>(&budget.account_id, gateway.as_str()).is_none()
    {
        return Err(ApiError::body("gateway_id", format!("gateway {gateway} was not found")));
    }
    let mut others = now.of::<Budget>(&budget.account_id).filter(|other| other.id != budget.id);
    if others.any(|other| other.name == budget.name) {
        return Err(ApiError::body("name", format!("budget {} already exists", budget.name)));
    }
    Ok(())
}

/// The budget of a path.
fn find<'a>(
    now: &'a Configuration,
    account: &AccountId,
    id: &str,
) -> Result<&'a Arc<Budget>, ApiError> {
    now.get(account, id).ok_or(ApiError::NotFound("budget not found".into()))
}
