//! API tokens of the account (spec: management-api 3). Verification is the original's; the rest is
//! ours, with its names.

mod change;
mod form;
mod guard;
mod secret;
mod usage;
mod verify;
mod view;

use std::cmp::Reverse;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use uuid::Uuid;
use weir_core::config::Configuration;
use weir_core::{AccountId, ApiToken, Permission, Timestamp};

use self::change::{Change, Create};
use self::form::{CREATE, CREATED, REPLACE, TOKEN};
use self::secret::NewSecret;
use self::usage::{USAGE, usage};
use self::view::{View, WithValue};
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation, PAGE, per_page, search};
use crate::path::Segments;
use crate::query::{Paging, Params};
use crate::routes::Table;
use crate::schema::Schema;
use crate::{Api, envelope};

const LIST: Operation = Operation {
    id: "listTokens",
    summary: "List tokens that were not revoked, newest first",
    query: &[PAGE, per_page(1, 100), search("Part of the name, in any case.")],
    body: None,
    answer: Answer::List(TOKEN),
};
const GET: Operation = Operation {
    id: "getToken",
    summary: "Show a token, without its value",
    query: &[],
    body: None,
    answer: Answer::Result(TOKEN),
};
const POST: Operation = Operation {
    id: "createToken",
    summary: "Create a token; its value is shown this once",
    body: Some(CREATE),
    answer: Answer::Result(CREATED),
    ..GET
};
const PUT: Operation = Operation {
    id: "replaceToken",
    summary: "Change a token; what is left out keeps its value, null clears",
    body: Some(REPLACE),
    ..GET
};
const DELETE: Operation =
    Operation { id: "revokeToken", summary: "Revoke a token, for good", ..GET };
const ROLL: Operation = Operation {
    id: "rollTokenValue",
    summary: "Give a token a new value, shown this once; the former one ends at once",
    answer: Answer::Result(Schema::TEXT),
    ..GET
};

pub(crate) fn routes(table: Table) -> Table {
    const ALL: &str = "/accounts/{account_id}/tokens";
    const ONE: &str = "/accounts/{account_id}/tokens/{token_id}";
    const OF_ONE: &str = "/accounts/{account_id}/tokens/{token_id}/usage";
    const VALUE: &str = "/accounts/{account_id}/tokens/{token_id}/value";
    let table = verify::routes(table)
        .route(MethodFilter::GET, ALL, Permission::All, &LIST, list)
        .route(MethodFilter::POST, ALL, Permission::All, &POST, create);
    table
        .route(MethodFilter::GET, ONE, Permission::All, &GET, get)
        .route(MethodFilter::PUT, ONE, Permission::All, &PUT, replace)
        .route(MethodFilter::DELETE, ONE, Permission::All, &DELETE, revoke)
        .route(MethodFilter::GET, OF_ONE, Permission::All, &USAGE, usage)
        .route(MethodFilter::PUT, VALUE, Permission::All, &ROLL, roll)
}

/// `GET /tokens`.
async fn list(caller: Caller, params: Params) -> Response {
    let search = params.get("search").unwrap_or_default().to_lowercase();
    let mut tokens: Vec<&Arc<ApiToken>> = caller
        .configuration()
        .of::<ApiToken>(caller.account())
        .filter(|token| token.revoked_at.is_none())
        .filter(|token| token.name.to_lowercase().contains(&search))
        .collect();
    tokens.sort_unstable_by_key(|token| (Reverse(token.created_at), &token.id));
    Paging::read(&params).answer(&tokens, |token| View::of(token))
}

/// `GET /tokens/{token_id}`.
async fn get(caller: Caller, segments: Segments) -> Result<Response, ApiError> {
    let token = find(caller.configuration(), caller.account(), segments.get("token_id")?)?;
    Ok(envelope::object(&View::of(token)))
}

/// `POST /tokens`.
async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    body: Json<Create>,
) -> Result<Response, ApiError> {
    let (account, at) = (caller.account(), Timestamp::now());
    let (id, secret) = (Arc::from(Uuid::new_v4().to_string()), NewSecret::random());
    let token = caller
        .change(&api, |now, changes| {
            guard::authority(now, &caller)?;
            let token = ApiToken {
                id: Arc::clone(&id),
                hash: secret.hash(),
                length: secret.length(),
                ..body.value.token(now, account, at)?
            };
            changes.put(token.clone());
            Ok(token)
        })
        .await?;
    let shown = WithValue { token: View::of(&token), value: secret.text() };
    Ok(envelope::noted(&shown, body.ignored))
}

/// `PUT /tokens/{token_id}`.
async fn replace(
    State(api): State<Arc<Api>>,
    caller: Caller,
    segments: Segments,
    body: Json<Change>,
) -> Result<Response, ApiError> {
    let id = segments.get("token_id")?;
    let token = caller
        .change(&api, |now, changes| {
            guard::authority(now, &caller)?;
            let present = find(now, caller.account(), id)?;
            let modified_at = Some(Timestamp::now());
            let token = ApiToken { modified_at, ..body.value.apply(present, now)? };
            guard::refuse_lock_out(now, &token, &["body"])?;
            changes.put(token.clone());
            Ok(token)
        })
        .await?;
    Ok(envelope::noted(&View::of(&token), body.ignored))
}

/// `DELETE /tokens/{token_id}`. The record stays, so that log rows can still be told whose they
/// are, and whoever presents the token that it was revoked.
async fn revoke(
    State(api): State<Arc<Api>>,
    caller: Caller,
    segments: Segments,
) -> Result<Response, ApiError> {
    let id = segments.get("token_id")?;
    let token = caller
        .change(&api, |now, changes| {
            guard::authority(now, &caller)?;
            let present = find(now, caller.account(), id)?;
            let token = ApiToken { revoked_at: Some(Timestamp::now()), ..ApiToken::clone(present) };
            guard::refuse_lock_out(now, &token, &["path", "token_id"])?;
            changes.put(token.clone());
            Ok(token)
        })
        .await?;
    Ok(envelope::object(&View::of(&token)))
}

/// `PUT /tokens/{token_id}/value`. The former value stays on record as a revoked token: whoever
/// presents it is told so, and one that the settings name does not come alive at the next start.
async fn roll(
    State(api): State<Arc<Api>>,
    caller: Caller,
    segments: Segments,
) -> Result<Response, ApiError> {
    let id = segments.get("token_id")?;
    let (secret, former_id) = (NewSecret::random(), Arc::from(Uuid::new_v4().to_string()));
    caller
        .change(&api, |now, changes| {
            guard::authority(now, &caller)?;
            let present = find(now, caller.account(), id)?;
            let at = Some(Timestamp::now());
            changes.put(ApiToken {
                hash: secret.hash(),
                length: secret.length(),
                modified_at: at,
                ..ApiToken::clone(present)
            });
            let id = Arc::clone(&former_id);
            changes.put(ApiToken { id, revoked_at: at, ..ApiToken::clone(present) });
            Ok(())
        })
        .await?;
    Ok(envelope::object(&secret.text()))
}

/// A token that was not revoked.
fn find<'a>(
    now: &'a Configuration,
    account: &AccountId,
    id: &str,
) -> Result<&'a Arc<ApiToken>, ApiError> {
    let found = now.get::<ApiToken>(account, id).filter(|token| token.revoked_at.is_none());
    found.ok_or(ApiError::NotFound("token not found".into()))
}
