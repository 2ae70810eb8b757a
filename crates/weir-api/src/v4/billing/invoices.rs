//! Past purchases, in the form of invoices.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde_json::{Value, json};
use weir_core::Permission;
use weir_core::ledger::{CreditEntry, CreditKind, CreditQuery};

use super::CURRENCY;
use super::credit::{BOUGHT, lines_of};
use super::money::cents_down;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation, PAGE, Param, per_page};
use crate::query::{Paging, Params};
use crate::routes::Table;
use crate::schema::{Field, Schema};
use crate::{Api, envelope};

const TEXT_OR_NULL: Schema = Schema::Nullable(&Schema::TEXT);

const INVOICE: Schema = Schema::Object(&[
    Field::required("id", TEXT_OR_NULL, "That of the top-up."),
    Field::required("amount_due", Schema::COUNT, "Cents, the fee included."),
    Field::required("amount_paid", Schema::COUNT, "Cents, the fee included."),
    Field::required("amount_remaining", Schema::COUNT, "Cents."),
    Field::required("currency", Schema::TEXT, ""),
    Field::required("status", TEXT_OR_NULL, ""),
    Field::required("created", Schema::COUNT, "Unix seconds."),
    Field::required("created_by", Schema::TEXT, ""),
    Field::required("description", TEXT_OR_NULL, ""),
    Field::required("invoice_origin", Schema::Choice(&["auto", "manual"]), ""),
    Field::required("invoice_pdf", TEXT_OR_NULL, ""),
    Field::required("attempt_count", Schema::COUNT, ""),
    Field::required("attempted", Schema::Bool, ""),
    Field::required("auto_advance", Schema::Nullable(&Schema::Bool), ""),
    Field::required("credits", Schema::COUNT, "Cents that were added. Weir's own."),
    Field::required("fee", Schema::COUNT, "Cents paid beside them. Weir's own."),
]);

const GET: Operation = Operation {
    id: "invoiceHistory",
    summary: "List past top-ups, newest first",
    query: &[
        PAGE,
        per_page(1, 100),
        Param::optional("type", Schema::Choice(&["auto", "all", "manual"]), "all by default."),
    ],
    body: None,
    answer: Answer::Result(Schema::Object(&[
        Field::required("invoices", Schema::list(&INVOICE), ""),
        Field::required(
            "pagination",
            Schema::Object(&[
                Field::required("has_more", Schema::Bool, ""),
                Field::required("page", Schema::COUNT, ""),
                Field::required("per_page", Schema::COUNT, ""),
                Field::required("total_count", Schema::COUNT, ""),
            ]),
            "",
        ),
    ])),
};

pub(super) fn routes(table: Table) -> Table {
    const PATH: &str = "/accounts/{account_id}/ai-gateway/billing/invoice-history";
    table.route(MethodFilter::GET, PATH, Permission::Read, &GET, get)
}

/// `GET /billing/invoice-history`.
async fn get(
    State(api): State<Arc<Api>>,
    caller: Caller,
    params: Params,
) -> Result<Response, ApiError> {
    let kinds = match params.get("type") {
        Some("auto") => &[CreditKind::Automatic][..],
        Some("manual") => &[CreditKind::Grant],
        _ => &BOUGHT,
    };
    let paging = Paging::read(&params);
    let query = CreditQuery {
        offset: paging.offset(),
        limit: paging.limit(),
        ..lines_of(caller.account(), kinds)
    };
    let page = api.ledger.journal(&query).await?;
    let info = paging.info(page.entries.len(), page.total);
    Ok(envelope::object(&json!({
        "invoices": page.entries.iter().map(invoice).collect::<Vec<_>>(),
        "pagination": {
            "has_more": info.page < info.total_pages,
            "page": info.page,
            "per_page": info.per_page,
            "total_count": info.total_count
        }
    })))
}

/// A top-up as a paid invoice.
fn invoice(line: &CreditEntry) -> Value {
    let origin = if line.kind == CreditKind::Automatic { "auto" } else { "manual" };
    let (credits, fee) = (cents_down(line.amount).max(0), cents_down(line.fee).max(0));
    json!({
        "id": line.id,
        "amount_due": credits + fee,
        "amount_paid": credits + fee,
        "amount_remaining": 0,
        "currency": CURRENCY,
        "status": "paid",
        "created": line.at.as_millis().div_euclid(1000),
        "created_by": origin,
        "description": line.note.as_deref().unwrap_or("Credits"),
        "invoice_origin": origin,
        "invoice_pdf": null,
        "attempt_count": 1,
        "attempted": true,
        "auto_advance": null,
        "credits": credits,
        "fee": fee
    })
}
