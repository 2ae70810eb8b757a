//! Gateways (spec: management-api 2).

mod form;
mod rules;
mod settings;
mod spend_usage;
mod url;
mod view;

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde_json::{Map, Value};
use weir_core::{Gateway, GatewayId, Permission, Timestamp};

use self::form::{CREATE, GATEWAY, REPLACE};
pub(super) use self::url::base_of;
use self::view::View;
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation, PAGE, per_page, search};
use crate::path::{InGateway, present_gateway};
use crate::query::{Paging, Params};
use crate::routes::Table;
use crate::{Api, envelope};

const LIST: Operation = Operation {
    id: "listGateways",
    summary: "List gateways, newest first",
    query: &[PAGE, per_page(1, 100), search("Part of the id.")],
    body: None,
    answer: Answer::List(GATEWAY),
};
const GET: Operation = Operation {
    id: "getGateway",
    summary: "Show a gateway",
    query: &[],
    body: None,
    answer: Answer::Result(GATEWAY),
};
const POST: Operation =
    Operation { id: "createGateway", summary: "Create a gateway", body: Some(CREATE), ..GET };
const PUT: Operation = Operation {
    id: "replaceGateway",
    summary: "Change a gateway; settings left out keep their value, null clears",
    body: Some(REPLACE),
    ..GET
};
const DELETE: Operation = Operation {
    id: "deleteGateway",
    summary: "Delete a gateway and everything in it; answers with what it was",
    ..GET
};

pub(crate) fn routes(table: Table) -> Table {
    const ALL: &str = "/accounts/{account_id}/ai-gateway/gateways";
    const ONE: &str = "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}";
    const URL: &str = "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/url/{provider}";
    const SPENT: &str =
        "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/spend-limits/usage";
    table
        .route(MethodFilter::GET, SPENT, Permission::Read, &spend_usage::GET, spend_usage::get)
        .route(MethodFilter::GET, ALL, Permission::MetadataRead, &LIST, list)
        .route(MethodFilter::POST, ALL, Permission::Write, &POST, create)
        .route(MethodFilter::GET, ONE, Permission::MetadataRead, &GET, get)
        .route(MethodFilter::PUT, ONE, Permission::Write, &PUT, replace)
        .route(MethodFilter::DELETE, ONE, Permission::Write, &DELETE, delete)
        .route(MethodFilter::GET, URL, Permission::MetadataRead, &url::GET, url::get)
}

/// `GET /gateways`: a page of the account's gateways, newest first, the id breaking ties.
async fn list(caller: Caller, params: Params) -> Response {
    let search = params.get("search").unwrap_or_default();
    let mut matching: Vec<&Arc<Gateway>> = caller
        .snapshot
        .gateways(caller.account().as_str())
        .filter(|gateway| gateway.id.as_str().contains(search))
        .filter(|gateway| caller.token.opens(gateway.id.as_str()))
        .collect();
    matching.sort_unstable_by_key(|gateway| (Reverse(gateway.created_at), &gateway.id));
    Paging::read(&params).answer(&matching, |gateway| View::of(gateway))
}

/// `GET /gateways/{gateway_id}`.
async fn get(InGateway(gateway): InGateway) -> Response {
    envelope::object(&View::of(&gateway))
}

/// `POST /gateways`.
async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    body: Json<Map<String, Value>>,
) -> Result<Response, ApiError> {
    let account = caller.account();
    // The schema asks for it.
    let id = body.value.get("id").and_then(Value::as_str).unwrap_or_default();
    let id = GatewayId::from(id);
    let gateway = caller
        .change(&api, |now, changes| {
            if now.get::<Gateway>(account, id.as_str()).is_some() {
                return Err(ApiError::body("id", format!("gateway {id} already exists")));
            }
            if let Some(most) = api.options.max_gateways
                && now.of::<Gateway>(account).count() >= most
            {
                return Err(ApiError::body("id", format!("an account may have {most} gateways")));
            }
            let settings = settings::create(&body.value, now, account)?;
            let at = Timestamp::now();
            let gateway =
                Gateway { settings, ..Gateway::with_defaults(account.clone(), id.clone(), at) };
            changes.put(gateway.clone());
            Ok(gateway)
        })
        .await?;
    Ok(envelope::noted(&View::of(&gateway), body.ignored))
}

/// `PUT /gateways/{gateway_id}`.
async fn replace(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
    body: Json<Map<String, Value>>,
) -> Result<Response, ApiError> {
    let changed = caller
        .change(&api, |now, changes| {
            let present = present_gateway(now, &gateway)?;
            let settings =
                settings::replace(&present.settings, &body.value, now, caller.account())?;
            let modified_at = later_than(present.modified_at);
            let emptied =
                present.settings.cache_invalidate_on_update || settings.cache_invalidate_on_update;
            let cache_epoch = present.cache_epoch + u64::from(emptied);
            let changed = Gateway { settings, modified_at, cache_epoch, ..(**present).clone() };
            changes.put(changed.clone());
            Ok(changed)
        })
        .await?;
    Ok(envelope::noted(&View::of(&changed), body.ignored))
}

/// `DELETE /gateways/{gateway_id}`. The default gateway comes back with the next call that needs
/// it (spec: data-plane 1.10).
async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
) -> Result<Response, ApiError> {
    let gone = caller
        .change(&api, |now, changes| {
            let present = present_gateway(now, &gateway)?;
            changes.delete_gateway(now, present);
            Ok(Arc::clone(present))
        })
        .await?;
    // Millions of rows take a while. They are out of sight at once, and the deletion goes on
    // without us, so a caller need not wait longer than callers do.
    let deleting = tokio::spawn({
        let (api, gone) = (Arc::clone(&api), Arc::clone(&gone));
        async move { api.logs.delete_gateway(&gone.account_id, &gone.id).await }
    });
    if let Ok(Ok(deleted)) = tokio::time::timeout(DELETION_PATIENCE, deleting).await {
        deleted?;
    }
    Ok(envelope::object(&View::of(&gone)))
}

/// How long a deletion of logs holds its answer up.
const DELETION_PATIENCE: Duration = Duration::from_secs(2);

/// Now, but after `before`: two changes within one millisecond must be told apart.
pub(super) fn later_than(before: Timestamp) -> Timestamp {
    Timestamp::now().max(Timestamp::from_millis(before.as_millis().saturating_add(1)))
}
