//! What was used of the credits, hour by hour or day by day.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde::Serialize;
use weir_core::ledger::CreditSumQuery;
use weir_core::{Permission, Timestamp};

use super::money::cents;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation, Param};
use crate::query::Params;
use crate::routes::Table;
use crate::schema::{Field, Schema};
use crate::{Api, envelope};

/// Milliseconds of an hour.
const HOUR: i64 = 3_600_000;
/// Milliseconds of what is shown when the caller names no beginning: thirty days.
const DEFAULT_SPAN: i64 = 30 * 86_400_000;
/// The last millisecond of the year 9999, the last that can be written as RFC 3339.
const LAST: f64 = 253_402_300_799_999.0;
/// Clients type these as floats, and clocks give fractions.
const MILLIS: Schema = Schema::Number { min: 0.0, max: LAST };

const GET: Operation = Operation {
    id: "usageHistory",
    summary: "Show what was used of the credits over time, in cents",
    query: &[
        Param::required(
            "value_grouping_window",
            Schema::Choice(&["day", "hour"]),
            "Aligned to UTC.",
        ),
        Param::optional(
            "start_time",
            MILLIS,
            "Unix milliseconds; 30 days before the end by default.",
        ),
        Param::optional("end_time", MILLIS, "Unix milliseconds; now by default."),
    ],
    body: None,
    answer: Answer::Result(Schema::Object(&[Field::required(
        "history",
        Schema::list(&Schema::Object(&[
            Field::required("id", Schema::TEXT, ""),
            Field::required("aggregated_value", Schema::NUMBER, "Cents, with fractions."),
            Field::required("start_time", Schema::COUNT, "Unix milliseconds."),
            Field::required("end_time", Schema::COUNT, "Unix milliseconds, exclusive."),
        ])),
        "Oldest first; windows without use are left out.",
    )])),
};

pub(super) fn routes(table: Table) -> Table {
    const PATH: &str = "/accounts/{account_id}/ai-gateway/billing/usage-history";
    table.route(MethodFilter::GET, PATH, Permission::Read, &GET, get)
}

#[derive(Serialize)]
struct History {
    history: Vec<Window>,
}

#[derive(Serialize)]
struct Window {
    id: String,
    aggregated_value: f64,
    start_time: i64,
    end_time: i64,
}

/// `GET /billing/usage-history`.
async fn get(
    State(api): State<Arc<Api>>,
    caller: Caller,
    params: Params,
) -> Result<Response, ApiError> {
    #[expect(clippy::cast_possible_truncation, reason = "fractions of a millisecond; in bounds")]
    let whole = |number: f64| number as i64;
    let millis = |name| params.get(name).and_then(|text| text.parse().ok()).map(whole);
    let to = millis("end_time").unwrap_or_else(|| api.clock.now().as_millis());
    let from = millis("start_time").unwrap_or_else(|| (to - DEFAULT_SPAN).max(0));
    if from > to {
        return Err(ApiError::query("start_time", "start_time must not be after end_time"));
    }
    let (name, every) = match params.get("value_grouping_window") {
        Some("hour") => ("hour", HOUR),
        _ => ("day", 24 * HOUR),
    };
    let query = CreditSumQuery {
        account: caller.account().clone(),
        from: Some(Timestamp::from_millis(from)),
        to: Some(Timestamp::from_millis(to)),
        every: Some(every),
        by_model: false,
    };
    let sums = api.ledger.credit_sums(&query).await?;
    let windows = sums.into_iter().filter_map(|sum| {
        let start = sum.start?.as_millis();
        Some(Window {
            id: format!("{name}-{start}"),
            aggregated_value: cents(sum.amount),
            start_time: start,
            end_time: start + every,
        })
    });
    Ok(envelope::object(&History { history: windows.collect() }))
}
