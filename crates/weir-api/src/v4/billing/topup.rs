//! Buying credits. Nobody is asked for money: a top-up is complete when it is answered.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::{Number, json};
use weir_core::Permission;
use weir_core::ledger::{CreditEntry, CreditKind};

use super::credit::{self, BOUGHT, new_id};
use super::money::{cents_down, fee_of, from_cents, whole_cents};
use super::{LEAST_TOPUP, MOST_TOPUP};
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::routes::Table;
use crate::schema::{Field, Schema};
use crate::{Api, envelope};

/// Cents of one top-up.
pub(super) const AMOUNT: Schema = Schema::Number { min: LEAST_TOPUP, max: MOST_TOPUP };
const PAYMENT: Field = Field::required("payment_intent_id", Schema::text(1, 64), "");

const POST: Operation = Operation {
    id: "createTopup",
    summary: "Add credits; with an Idempotency-Key a repeated call adds nothing",
    query: &[],
    body: Some(Schema::Object(&[
        Field::required("amount", AMOUNT, "Cents."),
        Field::optional("payment_method_id", Schema::TEXT, "Without meaning here."),
    ])),
    answer: Answer::Result(Schema::Object(&[
        PAYMENT,
        Field::required("client_secret", Schema::Nullable(&Schema::TEXT), ""),
        Field::required("onboarding", Schema::Bool, ""),
        Field::required("fee", Schema::COUNT, "Cents paid beside the amount. Weir's own."),
    ])),
};
const STATUS: Operation = Operation {
    id: "topupStatus",
    summary: "Show whether a top-up is complete",
    query: &[],
    body: Some(Schema::Object(&[PAYMENT])),
    answer: Answer::Result(Schema::Object(&[
        PAYMENT,
        Field::required("status", Schema::Choice(&["completed", "pending"]), ""),
    ])),
};
const LIMITS: Operation = Operation {
    id: "topupLimits",
    summary: "Show the smallest and the largest top-up, in cents",
    query: &[],
    body: None,
    answer: Answer::Result(Schema::Object(&[
        Field::required("min", Schema::NUMBER, ""),
        Field::required("max", Schema::NUMBER, ""),
    ])),
};

pub(super) fn routes(table: Table) -> Table {
    const TOPUP: &str = "/accounts/{account_id}/ai-gateway/billing/topup";
    const OF_ONE: &str = "/accounts/{account_id}/ai-gateway/billing/topup/status";
    const BOUNDS: &str = "/accounts/{account_id}/ai-gateway/billing/topup/limits";
    table
        .route(MethodFilter::POST, TOPUP, Permission::Write, &POST, create)
        .route(MethodFilter::POST, OF_ONE, Permission::Read, &STATUS, status)
        .route(MethodFilter::GET, BOUNDS, Permission::Read, &LIMITS, limits)
}

#[derive(Deserialize)]
struct Purchase {
    amount: Number,
    payment_method_id: Option<String>,
}

/// `POST /billing/topup`.
async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    headers: HeaderMap,
    Json { value: body, mut ignored }: Json<Purchase>,
) -> Result<Response, ApiError> {
    let amount = from_cents(whole_cents("amount", &body.amount)?);
    let line = CreditEntry {
        id: new_id("pi", caller.account(), &headers),
        account: caller.account().clone(),
        at: api.clock.now(),
        kind: CreditKind::Grant,
        amount,
        fee: fee_of(amount, api.options.fee_percent),
        note: None,
        usage: None,
    };
    let line = credit::write(&api, caller, line).await?;
    if body.payment_method_id.is_some() {
        ignored.push("payment_method_id has no meaning: credits are granted at once".to_owned());
    }
    let answer = json!({
        "payment_intent_id": line.id,
        "client_secret": null,
        "onboarding": false,
        "fee": cents_down(line.fee)
    });
    Ok(envelope::noted(&answer, ignored))
}

#[derive(Deserialize)]
struct Which {
    payment_intent_id: String,
}

/// `POST /billing/topup/status`. What is in the journal is complete.
async fn status(
    State(api): State<Arc<Api>>,
    caller: Caller,
    body: Json<Which>,
) -> Result<Response, ApiError> {
    let id = body.value.payment_intent_id;
    if credit::find(&api, caller.account(), &BOUGHT, &id).await?.is_none() {
        return Err(ApiError::NotFound("top-up not found".into()));
    }
    let answer = json!({ "payment_intent_id": id, "status": "completed" });
    Ok(envelope::noted(&answer, body.ignored))
}

/// `GET /billing/topup/limits`.
async fn limits() -> Response {
    envelope::object(&json!({ "min": LEAST_TOPUP, "max": MOST_TOPUP }))
}
