//! Buying credits. Nobody is asked for money: a top-up is complete when it is answered.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde::Deserialize;
use serde_json::{Number, json};
use uuid::Uuid;
use weir_core::billing::{BillingAccount, Topup};
use weir_core::{Permission, Timestamp};

use super::{LEAST_TOPUP, MOST_TOPUP, ledger, whole_cents};
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::routes::Table;
use crate::schema::{Field, Schema};
use crate::{Api, envelope};

/// Top-ups that an account's ledger holds. It is one object, written anew with each of them.
const MOST_ENTRIES: usize = 1_000;

/// Cents of one top-up.
pub(super) const AMOUNT: Schema = Schema::Number { min: LEAST_TOPUP, max: MOST_TOPUP };
const PAYMENT: Field = Field::required("payment_intent_id", Schema::text(1, 64), "");

const POST: Operation = Operation {
    id: "createTopup",
    summary: "Add credits",
    query: &[],
    body: Some(Schema::Object(&[
        Field::required("amount", AMOUNT, "Cents."),
        Field::optional("payment_method_id", Schema::TEXT, "Without meaning here."),
    ])),
    answer: Answer::Result(Schema::Object(&[
        PAYMENT,
        Field::required("client_secret", Schema::Nullable(&Schema::TEXT), ""),
        Field::required("onboarding", Schema::Bool, ""),
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
    Json { value: body, mut ignored }: Json<Purchase>,
) -> Result<Response, ApiError> {
    let amount = whole_cents("amount", &body.amount)?;
    let id: Arc<str> = format!("pi_{}", Uuid::new_v4().simple()).into();
    caller
        .change(&api, |now, changes| {
            let mut ledger = BillingAccount::clone(&ledger(now, caller.account()));
            if ledger.topups.len() >= MOST_ENTRIES {
                let text = format!("the ledger holds {MOST_ENTRIES} top-ups, and takes no more");
                return Err(ApiError::body("amount", text));
            }
            let created_at = Timestamp::now();
            ledger.topups.push(Topup { id: id.clone(), amount, automatic: false, created_at });
            changes.put(ledger);
            Ok(())
        })
        .await?;
    if body.payment_method_id.is_some() {
        ignored.push("payment_method_id has no meaning: credits are granted at once".to_owned());
    }
    let answer = json!({ "payment_intent_id": id, "client_secret": null, "onboarding": false });
    Ok(envelope::noted(&answer, ignored))
}

#[derive(Deserialize)]
struct Which {
    payment_intent_id: String,
}

/// `POST /billing/topup/status`.
async fn status(caller: Caller, body: Json<Which>) -> Result<Response, ApiError> {
    let id = body.value.payment_intent_id;
    let ledger = ledger(caller.configuration(), caller.account());
    if !ledger.topups.iter().any(|topup| *topup.id == *id) {
        return Err(ApiError::NotFound("top-up not found".into()));
    }
    let answer = json!({ "payment_intent_id": id, "status": "completed" });
    Ok(envelope::noted(&answer, body.ignored))
}

/// `GET /billing/topup/limits`.
async fn limits() -> Response {
    envelope::object(&json!({ "min": LEAST_TOPUP, "max": MOST_TOPUP }))
}
