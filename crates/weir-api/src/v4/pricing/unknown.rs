//! `GET /pricing/unknown`: models that calls used and that there is no price for, so that an operator
//! can set one.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde::Serialize;
use weir_core::analytics::Dimension;
use weir_core::{Permission, Timestamp};
use weir_llm::pricing::Market;

use super::scope::{self, Scope};
use super::span::{FROM, TO, question, text};
use crate::Api;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation, PAGE, per_page};
use crate::query::{Paging, Params};
use crate::routes::Table;
use crate::schema::{Field, Schema};

const GET: Operation = Operation {
    id: "unknownPricing",
    summary: "List models that were called and have no price now, those with the most calls first",
    query: &[FROM, TO, scope::param("Calls of this gateway only."), PAGE, per_page(1, 1000)],
    body: None,
    answer: Answer::List(Schema::Object(&[
        Field::required("provider", Schema::TEXT, ""),
        Field::required("model", Schema::TEXT, "As calls named it."),
        Field::required("calls", Schema::COUNT, "Calls without a cost."),
        Field::required("tokens_in", Schema::COUNT, "Of all calls of the model."),
        Field::required("tokens_out", Schema::COUNT, "Of all calls of the model."),
        Field::required("gateways", Schema::list(&Schema::TEXT), "Through which they came."),
    ])),
};

pub(super) fn routes(table: Table) -> Table {
    const PATH: &str = "/accounts/{account_id}/ai-gateway/pricing/unknown";
    table.route(MethodFilter::GET, PATH, Permission::Read, &GET, get)
}

#[derive(Clone, Default, Serialize)]
struct Row {
    provider: String,
    model: String,
    calls: u64,
    tokens_in: u64,
    tokens_out: u64,
    gateways: Vec<String>,
}

/// `GET /pricing/unknown`. Calls without usage have no cost either, so a model counts only where no
/// price would be found for it.
async fn get(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Scope(gateway): Scope,
    params: Params,
) -> Result<Response, ApiError> {
    let account = caller.account();
    let group_by = vec![Dimension::Provider, Dimension::Model, Dimension::Gateway];
    let groups = api.logs.analyse(&question(&params, account, gateway.as_ref(), group_by)?).await?;
    let now = Timestamp::now();
    let mut found = BTreeMap::<(&str, &str), Row>::new();
    for group in &groups {
        let [provider, model, gateway] = [0, 1, 2].map(|place| text(group.values.get(place)));
        if group.sums.unpriced == 0 || model.is_empty() {
            continue;
        }
        let (snapshot, account) = (&*caller.snapshot, account.as_str());
        let market = Market { snapshot, table: &api.prices, account, gateway };
        if market.find(provider, [model], now).is_some() {
            continue;
        }
        let row = found.entry((provider, model)).or_default();
        row.calls += group.sums.unpriced;
        row.tokens_in += group.sums.tokens_in;
        row.tokens_out += group.sums.tokens_out;
        row.gateways.push(gateway.to_owned());
    }
    let rows = found.into_iter().map(|((provider, model), mut row)| {
        row.gateways.sort();
        Row { provider: provider.to_owned(), model: model.to_owned(), ..row }
    });
    let mut rows: Vec<Row> = rows.collect();
    // Of as many calls, by name: the sort is stable.
    rows.sort_by_key(|row| Reverse(row.calls));
    Ok(Paging::read(&params).answer(&rows, Row::clone))
}
