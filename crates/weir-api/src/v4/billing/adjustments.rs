//! Corrections of the credits by hand, either way: money that was given back, calls that were
//! counted wrongly. Lines of the journal are never changed, so a correction is a line of its own.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::Number;
use weir_core::ledger::{CreditEntry, CreditKind};
use weir_core::{Cost, Permission};

use super::MOST_TOPUP;
use super::credit::{self, LINE, new_id};
use super::money::{from_cents, whole_cents};
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::routes::Table;
use crate::schema::{Field, Schema};
use crate::{Api, envelope};

const POST: Operation = Operation {
    id: "createAdjustment",
    summary: "Correct the credits; with an Idempotency-Key a repeated call changes nothing",
    query: &[],
    body: Some(Schema::Object(&[
        Field::required(
            "amount",
            Schema::Number { min: -MOST_TOPUP, max: MOST_TOPUP },
            "Cents; below zero takes credits away.",
        ),
        Field::required("note", Schema::text(1, 500), "Why."),
    ])),
    answer: Answer::Result(LINE),
};

/// Who keeps the books may, which is more than to use or to buy credits.
pub(super) fn routes(table: Table) -> Table {
    const PATH: &str = "/accounts/{account_id}/ai-gateway/billing/adjustments";
    table.route(MethodFilter::POST, PATH, Permission::All, &POST, create)
}

#[derive(Deserialize)]
struct Adjustment {
    amount: Number,
    note: String,
}

/// `POST /billing/adjustments`.
async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    headers: HeaderMap,
    Json { value: body, ignored }: Json<Adjustment>,
) -> Result<Response, ApiError> {
    let cents = whole_cents("amount", &body.amount)?;
    if cents == 0 {
        return Err(ApiError::body("amount", "amount must not be 0: it would correct nothing"));
    }
    let line = CreditEntry {
        id: new_id("adj", caller.account(), &headers),
        account: caller.account().clone(),
        at: api.clock.now(),
        kind: CreditKind::Adjustment,
        amount: from_cents(cents),
        fee: Cost::ZERO,
        note: Some(body.note.into()),
        usage: None,
    };
    let line = credit::write(&api, caller, line).await?;
    Ok(envelope::noted(&credit::view(&line), ignored))
}
