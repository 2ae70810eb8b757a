//! The rule that buys credits by itself when they run low. The data plane acts on it, when a call
//! leaves less than the threshold; what it bought stands in the journal.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde::{Deserialize, Serialize};
use serde_json::Number;
use weir_core::Permission;
use weir_core::billing::{BillingAccount, TopupConfig};
use weir_core::ledger::CreditEntry;

use super::credit::last_automatic;
use super::money::whole_cents;
use super::topup::AMOUNT;
use super::{MOST_TOPUP, settings};
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
    Field::required("disabledReason", TEXT_OR_NULL, ""),
    Field::required("error", TEXT_OR_NULL, ""),
    Field::required("lastFailedAt", CENTS_OR_NULL, "Unix milliseconds."),
    Field::required("lastToppedUpAt", CENTS_OR_NULL, "Unix milliseconds. Weir's own."),
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
    summary: "Set the rule for automatic top-ups",
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
    last_topped_up_at: Option<i64>,
}

impl View {
    /// The rule, and what it did last. It asks nobody for money, so it cannot fail.
    pub(super) fn of(config: Option<TopupConfig>, last: Option<&CreditEntry>) -> Self {
        Self {
            amount: config.map(|config| config.amount),
            threshold: config.map(|config| config.threshold),
            disabled_reason: None,
            error: None,
            last_failed_at: None,
            last_topped_up_at: last.map(|line| line.at.as_millis()),
        }
    }
}

/// `GET /billing/topup/config`.
async fn get(State(api): State<Arc<Api>>, caller: Caller) -> Result<Response, ApiError> {
    let settings = settings(caller.configuration(), caller.account());
    let last = last_automatic(&api, caller.account()).await?;
    Ok(envelope::object(&View::of(settings.topup_config, last.as_ref())))
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
        amount: whole_cents("amount", &body.value.amount)?.unsigned_abs(),
        threshold: whole_cents("threshold", &body.value.threshold)?.unsigned_abs(),
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
            let present = settings(now, caller.account());
            if present.topup_config != config {
                let present = BillingAccount::clone(&present);
                changes.put(BillingAccount { topup_config: config, ..present });
            }
            Ok(())
        })
        .await
}
