//! What is left of the credits.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde::Serialize;
use weir_core::Permission;

use super::credit::{self, last_automatic};
use super::money::{cents_down, cents_up};
use super::settings;
use super::topup_config::{self, CONFIG};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::routes::Table;
use crate::schema::{Field, Schema};
use crate::{Api, envelope};

const CENTS: Schema = Schema::integer(i64::MIN, i64::MAX);

const GET: Operation = Operation {
    id: "creditBalance",
    summary: "Show what is left of the credits, in cents",
    query: &[],
    body: None,
    answer: Answer::Result(Schema::Object(&[
        Field::required("balance", CENTS, "Below zero when overdrawn."),
        Field::required("has_default_payment_method", Schema::Bool, ""),
        Field::required("payment_method", Schema::Nullable(&Schema::Object(&[])), "None here."),
        Field::required("topup_config", CONFIG, ""),
        Field::required("first_topup_success", Schema::Bool, "Credits were bought before."),
        Field::required("granted", CENTS, "Bought, given and corrected so far. Weir's own."),
        Field::required("used", CENTS, "Used so far; a begun cent counts. Weir's own."),
        Field::required("balance_usd", Schema::TEXT, "Exact, in dollars. Weir's own."),
        Field::required("fee_percent", Schema::NUMBER, "Paid on top of top-ups. Weir's own."),
        Field::required("markup_percent", Schema::NUMBER, "Put on what calls cost. Weir's own."),
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
    granted: i64,
    used: i64,
    balance_usd: String,
    fee_percent: f64,
    markup_percent: f64,
}

/// `GET /billing/credit-balance`.
async fn get(State(api): State<Arc<Api>>, caller: Caller) -> Result<Response, ApiError> {
    let settings = settings(caller.configuration(), caller.account());
    let purse = api.ledger.purse(caller.account()).await;
    let automatic = last_automatic(&api, caller.account()).await?;
    Ok(envelope::object(&View {
        balance: cents_down(purse.balance()),
        has_default_payment_method: false,
        payment_method: None,
        topup_config: topup_config::View::of(settings.topup_config, automatic.as_ref()),
        first_topup_success: credit::has_bought(&api, caller.account()).await?,
        granted: cents_down(purse.granted),
        used: cents_up(purse.used),
        balance_usd: purse.balance().to_string(),
        fee_percent: api.options.fee_percent,
        markup_percent: api.options.markup_percent,
    }))
}
