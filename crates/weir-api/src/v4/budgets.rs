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
use super::edit::{self, Edited, LeftOut, edited};
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation, PAGE, Param, per_page, search};
use crate::path::Segments;
use crate::query::{Paging, Params};
use crate::routes::Table;
use crate::schema::Schema;
use crate::{Api, envelope};

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
    let budget = edit::of_path::<Budget>(&caller, &segments)?;
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
    let budget = edit::create(&api, &caller, budget).await?;
    Ok(envelope::noted(&View::of(&budget), body.ignored))
}

/// `PUT /budgets/{budget_id}`.
async fn replace(
    State(api): State<Arc<Api>>,
    caller: Caller,
    segments: Segments,
    body: Json<Map<String, Value>>,
) -> Result<Response, ApiError> {
    let budget =
        edit::write::<Budget>(&api, &caller, &segments, &body.value, LeftOut::Default).await?;
    Ok(envelope::noted(&View::of(&budget), body.ignored))
}

/// `PATCH /budgets/{budget_id}`.
async fn change(
    State(api): State<Arc<Api>>,
    caller: Caller,
    segments: Segments,
    body: Json<Map<String, Value>>,
) -> Result<Response, ApiError> {
    let budget =
        edit::write::<Budget>(&api, &caller, &segments, &body.value, LeftOut::Kept).await?;
    Ok(envelope::noted(&View::of(&budget), body.ignored))
}

/// `DELETE /budgets/{budget_id}`.
async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    segments: Segments,
) -> Result<Response, ApiError> {
    let gone = edit::delete::<Budget>(&api, &caller, &segments).await?;
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

impl Edited for Budget {
    const NAME: &'static str = "budget";
    const SEGMENT: &'static str = "budget_id";
    /// Each call is held against all of them.
    const MOST: usize = 200;
    const INPUT: Schema = INPUT;
    const CHANGE: Schema = CHANGE;

    fn check(&self, _: &Api, now: &Configuration, _: Option<&Self>) -> Result<(), ApiError> {
        let faults = self.faults();
        if !faults.is_empty() {
            return Err(ApiError::faults(&["body"], faults));
        }
        if let Some(gateway) = &self.gateway_id
            && now.get::<Gateway>(&self.account_id, gateway.as_str()).is_none()
        {
            return Err(ApiError::body("gateway_id", format!("gateway {gateway} was not found")));
        }
        let mut others = now.of::<Self>(&self.account_id).filter(|other| other.id != self.id);
        if others.any(|other| other.name == self.name) {
            return Err(ApiError::body("name", format!("budget {} already exists", self.name)));
        }
        Ok(())
    }

    fn modified_at(&mut self) -> &mut Timestamp {
        &mut self.modified_at
    }
}
