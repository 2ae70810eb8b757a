//! The wish to buy credits by itself when they run low. It is kept, and nothing acts on it yet.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde::{Deserialize, Serialize};
use serde_json::Number;
use weir_core::Permission;
use weir_core::billing::{BillingAccount, TopupConfig};

use super::topup::AMOUNT;
use super::{MOST_TOPUP, ledger, whole_cents};
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::routes::Table;
use crate::schema::{Field, Schema};
use crate::{Api, envelope};

const CENTS_OR_NULL: Schema = Schema::Nullable(&Schema::COUNT);
const TEXT_OR_NULL: Schema = Schema::Nullable(&Schema::TEXT);
/// Cents below which credits would be bought.
const THRESHOLD: Schema = Schema::Number { min: 500.0, max: MOST_TOPUP };

/// The rule in an answer; nulls when there is none.
pub(super) const CONFIG: Schema = Schema::Object(&[
    Field::required("amount", CENTS_OR_NULL, "Cents to buy."),
    Field::required("threshold", CENTS_OR_NULL, "Cents below which to buy."),
    Field::required("disabledReason", TEXT_OR_NULL, "Why nothing is bought."),
    Field::required("error", TEXT_OR_NULL, ""),
    Field::required("lastFailedAt", CENTS_OR_NULL, "Unix milliseconds."),
]);

const GET: Operation = Operation {
    id: "getTopupConfig",
    summary: "Show the rule for automatic top-ups",
    query: &[],
    body: None,
    answer: Answer::Result(CONFIG),
};
const POST: Operation = Operation {
    id: "setTopupConfig",
    summary: "Set the rule for automatic top-ups, which are not carried out yet",
    body: Some(Schema::Object(&[
        Field::required("amount", AMOUNT, "Cents to buy."),
        Field::required("threshold", THRESHOLD, "Cents below which to buy."),
    ])),
    answer: Answer::Result(Schema::Object(&[
        Field::required("amount", Schema::COUNT, ""),
        Field::required("threshold", Schema::COUNT, ""),
    ])),
    ..GET
};
const DELETE: Operation = Operation {
    id: "deleteTopupConfig",
    summary: "Clear the rule for automatic top-ups",
    answer: Answer::Result(Schema::Nullable(&Schema::Object(&[]))),
    ..GET
};

pub(super) fn routes(table: Table) -> Table {
    const PATH: &str = "/accounts/{account_id}/ai-gateway/billing/topup/config";
    table
        .route(MethodFilter::GET, PATH, Permission::Read, &GET, get)
        .route(MethodFilter::POST, PATH, Permission::Write, &POST, set)
        .route(MethodFilter::DELETE, PATH, Permission::Write, &DELETE, clear)
}

/// The JSON of the rule.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct View {
    amount: Option<u64>,
    threshold: Option<u64>,
    disabled_reason: Option<&'static str>,
    error: Option<&'static str>,
    last_failed_at: Option<i64>,
}

impl View {
    pub(super) fn of(config: Option<TopupConfig>) -> Self {
        Self {
            amount: config.map(|config| config.amount),
            threshold: config.map(|config| config.threshold),
            disabled_reason: config.map(|_| "automatic top-ups are not carried out here"),
            error: None,
            last_failed_at: None,
        }
    }
}

/// `GET /billing/topup/config`.
async fn get(caller: Caller) -> Response {
    let ledger = ledger(caller.configuration(), caller.account());
    envelope::object(&View::of(ledger.topup_config))
}

#[derive(Deserialize)]
struct Rule {
    amount: Number,
    threshold: Number,
}

/// `POST /billing/topup/config`.
async fn set(
    State(api): State<Arc<Api>>,
    caller: Caller,
    body: Json<Rule>,
) -> Result<Response, ApiError> {
    let config = TopupConfig {
        amount: whole_cents("amount", &body.value.amount)?,
        threshold: whole_cents("threshold", &body.value.threshold)?,
    };
    put(&api, &caller, Some(config)).await?;
    Ok(envelope::noted(&config, body.ignored))
}

/// `DELETE /billing/topup/config`.
async fn clear(State(api): State<Arc<Api>>, caller: Caller) -> Result<Response, ApiError> {
    put(&api, &caller, None).await?;
    Ok(envelope::nothing())
}

async fn put(api: &Api, caller: &Caller, config: Option<TopupConfig>) -> Result<(), ApiError> {
    caller
        .change(api, |now, changes| {
            let ledger = ledger(now, caller.account());
            if ledger.topup_config != config {
                let ledger = BillingAccount::clone(&ledger);
                changes.put(BillingAccount { topup_config: config, ..ledger });
            }
            Ok(())
        })
        .await
}
