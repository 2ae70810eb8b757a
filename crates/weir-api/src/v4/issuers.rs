//! Issuers of JSON web tokens whose users may call (spec: data-plane 2.7, observability 7.3).

mod form;

use std::cmp::Reverse;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde_json::{Map, Value};
use uuid::Uuid;
use weir_core::access::{ClaimNames, CustomDomain, Issuer};
use weir_core::config::Configuration;
use weir_core::{AccountId, Gateway, Permission, Timestamp};

use self::form::{CHANGE, INPUT, ISSUER, View};
use super::edit::{LeftOut, edited};
use super::gateways::later_than;
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation, PAGE, per_page, search};
use crate::path::Segments;
use crate::query::{Paging, Params};
use crate::routes::Table;
use crate::schema::Schema;
use crate::{Api, envelope};

/// Issuers of an account.
const MOST_ISSUERS: usize = 50;

const LIST: Operation = Operation {
    id: "listIssuers",
    summary: "List issuers of JSON web tokens, newest first",
    query: &[PAGE, per_page(1, 100), search("Part of the name or the issuer, in any case.")],
    body: None,
    answer: Answer::List(ISSUER),
};
const GET: Operation = Operation {
    id: "getIssuer",
    summary: "Show an issuer",
    query: &[],
    body: None,
    answer: Answer::Result(ISSUER),
};
const POST: Operation = Operation {
    id: "createIssuer",
    summary: "Let the users of an issuer call",
    body: Some(INPUT),
    ..GET
};
const PUT: Operation =
    Operation { id: "replaceIssuer", summary: "Replace an issuer", body: Some(INPUT), ..GET };
const PATCH: Operation = Operation {
    id: "changeIssuer",
    summary: "Change an issuer; what is left out keeps its value, null clears",
    body: Some(CHANGE),
    ..GET
};
const DELETE: Operation = Operation {
    id: "deleteIssuer",
    summary: "Delete an issuer; its users are refused from now on",
    ..GET
};

pub(crate) fn routes(table: Table) -> Table {
    const ALL: &str = "/accounts/{account_id}/ai-gateway/issuers";
    const ONE: &str = "/accounts/{account_id}/ai-gateway/issuers/{issuer_id}";
    table
        .route(MethodFilter::GET, ALL, Permission::Read, &LIST, list)
        .route(MethodFilter::POST, ALL, Permission::Write, &POST, create)
        .route(MethodFilter::GET, ONE, Permission::Read, &GET, get)
        .route(MethodFilter::PUT, ONE, Permission::Write, &PUT, replace)
        .route(MethodFilter::PATCH, ONE, Permission::Write, &PATCH, change)
        .route(MethodFilter::DELETE, ONE, Permission::Write, &DELETE, delete)
}

/// `GET /issuers`.
async fn list(caller: Caller, params: Params) -> Response {
    let search = params.get("search").unwrap_or_default().to_lowercase();
    let mut matching: Vec<&Arc<Issuer>> = caller
        .configuration()
        .of::<Issuer>(caller.account())
        .filter(|it| [&it.name, &it.issuer].iter().any(|it| it.to_lowercase().contains(&search)))
        .collect();
    matching.sort_unstable_by_key(|issuer| (Reverse(issuer.created_at), &issuer.id));
    Paging::read(&params).answer(&matching, |issuer| View::of(issuer))
}

/// `GET /issuers/{issuer_id}`.
async fn get(caller: Caller, segments: Segments) -> Result<Response, ApiError> {
    let issuer = find(caller.configuration(), caller.account(), segments.get("issuer_id")?)?;
    Ok(envelope::object(&View::of(issuer)))
}

/// `POST /issuers`.
async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    body: Json<Map<String, Value>>,
) -> Result<Response, ApiError> {
    let blank = blank(caller.account());
    let issuer = edited(&blank, &INPUT, &body.value, LeftOut::Default)?;
    let issuer = caller
        .change(&api, |now, changes| {
            if now.of::<Issuer>(caller.account()).count() >= MOST_ISSUERS {
                let message = format!("an account may have {MOST_ISSUERS} issuers");
                return Err(ApiError::input(&["body"], message));
            }
            check(&api, now, &issuer)?;
            changes.put(issuer.clone());
            Ok(issuer.clone())
        })
        .await?;
    Ok(envelope::noted(&View::of(&issuer), body.ignored))
}

/// `PUT /issuers/{issuer_id}`.
async fn replace(
    State(api): State<Arc<Api>>,
    caller: Caller,
    segments: Segments,
    body: Json<Map<String, Value>>,
) -> Result<Response, ApiError> {
    write(&api, &caller, &segments, body, (&INPUT, LeftOut::Default)).await
}

/// `PATCH /issuers/{issuer_id}`.
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
    let id = segments.get("issuer_id")?;
    let issuer = caller
        .change(api, |now, changes| {
            let present = find(now, caller.account(), id)?;
            let modified_at = later_than(present.modified_at);
            let issuer = edited(&**present, form, &body.value, left_out)?;
            let issuer = Issuer { modified_at, ..issuer };
            check(api, now, &issuer)?;
            changes.put(issuer.clone());
            Ok(issuer)
        })
        .await?;
    Ok(envelope::noted(&View::of(&issuer), body.ignored))
}

/// `DELETE /issuers/{issuer_id}`.
async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    segments: Segments,
) -> Result<Response, ApiError> {
    let id = segments.get("issuer_id")?;
    let gone = caller
        .change(&api, |now, changes| {
            let issuer = find(now, caller.account(), id)?;
            let mut domains = now.of::<CustomDomain>(caller.account());
            if let Some(domain) = domains.find(|it| it.issuer_id.as_ref() == Some(&issuer.id)) {
                // Without it the domain would let nobody in, or anybody with a token.
                let message = format!(
                    "custom domain {} asks for users of this issuer: change or delete it first",
                    domain.hostname
                );
                return Err(ApiError::input(&["path", "issuer_id"], message));
            }
            changes.delete(&**issuer);
            Ok(Arc::clone(issuer))
        })
        .await?;
    Ok(envelope::object(&View::of(&gone)))
}

/// An issuer with nothing in it that a caller chooses; all of that is overwritten.
fn blank(account: &AccountId) -> Issuer {
    let at = Timestamp::now();
    Issuer {
        id: Uuid::new_v4().to_string().into(),
        account_id: account.clone(),
        name: String::new(),
        issuer: String::new(),
        audiences: Vec::new(),
        jwks_url: None,
        gateways: None,
        claims: ClaimNames::default(),
        required: [].into(),
        enabled: true,
        created_at: at,
        modified_at: at,
    }
}

/// Refuses what cannot be an issuer of the account.
fn check(api: &Api, now: &Configuration, issuer: &Issuer) -> Result<(), ApiError> {
    let faults = issuer.faults(api.options.allow_http_providers);
    if !faults.is_empty() {
        return Err(ApiError::faults(&["body"], faults));
    }
    for (place, id) in issuer.gateways.iter().flatten().enumerate() {
        if now.get::<Gateway>(&issuer.account_id, id.as_str()).is_none() {
            let path = ["body", "gateways", &place.to_string()];
            return Err(ApiError::input(&path, format!("gateway {id} was not found")));
        }
    }
    let mut others = now.of::<Issuer>(&issuer.account_id).filter(|other| other.id != issuer.id);
    if others.any(|other| other.name == issuer.name) {
        return Err(ApiError::body("name", format!("issuer {} already exists", issuer.name)));
    }
    Ok(())
}

/// The issuer of a path.
fn find<'a>(
    now: &'a Configuration,
    account: &AccountId,
    id: &str,
) -> Result<&'a Arc<Issuer>, ApiError> {
    now.get(account, id).ok_or(ApiError::NotFound("issuer not found".into()))
}
