//! `POST /graphql`: analytics over calls, in the query language and with the names that existing
//! dashboards use (spec: management-api 10, observability 4.1).
//!
//! A query goes through five files: `request` reads it and bounds its size, `plan` holds it against
//! `schema` and resolves fragments, variables and directives, `execute` walks the plan, `groups`
//! asks the log store, `introspection` tells about the schema itself.

mod execute;
mod fault;
mod groups;
mod introspection;
mod plan;
mod request;
mod schema;

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde_json::json;
use weir_core::Permission;

use self::request::Request;
use crate::body::Json;
use crate::caller::Caller;
use crate::operation::{Answer, Operation};
use crate::routes::Table;
use crate::schema::{Field, Schema};
use crate::{Api, envelope};

const POST: Operation = Operation {
    id: "graphql",
    summary: "Query analytics with GraphQL",
    query: &[],
    body: Some(Schema::Object(&[
        Field::required("query", Schema::TEXT, "64 KiB at most."),
        Field::optional("variables", Schema::Nullable(&Schema::Map(&Schema::Any)), ""),
        Field::optional("operationName", Schema::Nullable(&Schema::TEXT), ""),
    ])),
    answer: Answer::Bare(Schema::Object(&[
        Field::required("data", Schema::Nullable(&Schema::Map(&Schema::Any)), ""),
        Field::required("errors", Schema::Nullable(&Schema::list(&FAULT)), "Null on success."),
    ])),
};
const FAULT: Schema = Schema::Object(&[
    Field::required("message", Schema::TEXT, ""),
    Field::required(
        "path",
        Schema::Nullable(&Schema::list(&Schema::TEXT)),
        "Where, if at a field.",
    ),
    Field::required(
        "extensions",
        Schema::Object(&[
            Field::required("code", Schema::TEXT, "syntax, validation, limit, authz, unavailable."),
            Field::required("timestamp", Schema::TIME, ""),
        ]),
        "",
    ),
]);

pub(crate) fn routes(table: Table) -> Table {
    table.route(MethodFilter::POST, "/graphql", Permission::AnalyticsRead, &POST, post)
}

/// `POST /graphql`. What is wrong with a query is told with status 200, as GraphQL clients expect;
/// only what is wrong with the call itself has another status.
async fn post(State(api): State<Arc<Api>>, caller: Caller, body: Json<Request>) -> Response {
    let answered = match request::read(&body.value) {
        Ok(query) => match plan::plan(&query) {
            Ok(fields) => execute::execute(&api, &caller, &fields).await,
            Err(fault) => Err(fault),
        },
        Err(fault) => Err(fault),
    };
    match answered {
        Ok(value) => envelope::bare(&json!({ "data": value, "errors": null })),
        Err(fault) => envelope::bare(&json!({ "data": null, "errors": [fault.view()] })),
    }
}
