//! What the models of custom providers cost (spec: management-api 7).

mod form;

use std::cmp::Reverse;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde::Serialize;
use uuid::Uuid;
use weir_core::provider::{ModelRule, ProviderCost};
use weir_core::{CustomProvider, Permission, Timestamp};

use self::form::{Body, COST, CREATE, EDIT, RULE};
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation, PAGE, Param, per_page, search};
use crate::path::Id;
use crate::query::{Paging, Params};
use crate::routes::Table;
use crate::schema::Schema;
use crate::v4::gateways::later_than;
use crate::{Api, envelope};

const LIST: Operation = Operation {
    id: "listProviderCosts",
    summary: "List prices of custom providers, newest first",
    query: &[
        PAGE,
        per_page(1, 100),
        search("Part of the id or of the model, in any case."),
        Param::optional("enable", Schema::Bool, ""),
        Param::optional("account_provider_id", Schema::TEXT, "Id of the custom provider."),
        Param::optional("model_rule", RULE, ""),
        Param::optional("cost_type", Schema::TEXT, ""),
    ],
    body: None,
    answer: Answer::List(COST),
};
const GET: Operation = Operation {
    id: "getProviderCost",
    summary: "Show a price",
    query: &[],
    body: None,
    answer: Answer::Result(COST),
};
const POST: Operation = Operation {
    id: "createProviderCost",
    summary: "Set a price; of several that fit a call, the closest counts",
    body: Some(CREATE),
    ..GET
};
const PATCH: Operation = Operation {
    id: "editProviderCost",
    summary: "Change a price; what is left out keeps its value, null clears",
    body: Some(EDIT),
    ..GET
};
const DELETE: Operation = Operation { id: "deleteProviderCost", summary: "Delete a price", ..GET };

pub(super) fn routes(table: Table) -> Table {
    const ALL: &str = "/accounts/{account_id}/ai-gateway/custom-providers/costs";
    const ONE: &str = "/accounts/{account_id}/ai-gateway/custom-providers/costs/{id}";
    table
        .route(MethodFilter::GET, ALL, Permission::Read, &LIST, list)
        .route(MethodFilter::POST, ALL, Permission::Write, &POST, create)
        .route(MethodFilter::GET, ONE, Permission::Read, &GET, get)
        .route(MethodFilter::PATCH, ONE, Permission::Write, &PATCH, edit)
        .route(MethodFilter::DELETE, ONE, Permission::Write, &DELETE, delete)
}

fn not_found() -> ApiError {
    ApiError::NotFound("cost not found".into())
}

/// A price as the API shows it. `token_pricing` goes in as an object and comes out as text.
#[derive(Serialize)]
struct View<'a> {
    id: &'a str,
    account_provider_id: &'a str,
    model: &'a str,
    model_rule: ModelRule,
    cost_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_in: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_out: Option<f64>,
    token_pricing: Option<String>,
    enable: bool,
    weight: u32,
    changed_by: &'static str,
    created_at: Timestamp,
    modified_at: Timestamp,
}

impl<'a> View<'a> {
    fn of(cost: &'a ProviderCost) -> Self {
        Self {
            id: &cost.id,
            account_provider_id: &cost.account_provider_id,
            model: &cost.model,
            model_rule: cost.model_rule,
            cost_type: &cost.cost_type,
            cost_in: cost.cost_in,
            cost_out: cost.cost_out,
            token_pricing: cost.token_pricing.as_ref().map(ToString::to_string),
            enable: cost.enable,
            weight: cost.weight(),
            changed_by: "manual",
            created_at: cost.created_at,
            modified_at: cost.modified_at,
        }
    }
}

/// `GET /custom-providers/costs`.
async fn list(caller: Caller, params: Params) -> Result<Response, ApiError> {
    let search = params.get("search").unwrap_or_default().to_lowercase();
    let provider = params.get("account_provider_id");
    let rule = params.get("model_rule").map(form::rule);
    let cost_type = params.get("cost_type");
    let mut matching: Vec<&Arc<ProviderCost>> = caller
        .configuration()
        .of::<ProviderCost>(caller.account())
        .filter(|cost| params.flag("enable").is_none_or(|wanted| wanted == cost.enable))
        .filter(|cost| provider.is_none_or(|wanted| *wanted == *cost.account_provider_id))
        .filter(|cost| rule.is_none_or(|wanted| wanted == cost.model_rule))
        .filter(|cost| cost_type.is_none_or(|wanted| wanted == cost.cost_type))
        .filter(|cost| cost.id.contains(&search) || cost.model.to_lowercase().contains(&search))
        .collect();
    matching.sort_unstable_by_key(|cost| (Reverse(cost.created_at), &cost.id));
    Ok(Paging::read(&params).answer(&matching, |cost| View::of(cost)))
}

/// `GET /custom-providers/costs/{id}`.
async fn get(caller: Caller, Id(id): Id) -> Result<Response, ApiError> {
    let found = caller.configuration().get::<ProviderCost>(caller.account(), &id);
    Ok(envelope::object(&View::of(found.ok_or_else(not_found)?)))
}

/// `POST /custom-providers/costs`.
async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Json { value: body, mut ignored }: Json<Body>,
) -> Result<Response, ApiError> {
    let at = Timestamp::now();
    let mut cost = ProviderCost {
        id: Uuid::new_v4().to_string().into(),
        account_id: caller.account().clone(),
        account_provider_id: body.account_provider_id(),
        model: String::new(),
        model_rule: ModelRule::Equals,
        cost_type: "tokens".to_owned(),
        cost_in: None,
        cost_out: None,
        token_pricing: None,
        enable: true,
        created_at: at,
        modified_at: at,
    };
    body.apply_to(&mut cost)?;
    ignored.extend(body.unmetered());
    let cost = caller
        .change(&api, |now, changes| {
            if now.get::<CustomProvider>(caller.account(), &cost.account_provider_id).is_none() {
                let text = format!("custom provider {} was not found", cost.account_provider_id);
                return Err(ApiError::body("account_provider_id", text));
            }
            changes.put(cost.clone());
            Ok(cost.clone())
        })
        .await?;
    Ok(envelope::noted(&View::of(&cost), ignored))
}

/// `PATCH /custom-providers/costs/{id}`.
async fn edit(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Id(id): Id,
    Json { value: body, mut ignored }: Json<Body>,
) -> Result<Response, ApiError> {
    ignored.extend(body.unmetered());
    let changed = caller
        .change(&api, |now, changes| {
            let present = now.get::<ProviderCost>(caller.account(), &id).ok_or_else(not_found)?;
            let mut changed = ProviderCost::clone(present);
            body.apply_to(&mut changed)?;
            changed.modified_at = later_than(present.modified_at);
            changes.put(changed.clone());
            Ok(changed)
        })
        .await?;
    Ok(envelope::noted(&View::of(&changed), ignored))
}

/// `DELETE /custom-providers/costs/{id}`.
async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Id(id): Id,
) -> Result<Response, ApiError> {
    let gone = caller
        .change(&api, |now, changes| {
            let present = now.get::<ProviderCost>(caller.account(), &id).ok_or_else(not_found)?;
            changes.delete(&**present);
            Ok(Arc::clone(present))
        })
        .await?;
    Ok(envelope::object(&View::of(&gone)))
}
