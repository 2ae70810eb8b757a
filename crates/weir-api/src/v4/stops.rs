//! The kill switch: tokens, sessions and users whose calls are refused, and cut off where they are
//! under way, until the stop is lifted.
//!
//! Stops are acts of the moment, not configuration that somebody keeps in a file; but they take the
//! same way as all of it, so a stop is in force, and on record, when it is answered.

use std::cmp::Reverse;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde::{Deserialize, Serialize};
use weir_core::config::{Changes, Configuration};
use weir_core::stop::{Stop, Stopped};
use weir_core::{AccountId, ApiToken, Permission, Timestamp};

use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation, PAGE, Param, per_page, search};
use crate::path::Id;
use crate::query::{Paging, Params};
use crate::routes::Table;
use crate::schema::{Field, Schema};
use crate::{Api, envelope};

/// Stops that an account may have in force.
const MOST_STOPS: usize = 10_000;

const WHAT: Schema = Schema::Choice(&["token", "session", "user"]);
const VALUE: Schema = Schema::text(1, 256);
const REASON: Schema = Schema::Nullable(&Schema::text(1, 500));
const TIME: Schema = Schema::Nullable(&Schema::TIME);

const STOP: Schema = Schema::Object(&[
    Field::required("what", WHAT, "What is stopped."),
    Field::required(
        "value",
        VALUE,
        "Id of the token, name of the session (cf-aig-session-id), id of the user (cf.user_id).",
    ),
    Field::optional("reason", REASON, "Told to callers."),
    Field::optional("expires_at", TIME, "By itself it ends then."),
    Field::read_only("id", Schema::TEXT, ""),
    Field::read_only("active", Schema::Bool, "It holds: it has not ended."),
    Field::read_only("created_at", Schema::TIME, ""),
]);

const LIST: Operation = Operation {
    id: "listStops",
    summary: "List what is stopped, newest first",
    query: &[
        PAGE,
        per_page(1, 100),
        Param::optional("what", WHAT, "Only stops of this."),
        search("Part of the value."),
    ],
    body: None,
    answer: Answer::List(STOP),
};
const POST: Operation = Operation {
    id: "createStop",
    summary: "Stop the calls of a token, a session or a user; once more changes reason and end",
    query: &[],
    body: Some(STOP),
    answer: Answer::Result(STOP),
};
const GET: Operation = Operation { id: "getStop", summary: "Show a stop", body: None, ..POST };
const DELETE: Operation = Operation { id: "deleteStop", summary: "Lift a stop", ..GET };

pub(crate) fn routes(table: Table) -> Table {
    const ALL: &str = "/accounts/{account_id}/ai-gateway/stops";
    const ONE: &str = "/accounts/{account_id}/ai-gateway/stops/{stop_id}";
    table
        .route(MethodFilter::GET, ALL, Permission::Read, &LIST, list)
        .route(MethodFilter::POST, ALL, Permission::Write, &POST, create)
        .route(MethodFilter::GET, ONE, Permission::Read, &GET, get)
        .route(MethodFilter::DELETE, ONE, Permission::Write, &DELETE, delete)
}

/// The JSON of a stop.
#[derive(Serialize)]
struct View<'a> {
    id: &'a str,
    what: Stopped,
    value: &'a str,
    reason: Option<&'a str>,
    active: bool,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
}

impl<'a> View<'a> {
    fn of(stop: &'a Stop) -> Self {
        Self {
            id: &stop.id,
            what: stop.what,
            value: &stop.value,
            reason: stop.reason.as_deref(),
            active: stop.holds(Timestamp::now()),
            created_at: stop.created_at,
            expires_at: stop.expires_at,
        }
    }
}

/// `GET /stops`.
async fn list(caller: Caller, params: Params) -> Response {
    let search = params.get("search").unwrap_or_default();
    let what = params.get("what");
    let mut matching: Vec<&Arc<Stop>> = caller
        .configuration()
        .of::<Stop>(caller.account())
        .filter(|stop| what.is_none_or(|what| stop.what.label() == what))
        .filter(|stop| stop.value.contains(search))
        .collect();
    matching.sort_unstable_by_key(|stop| (Reverse(stop.created_at), &stop.id));
    Paging::read(&params).answer(&matching, |stop| View::of(stop))
}

/// `GET /stops/{stop_id}`.
async fn get(caller: Caller, Id(id): Id) -> Result<Response, ApiError> {
    let stop = find(caller.configuration(), caller.account(), &id)?;
    Ok(envelope::object(&View::of(stop)))
}

/// What a caller sends.
#[derive(Deserialize)]
struct Input {
    what: Stopped,
    value: String,
    reason: Option<String>,
    expires_at: Option<Timestamp>,
}

/// `POST /stops`. The same stop again leaves one, so whoever is not sure may say it twice.
async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    body: Json<Input>,
) -> Result<Response, ApiError> {
    let Json { value: input, ignored } = body;
    let (account, at) = (caller.account(), Timestamp::now());
    if input.expires_at.is_some_and(|end| end <= at) {
        return Err(ApiError::body("expires_at", "expires_at must lie in the future"));
    }
    let id: Arc<str> = Stop::id_of(input.what, &input.value).into();
    let stop = caller
        .change(&api, |now, changes| {
            if input.what == Stopped::Token && now.get::<ApiToken>(account, &input.value).is_none()
            {
                let message = format!("token {} was not found; its id is meant", input.value);
                return Err(ApiError::body("value", message));
            }
            let present = now.get::<Stop>(account, &id);
            let held = forget_ended(now, account, at, changes);
            if present.is_none() && held >= MOST_STOPS {
                let message = format!("an account may have {MOST_STOPS} stops");
                return Err(ApiError::input(&["body"], message));
            }
            let stop = Stop {
                id: Arc::clone(&id),
                account_id: account.clone(),
                what: input.what,
                value: input.value.clone(),
                reason: input.reason.clone(),
                created_at: present.map_or(at, |stop| stop.created_at),
                expires_at: input.expires_at,
            };
            if present.is_none_or(|present| **present != stop) {
                changes.put(stop.clone());
            }
            Ok(stop)
        })
        .await?;
    Ok(envelope::noted(&View::of(&stop), ignored))
}

/// Removes stops that have ended; gives how many are left. It happens when one is added, so the
/// table stays small without anybody looking after it.
fn forget_ended(
    now: &Configuration,
    account: &AccountId,
    at: Timestamp,
    changes: &mut Changes,
) -> usize {
    let mut held = 0;
    for stop in now.of::<Stop>(account) {
        if stop.holds(at) {
            held += 1;
        } else {
            changes.delete(&**stop);
        }
    }
    held
}

/// `DELETE /stops/{stop_id}`.
async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Id(id): Id,
) -> Result<Response, ApiError> {
    let gone = caller
        .change(&api, |now, changes| {
            let stop = find(now, caller.account(), &id)?;
            changes.delete(&**stop);
            Ok(Arc::clone(stop))
        })
        .await?;
    Ok(envelope::object(&View::of(&gone)))
}

/// The stop of a path.
fn find<'a>(
    now: &'a Configuration,
    account: &AccountId,
    id: &str,
) -> Result<&'a Arc<Stop>, ApiError> {
    now.get(account, id).ok_or(ApiError::NotFound("stop not found".into()))
}
