//! `GET /pricing/drift`: how far our own prices are from what providers say that they charged, over the
//! calls of which both are known.

use std::cmp::Reverse;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde::Serialize;
use weir_core::analytics::Dimension;
use weir_core::{Cost, Permission};

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
    id: "pricingDrift",
    summary: "Compare our prices with what providers say that they charged, the worst first",
    query: &[FROM, TO, scope::param("Calls of this gateway only."), PAGE, per_page(1, 1000)],
    body: None,
    answer: Answer::List(Schema::Object(&[
        Field::required("provider", Schema::TEXT, ""),
        Field::required("model", Schema::TEXT, ""),
        Field::required("calls", Schema::COUNT, "Calls with both figures."),
        Field::required("computed_cost", Schema::TEXT, "By our prices, in US dollars."),
        Field::required("reported_cost", Schema::TEXT, "By the provider, in US dollars."),
        Field::required("difference", Schema::TEXT, "Ours less theirs, in US dollars."),
        Field::required(
            "percent",
            Schema::Nullable(&Schema::NUMBER),
            "The difference as a part of theirs; null where that is nothing.",
        ),
    ])),
};

pub(super) fn routes(table: Table) -> Table {
    const PATH: &str = "/accounts/{account_id}/ai-gateway/pricing/drift";
    table.route(MethodFilter::GET, PATH, Permission::Read, &GET, get)
}

#[derive(Serialize)]
struct Row {
    provider: String,
    model: String,
    calls: u64,
    computed_cost: String,
    reported_cost: String,
    difference: String,
    percent: Option<f64>,
}

/// `GET /pricing/drift`.
async fn get(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Scope(gateway): Scope,
    params: Params,
) -> Result<Response, ApiError> {
    let group_by = vec![Dimension::Provider, Dimension::Model];
    let query = question(&params, caller.account(), gateway.as_ref(), group_by)?;
    let mut groups = api.logs.analyse(&query).await?;
    groups.retain(|group| group.sums.compared > 0);
    let difference =
        |computed: Cost, reported: Cost| computed.pico().saturating_sub(reported.pico());
    groups.sort_by_cached_key(|group| {
        let apart = difference(group.sums.computed_cost, group.sums.reported_cost);
        (Reverse(apart.unsigned_abs()), group.values.clone())
    });
    let answer = Paging::read(&params).answer(&groups, |group| {
        let (computed, reported) = (group.sums.computed_cost, group.sums.reported_cost);
        Row {
            provider: text(group.values.first()).to_owned(),
            model: text(group.values.get(1)).to_owned(),
            calls: group.sums.compared,
            computed_cost: computed.to_string(),
            reported_cost: reported.to_string(),
            difference: Cost::from_pico(difference(computed, reported)).to_string(),
            percent: (reported != Cost::ZERO)
                .then(|| (computed.dollars() / reported.dollars() - 1.0) * 100.0),
        }
    });
    Ok(answer)
}
