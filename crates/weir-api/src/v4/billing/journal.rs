//! The credit journal, line by line.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use weir_core::ledger::{CreditKind, CreditQuery};
use weir_core::{Permission, Timestamp};

use super::credit::{self, KIND, LINE, lines_of};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, DIRECTION, Operation, PAGE, Param, per_page};
use crate::query::{Paging, Params};
use crate::routes::Table;
use crate::schema::Schema;
use crate::{Api, envelope};

const GET: Operation = Operation {
    id: "creditJournal",
    summary: "List what changed the credits, newest first",
    query: &[
        PAGE,
        per_page(1, 100),
        Param::optional("kind", Schema::list(&KIND), "Only these; may stand several times."),
        Param::optional("from", Schema::TIME, "From this moment on."),
        Param::optional("to", Schema::TIME, "Up to and without this moment."),
        Param::optional("direction", DIRECTION, "By time; desc by default."),
    ],
    body: None,
    answer: Answer::List(LINE),
};

pub(super) fn routes(table: Table) -> Table {
    const PATH: &str = "/accounts/{account_id}/ai-gateway/billing/journal";
    table.route(MethodFilter::GET, PATH, Permission::Read, &GET, get)
}

/// `GET /billing/journal`.
async fn get(
    State(api): State<Arc<Api>>,
    caller: Caller,
    params: Params,
) -> Result<Response, ApiError> {
    let time = |name| params.get(name).and_then(Timestamp::parse);
    let kinds: Vec<CreditKind> = params.all("kind").filter_map(CreditKind::parse).collect();
    let paging = Paging::read(&params);
    let query = CreditQuery {
        from: time("from"),
        to: time("to"),
        ascending: params.get("direction") == Some("asc"),
        offset: paging.offset(),
        limit: paging.limit(),
        ..lines_of(caller.account(), &kinds)
    };
    let page = api.ledger.journal(&query).await?;
    let rows: Vec<_> = page.entries.iter().map(credit::view).collect();
    Ok(envelope::list(&rows, paging.info(rows.len(), page.total)))
}
