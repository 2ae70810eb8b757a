//! Policies: who may spend how much on what (spec: observability 7.3, data-plane 10.3).
//!
//! What is written without `commit=true` is a draft: not in force, seen with `includeStaging=true`.

mod commit;
mod form;
mod simulate;
mod view;

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;
use weir_core::config::Configuration;
use weir_core::policy::{Policy, PolicyBody, Rule};
use weir_core::{Gateway, Permission, Timestamp};

use self::form::{CHANGE, CREATE, POLICY};
use self::view::{Created, Stage, Stored, View};
use super::gateways::later_than;
use crate::body::{Json, given};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation, PAGE, Param, per_page};
use crate::path::{Id, InGateway, present_gateway};
use crate::query::{Paging, Params};
use crate::routes::Table;
use crate::schema::Schema;
use crate::{Api, envelope};

/// Policies of a gateway: each call is held against all of them.
const MOST_POLICIES: u32 = 200;

const STAGING: Param =
    Param::optional("includeStaging", Schema::Bool, "Show drafts in place of what is in force.");
const COMMIT: Param = Param::optional("commit", Schema::Bool, "Put it in force at once.");

const LIST: Operation = Operation {
    id: "listPolicies",
    summary: "List policies, oldest first, all of them on one page unless per_page is given",
    query: &[PAGE, per_page(1, MOST_POLICIES as i64), STAGING],
    body: None,
    answer: Answer::List(POLICY),
};
const GET: Operation = Operation {
    id: "getPolicy",
    summary: "Show a policy",
    query: &[STAGING],
    body: None,
    answer: Answer::Result(POLICY),
};
const POST: Operation = Operation {
    id: "createPolicy",
    summary: "Create a policy, as a draft unless commit is true",
    query: &[COMMIT],
    body: Some(CREATE),
    answer: Answer::Beside(form::CREATED),
};
const PUT: Operation = Operation {
    id: "replacePolicy",
    summary: "Change a committed policy; what is left out keeps its value",
    query: &[COMMIT],
    body: Some(CHANGE),
    answer: Answer::Beside(form::STORED),
};
const DELETE: Operation =
    Operation { id: "deletePolicy", summary: "Delete a policy with its draft", query: &[], ..GET };

pub(crate) fn routes(table: Table) -> Table {
    const ALL: &str = "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/policies";
    const ONE: &str =
        "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/policies/{policy_id}";
    let table = table.route(MethodFilter::GET, ALL, Permission::Read, &LIST, list).route(
        MethodFilter::POST,
        ALL,
        Permission::Write,
        &POST,
        create,
    );
    simulate::routes(commit::routes(table))
        .route(MethodFilter::GET, ONE, Permission::Read, &GET, get)
        .route(MethodFilter::PUT, ONE, Permission::Write, &PUT, replace)
        .route(MethodFilter::DELETE, ONE, Permission::Write, &DELETE, delete)
}

/// `GET /policies`.
async fn list(caller: Caller, InGateway(gateway): InGateway, params: Params) -> Response {
    let stage = Stage::asked(&params);
    let policies = of_gateway(caller.configuration(), &gateway);
    let views: Vec<View<'_>> =
        policies.iter().filter_map(|policy| View::of(policy, stage)).collect();
    Paging::read_or(&params, MOST_POLICIES).answer(&views, Clone::clone)
}

/// `GET /policies/{policy_id}`.
async fn get(
    caller: Caller,
    InGateway(gateway): InGateway,
    Id(id): Id,
    params: Params,
) -> Result<Response, ApiError> {
    let policy = find(caller.configuration(), &gateway, &id)?;
    let view = View::of(policy, Stage::asked(&params)).ok_or_else(not_found)?;
    Ok(envelope::object(&view.by_itself()))
}

/// `POST /policies`.
async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
    params: Params,
    body: Json<PolicyBody>,
) -> Result<Response, ApiError> {
    let (committed, at) = (params.flag("commit").unwrap_or_default(), Timestamp::now());
    let id: Arc<str> = Uuid::now_v7().to_string().into();
    check(&id, &body.value)?;
    let policy = caller
        .change(&api, |now, changes| {
            let gateway = present_gateway(now, &gateway)?;
            if now.of_gateway::<Policy>(gateway).count() >= MOST_POLICIES as usize {
                let message = format!("a gateway may have {MOST_POLICIES} policies");
                return Err(ApiError::input(&["body"], message));
            }
            let content = Some(body.value.clone());
            let (committed, draft) = if committed { (content, None) } else { (None, content) };
            let policy = Policy {
                id: Arc::clone(&id),
                account_id: gateway.account_id.clone(),
                gateway_id: gateway.id.clone(),
                committed,
                draft,
                created_at: at,
                updated_at: at,
            };
            changes.put(policy.clone());
            Ok(policy)
        })
        .await?;
    let fields = Created { result: View::of(&policy, Stage::Draft), committed };
    Ok(envelope::beside_noted(&fields, body.ignored))
}

/// Body of a change: what is left out keeps its value.
#[derive(Deserialize)]
struct Change {
    name: Option<String>,
    actor: Option<String>,
    #[serde(default, deserialize_with = "given")]
    resource: Option<Value>,
    #[serde(default, deserialize_with = "given")]
    condition: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    action: Option<Value>,
}

impl Change {
    fn apply(&self, present: &PolicyBody) -> PolicyBody {
        PolicyBody {
            name: self.name.clone().unwrap_or_else(|| present.name.clone()),
            actor: self.actor.clone().unwrap_or_else(|| present.actor.clone()),
            resource: self.resource.clone().unwrap_or_else(|| present.resource.clone()),
            condition: self.condition.clone().unwrap_or_else(|| present.condition.clone()),
            action: self.action.clone().unwrap_or_else(|| present.action.clone()),
        }
    }
}

/// `PUT /policies/{policy_id}`. Changes add up in the draft until they are committed; so a commit
/// takes with it what the draft had before.
async fn replace(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
    Id(id): Id,
    params: Params,
    body: Json<Change>,
) -> Result<Response, ApiError> {
    let committed = params.flag("commit").unwrap_or_default();
    caller
        .change(&api, |now, changes| {
            let policy = find(now, &gateway, &id)?;
            let Some(in_force) = &policy.committed else {
                let message = "the policy is a draft that was never committed: commit it first";
                return Err(ApiError::input(&["path", "policy_id"], message));
            };
            let content = body.value.apply(policy.draft.as_ref().unwrap_or(in_force));
            check(&policy.id, &content)?;
            let mut changed = Policy::clone(policy);
            changed.updated_at = later_than(policy.updated_at);
            if committed {
                (changed.committed, changed.draft) = (Some(content), None);
            } else {
                changed.draft = Some(content);
            }
            changes.put(changed);
            Ok(())
        })
        .await?;
    Ok(envelope::beside_noted(&Stored { committed }, body.ignored))
}

/// `DELETE /policies/{policy_id}`.
async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
    Id(id): Id,
) -> Result<Response, ApiError> {
    let gone = caller
        .change(&api, |now, changes| {
            let policy = find(now, &gateway, &id)?;
            changes.delete(&**policy);
            Ok(Arc::clone(policy))
        })
        .await?;
    let view = View::of(&gone, Stage::Committed).or_else(|| View::of(&gone, Stage::Draft));
    Ok(envelope::object(&view.ok_or_else(not_found)?))
}

fn not_found() -> ApiError {
    ApiError::NotFound("policy not found".into())
}

/// The policy of a path.
fn find<'a>(
    now: &'a Configuration,
    gateway: &Gateway,
    id: &str,
) -> Result<&'a Arc<Policy>, ApiError> {
    now.in_gateway(gateway, id).ok_or_else(not_found)
}

/// The policies of a gateway, oldest first.
fn of_gateway<'a>(now: &'a Configuration, gateway: &'a Gateway) -> Vec<&'a Arc<Policy>> {
    let mut policies: Vec<&Arc<Policy>> = now.of_gateway(gateway).collect();
    policies.sort_unstable_by_key(|policy| (policy.created_at, &policy.id));
    policies
}

/// What a policy says, as a rule that can be enforced.
fn check(id: &Arc<str>, content: &PolicyBody) -> Result<Rule, ApiError> {
    Rule::read(Arc::clone(id), content).map_err(|faults| ApiError::faults(&["body"], faults))
}
