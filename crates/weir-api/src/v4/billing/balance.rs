//! What is left of the credits.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde::Serialize;
use weir_core::{Cost, Permission};

use super::topup_config::{self, CONFIG};
use super::wholesale::{Use, used};
use super::{cents_of, ledger};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::routes::Table;
use crate::schema::{Field, Schema};
use crate::{Api, envelope};

const GET: Operation = Operation {
    id: "creditBalance",
    summary: "Show what is left of the credits, in cents",
    query: &[],
    body: None,
    answer: Answer::Result(Schema::Object(&[
        Field::required(
            "balance",
            Schema::integer(i64::MIN, i64::MAX),
            "Below zero when overdrawn.",
        ),
        Field::required("has_default_payment_method", Schema::Bool, ""),
        Field::required("payment_method", Schema::Nullable(&Schema::Object(&[])), "None here."),
        Field::required("topup_config", CONFIG, ""),
        Field::required("first_topup_success", Schema::Bool, "Credits were bought before."),
    ])),
};

pub(super) fn routes(table: Table) -> Table {
    const PATH: &str = "/accounts/{account_id}/ai-gateway/billing/credit-balance";
    table.route(MethodFilter::GET, PATH, Permission::Read, &GET, get)
}

#[derive(Serialize)]
struct View {
    balance: i64,
    has_default_payment_method: bool,
    payment_method: Option<()>,
    topup_config: topup_config::View,
    first_topup_success: bool,
}

/// `GET /billing/credit-balance`.
async fn get(State(api): State<Arc<Api>>, caller: Caller) -> Result<Response, ApiError> {
    let ledger = ledger(caller.configuration(), caller.account());
    let rows = used(&api, caller.account(), Use::default()).await?;
    let used = cents_of(rows.iter().map(|row| row.sums.cost).sum::<Cost>());
    Ok(envelope::object(&View {
        balance: ledger.bought().checked_signed_diff(used).unwrap_or(i64::MAX),
        has_default_payment_method: false,
        payment_method: None,
        topup_config: topup_config::View::of(ledger.topup_config),
        first_topup_success: !ledger.topups.is_empty(),
    }))
}
