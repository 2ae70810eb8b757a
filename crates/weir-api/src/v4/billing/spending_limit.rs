//! The account-wide limit of old (spec: management-api 1.6): retired in favour of the gateways'
//! `spend_limits`. There is none to read, and none can be set.

use axum::response::Response;
use axum::routing::MethodFilter;
use serde_json::json;
use weir_core::Permission;

use crate::envelope;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::routes::Table;
use crate::schema::{Field, Schema};

const NUMBER_OR_NULL: Schema = Schema::Nullable(&Schema::NUMBER);
const TEXT_OR_NULL: Schema = Schema::Nullable(&Schema::TEXT);

const GET: Operation = Operation {
    id: "getSpendingLimit",
    summary: "Show the retired account-wide limit, which is never enabled",
    query: &[],
    body: None,
    answer: Answer::Result(Schema::Object(&[
        Field::required("enabled", Schema::Bool, ""),
        Field::required(
            "config",
            Schema::Object(&[
                Field::required("amount", NUMBER_OR_NULL, ""),
                Field::required("duration", TEXT_OR_NULL, ""),
                Field::required("strategy", TEXT_OR_NULL, ""),
            ]),
            "",
        ),
    ])),
};
const DELETE: Operation = Operation {
    id: "deleteSpendingLimit",
    summary: "Clear the retired account-wide limit",
    answer: Answer::Result(Schema::Nullable(&Schema::Object(&[]))),
    ..GET
};
/// It declares no body: whatever is sent, the answer is the same.
const POST: Operation =
    Operation { id: "createSpendingLimit", summary: "Retired: always refused", ..DELETE };

pub(super) fn routes(table: Table) -> Table {
    const PATH: &str = "/accounts/{account_id}/ai-gateway/billing/spending-limit";
    table
        .route(MethodFilter::GET, PATH, Permission::Read, &GET, get)
        .route(MethodFilter::DELETE, PATH, Permission::Write, &DELETE, clear)
        .route(MethodFilter::POST, PATH, Permission::Write, &POST, refuse)
}

/// `GET /billing/spending-limit`.
async fn get() -> Response {
    let config = json!({ "amount": null, "duration": null, "strategy": null });
    envelope::object(&json!({ "enabled": false, "config": config }))
}

/// `DELETE /billing/spending-limit`.
async fn clear() -> Response {
    envelope::nothing()
}

/// `POST /billing/spending-limit`.
async fn refuse() -> ApiError {
    ApiError::Retired("Account-wide spending limits are deprecated: use a gateway's spend_limits")
}
