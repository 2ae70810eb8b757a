//! What the presented token is worth (spec: management-api 3). Any token may ask, except one that
//! was revoked: that is as good as unknown.

use axum::response::Response;
use axum::routing::MethodFilter;
use serde::Serialize;
use weir_core::Timestamp;

use super::form::VERIFIED;
use super::view::status;
use crate::caller::Caller;
use crate::envelope;
use crate::error::ApiError;
use crate::operation::{Access, Answer, Operation};
use crate::routes::Table;

const OF_USER: Operation = Operation {
    id: "verifyUserToken",
    summary: "State of the presented token",
    query: &[],
    body: None,
    answer: Answer::Result(VERIFIED),
};
const OF_ACCOUNT: Operation = Operation {
    id: "verifyAccountToken",
    summary: "State of the presented token, which must be the account's",
    ..OF_USER
};

pub(super) fn routes(table: Table) -> Table {
    const USER: &str = "/user/tokens/verify";
    const ACCOUNT: &str = "/accounts/{account_id}/tokens/verify";
    table.route(MethodFilter::GET, USER, Access::AnyToken, &OF_USER, verify).route(
        MethodFilter::GET,
        ACCOUNT,
        Access::AnyToken,
        &OF_ACCOUNT,
        verify,
    )
}

#[derive(Serialize)]
struct Verified<'a> {
    id: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_on: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_before: Option<Timestamp>,
}

/// `GET /user/tokens/verify` and `GET /accounts/{account_id}/tokens/verify`.
async fn verify(caller: Caller) -> Result<Response, ApiError> {
    let token = &caller.token;
    if token.revoked_at.is_some() {
        return Err(ApiError::UnverifiableToken);
    }
    Ok(envelope::object(&Verified {
        id: &token.id,
        status: status(token, Timestamp::now()),
        expires_on: token.expires_at,
        not_before: token.not_before,
    }))
}
