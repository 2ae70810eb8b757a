//! What the budgets of a token stand at.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::find;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::path::Segments;
use crate::schema::Schema;
use crate::v4::standing::{StandingView, standing};
use crate::{Api, envelope};

pub(super) const USAGE: Operation = Operation {
    id: "tokenUsage",
    summary: "Show what a token's own budgets stand at, in their order",
    query: &[],
    body: None,
    answer: Answer::Result(Schema::list(&standing![])),
};

/// `GET /tokens/{token_id}/usage`.
pub(super) async fn usage(
    State(api): State<Arc<Api>>,
    caller: Caller,
    segments: Segments,
) -> Result<Response, ApiError> {
    let token = find(caller.configuration(), caller.account(), segments.get("token_id")?)?;
    let mut standings = Vec::new();
    for terms in &token.budgets {
        let key = terms.token_key(&token.account_id, &token.id);
        standings.push(StandingView::of(&api, terms, key).await);
    }
    Ok(envelope::object(&standings))
}
