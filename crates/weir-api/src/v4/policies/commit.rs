//! Putting all drafts of a gateway in force.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde::Serialize;
use weir_core::Permission;
use weir_core::policy::{Policy, Rule};

use super::form::COMMIT_REPORT;
use super::of_gateway;
use super::view::{Stage, View};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::path::InGateway;
use crate::routes::Table;
use crate::v4::gateways::later_than;
use crate::{Api, envelope};

const POST: Operation = Operation {
    id: "commitPolicies",
    summary: "Put every draft of the gateway in force, together",
    query: &[],
    body: None,
    answer: Answer::Result(COMMIT_REPORT),
};

pub(super) fn routes(table: Table) -> Table {
    const PATH: &str = "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/policies/commit";
    table.route(MethodFilter::POST, PATH, Permission::Write, &POST, commit)
}

#[derive(Serialize)]
struct Report<'a> {
    committed: usize,
    failed: usize,
    policies: Vec<View<'a>>,
    errors: &'a [Failure],
}

/// A draft that is not what this version accepts.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    policy_id: Arc<str>,
    message: String,
}

/// `POST /policies/commit`. Drafts were checked when they were written; one that was written by an
/// older version, with other rules, may fail and stays what it is.
async fn commit(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
) -> Result<Response, ApiError> {
    let (committed, failures) = caller
        .change(&api, |now, changes| {
            let (mut committed, mut failures) = (Vec::new(), Vec::new());
            for policy in of_gateway(now, &gateway) {
                let Some(draft) = policy.draft.clone() else { continue };
                if let Err(faults) = Rule::read(Arc::clone(&policy.id), &draft) {
                    let message = faults.first().map(|fault| fault.message.clone());
                    failures.push(Failure {
                        policy_id: Arc::clone(&policy.id),
                        message: message.unwrap_or_default(),
                    });
                    continue;
                }
                let policy = Policy {
                    committed: Some(draft),
                    draft: None,
                    updated_at: later_than(policy.updated_at),
                    ..Policy::clone(policy)
                };
                changes.put(policy.clone());
                committed.push(policy);
            }
            Ok((committed, failures))
        })
        .await?;
    let view = |policy| View::of(policy, Stage::Committed);
    Ok(envelope::object(&Report {
        committed: committed.len(),
        failed: failures.len(),
        policies: committed.iter().filter_map(view).collect(),
        errors: &failures,
    }))
}
