//! Past purchases, in the form of invoices.

use axum::response::Response;
use axum::routing::MethodFilter;
use serde_json::{Value, json};
use weir_core::Permission;
use weir_core::billing::Topup;

use super::{CURRENCY, ledger};
use crate::caller::Caller;
use crate::envelope;
use crate::operation::{Answer, Operation, PAGE, Param, per_page};
use crate::query::{Paging, Params};
use crate::routes::Table;
use crate::schema::{Field, Schema};

const TEXT_OR_NULL: Schema = Schema::Nullable(&Schema::TEXT);

const INVOICE: Schema = Schema::Object(&[
    Field::required("id", TEXT_OR_NULL, "That of the top-up."),
    Field::required("amount_due", Schema::COUNT, "Cents."),
    Field::required("amount_paid", Schema::COUNT, "Cents."),
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
async fn get(caller: Caller, params: Params) -> Response {
    let ledger = ledger(caller.configuration(), caller.account());
    let automatic = match params.get("type") {
        Some("auto") => Some(true),
        Some("manual") => Some(false),
        _ => None,
    };
    let matching: Vec<&Topup> = ledger
        .topups
        .iter()
        .rev()
        .filter(|topup| automatic.is_none_or(|wanted| wanted == topup.automatic))
        .collect();
    let paging = Paging::read(&params);
    let page = paging.cut(&matching);
    let info = paging.info(page.len(), matching.len() as u64);
    envelope::object(&json!({
        "invoices": page.iter().map(|topup| invoice(topup)).collect::<Vec<_>>(),
        "pagination": {
            "has_more": info.page < info.total_pages,
            "page": info.page,
            "per_page": info.per_page,
            "total_count": info.total_count
        }
    }))
}

/// A top-up as a paid invoice.
fn invoice(topup: &Topup) -> Value {
    let origin = if topup.automatic { "auto" } else { "manual" };
    json!({
        "id": topup.id,
        "amount_due": topup.amount,
        "amount_paid": topup.amount,
        "amount_remaining": 0,
        "currency": CURRENCY,
        "status": "paid",
        "created": topup.created_at.as_millis().div_euclid(1000),
        "created_by": origin,
        "description": "Credits",
        "invoice_origin": origin,
        "invoice_pdf": null,
        "attempt_count": 1,
        "attempted": true,
        "auto_advance": null
    })
}
