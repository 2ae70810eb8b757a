//! The invoice of this month so far. Credits are paid in advance, so nothing is ever due; its lines
//! show what they were used for.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde_json::{Value, json};
use weir_core::ledger::{CreditSum, CreditSumQuery};
use weir_core::{Permission, Timestamp};

use super::money::cents_up;
use super::{CURRENCY, month};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::routes::Table;
use crate::schema::{Field, Schema};
use crate::{Api, envelope};

const TEXT_OR_NULL: Schema = Schema::Nullable(&Schema::TEXT);

const LINE: Schema = Schema::Object(&[
    Field::required("description", TEXT_OR_NULL, "provider/model"),
    Field::required("amount", Schema::COUNT, "Cents, each line rounded up."),
    Field::required("amount_usd", Schema::TEXT, "The same in dollars, exactly. Weir's own."),
    Field::required("currency", Schema::TEXT, ""),
    Field::required("quantity", Schema::COUNT, "Calls."),
    Field::required(
        "period",
        Schema::Object(&[
            Field::required("start", Schema::COUNT, "Unix seconds."),
            Field::required("end", Schema::COUNT, "Unix seconds."),
        ]),
        "",
    ),
    Field::required(
        "pricing",
        Schema::Object(&[Field::required("unit_amount_decimal", TEXT_OR_NULL, "")]),
        "",
    ),
    Field::required(
        "pretax_credit_amounts",
        Schema::list(&Schema::Object(&[
            Field::required("amount", Schema::COUNT, "Cents, paid from credits."),
            Field::required("type", Schema::TEXT, ""),
        ])),
        "",
    ),
]);

const GET: Operation = Operation {
    id: "invoicePreview",
    summary: "Show the invoice of this month so far: nothing is due, credits pay each line",
    query: &[],
    body: None,
    answer: Answer::Result(Schema::Object(&[
        Field::required("id", Schema::TEXT, ""),
        Field::required("status", Schema::Choice(&["draft"]), ""),
        Field::required("currency", Schema::TEXT, ""),
        Field::required("amount_due", Schema::COUNT, ""),
        Field::required("amount_paid", Schema::COUNT, ""),
        Field::required("amount_remaining", Schema::COUNT, ""),
        Field::required("period_start", Schema::COUNT, "Unix seconds."),
        Field::required("period_end", Schema::COUNT, "Unix seconds."),
        Field::required("invoice_lines", Schema::list(&LINE), "One for each model."),
    ])),
};

pub(super) fn routes(table: Table) -> Table {
    const PATH: &str = "/accounts/{account_id}/ai-gateway/billing/invoice-preview";
    table.route(MethodFilter::GET, PATH, Permission::Read, &GET, get)
}

/// `GET /billing/invoice-preview`.
async fn get(State(api): State<Arc<Api>>, caller: Caller) -> Result<Response, ApiError> {
    let (start, end) = month::around(api.clock.now());
    let query = CreditSumQuery {
        account: caller.account().clone(),
        from: Some(start),
        to: Some(end),
        every: None,
        by_model: true,
    };
    let sums = api.ledger.credit_sums(&query).await?;
    let seconds = |at: Timestamp| at.as_millis().div_euclid(1000);
    let period = json!({ "start": seconds(start), "end": seconds(end) });
    Ok(envelope::object(&json!({
        "id": format!("preview-{}", seconds(start)),
        "status": "draft",
        "currency": CURRENCY,
        "amount_due": 0,
        "amount_paid": 0,
        "amount_remaining": 0,
        "period_start": period["start"],
        "period_end": period["end"],
        "invoice_lines": sums.iter().map(|sum| line(sum, &period)).collect::<Vec<_>>()
    })))
}

fn line(sum: &CreditSum, period: &Value) -> Value {
    let name = sum.target.as_ref().map(|(provider, model)| format!("{provider}/{model}"));
    let cents = cents_up(sum.amount).max(0);
    json!({
        "description": name,
        "amount": cents,
        "amount_usd": sum.amount.to_string(),
        "currency": CURRENCY,
        "quantity": sum.calls,
        "period": period,
        "pricing": { "unit_amount_decimal": null },
        "pretax_credit_amounts": [{ "amount": cents, "type": "credit_balance_transaction" }]
    })
}
