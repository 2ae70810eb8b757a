//! The audit trail: who changed what (spec: observability 11).

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde::Serialize;
use serde_json::Value;
use weir_core::audit::{Action, ActorKind, AuditQuery, AuditRecord};
use weir_core::{Gateway, LogId, Permission, Timestamp};

use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation, PAGE, Param, per_page};
use crate::path::InGateway;
use crate::query::{Paging, Params};
use crate::routes::Table;
use crate::schema::{Field, Schema};
use crate::{Api, envelope};

const MAYBE_TEXT: Schema = Schema::Nullable(&Schema::TEXT);
const RECORD: Schema = Schema::Object(&[
    Field::required("id", Schema::TEXT, "Sorts by time."),
    Field::required("time", Schema::TIME, ""),
    Field::required(
        "actor",
        Schema::Object(&[
            Field::required("type", Schema::Choice(&["token", "command_line", "system"]), ""),
            Field::required("id", Schema::TEXT, "Of the token, or name of the command."),
            Field::required("name", Schema::TEXT, ""),
            Field::required("ip", MAYBE_TEXT, ""),
        ]),
        "",
    ),
    Field::required("action", ACTION, ""),
    Field::required("resource_type", Schema::TEXT, "Kind of the object."),
    Field::required("resource_id", Schema::TEXT, ""),
    Field::required("gateway_id", MAYBE_TEXT, ""),
    Field::required("before", Schema::Any, "The object before, credentials masked."),
    Field::required("after", Schema::Any, "The object after, credentials masked."),
]);
const ACTION: Schema = Schema::Choice(&[
    "create",
    "update",
    "delete",
    "read_body",
    "delete_logs",
    "rotate_keys",
    "reset",
    "credit",
    "test_key",
]);

const LIST: Operation = Operation {
    id: "listAudit",
    summary: "List audit records of the account, newest first",
    query: &[
        PAGE,
        per_page(1, 100),
        Param::optional("action", ACTION, "What was done."),
        Param::optional("resource_type", Schema::TEXT, "To what kind of object."),
        Param::optional("resource_id", Schema::TEXT, "To which object."),
        Param::optional("actor_id", Schema::TEXT, "By whom: id of a token."),
        Param::optional("since", Schema::TIME, "Not before."),
        Param::optional("until", Schema::TIME, "Not after."),
    ],
    body: None,
    answer: Answer::List(RECORD),
};
const ALIAS: Operation = Operation {
    id: "listAuditLogs",
    summary: "Same as listAudit, where others look for it",
    ..LIST
};
const OF_GATEWAY: Operation = Operation {
    id: "listGatewayAudit",
    summary: "List audit records of a gateway, newest first",
    ..LIST
};

pub(crate) fn routes(table: Table) -> Table {
    const ACCOUNT: &str = "/accounts/{account_id}/ai-gateway/audit";
    const PLATFORM: &str = "/accounts/{account_id}/audit_logs";
    const GATEWAY: &str = "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/audit";
    table
        .route(MethodFilter::GET, ACCOUNT, Permission::Read, &LIST, of_account)
        .route(MethodFilter::GET, PLATFORM, Permission::Read, &ALIAS, of_account)
        .route(MethodFilter::GET, GATEWAY, Permission::Read, &OF_GATEWAY, of_gateway)
}

/// `GET /ai-gateway/audit` and `GET /audit_logs`.
async fn of_account(
    State(api): State<Arc<Api>>,
    caller: Caller,
    params: Params,
) -> Result<Response, ApiError> {
    list(&api, &caller, &params, None).await
}

/// `GET /gateways/{gateway_id}/audit`.
async fn of_gateway(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
    params: Params,
) -> Result<Response, ApiError> {
    list(&api, &caller, &params, Some(&gateway)).await
}

async fn list(
    api: &Api,
    caller: &Caller,
    params: &Params,
    gateway: Option<&Gateway>,
) -> Result<Response, ApiError> {
    let paging = Paging::read(params);
    let text = |name| params.get(name).map(str::to_owned);
    let time = |name| params.get(name).and_then(Timestamp::parse);
    let query = AuditQuery {
        account: caller.account().clone(),
        gateway: gateway.map(|gateway| gateway.id.as_str().to_owned()),
        action: params.get("action").and_then(Action::parse),
        resource_type: text("resource_type"),
        resource_id: text("resource_id"),
        actor_id: text("actor_id"),
        since: time("since"),
        until: time("until"),
        offset: paging.offset(),
        limit: paging.limit(),
    };
    let page = api.configuration.store().audit(&query).await?;
    let rows: Vec<View<'_>> = page.records.iter().map(View::of).collect();
    Ok(envelope::list(&rows, paging.info(rows.len(), page.total)))
}

/// A record as the API shows it.
#[derive(Serialize)]
struct View<'a> {
    id: LogId,
    time: Timestamp,
    actor: ActorView<'a>,
    action: &'static str,
    resource_type: &'a str,
    resource_id: &'a str,
    gateway_id: Option<&'a str>,
    before: Option<&'a Value>,
    after: Option<&'a Value>,
}

#[derive(Serialize)]
struct ActorView<'a> {
    #[serde(rename = "type")]
    kind: ActorKind,
    id: &'a str,
    name: &'a str,
    ip: Option<IpAddr>,
}

impl<'a> View<'a> {
    fn of(record: &'a AuditRecord) -> Self {
        let actor = &record.actor;
        Self {
            id: record.id,
            time: record.at,
            actor: ActorView { kind: actor.kind, id: &actor.id, name: &actor.name, ip: actor.ip },
            action: record.action.name(),
            resource_type: &record.resource_type,
            resource_id: &record.resource_id,
            gateway_id: record.gateway.as_deref(),
            before: record.before.as_ref(),
            after: record.after.as_ref(),
        }
    }
}
