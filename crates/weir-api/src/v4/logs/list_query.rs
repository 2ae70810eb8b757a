//! Which rows a query asks for (spec: management-api 4.1).

use weir_core::log_filter::LogOrder;
use weir_core::log_filter::{Condition, FilterValue, LogField, LogFilter, Operator};
use weir_core::store::LogQuery;
use weir_core::{Gateway, Timestamp};

use crate::error::ApiError;
use crate::filters::{self, Filter};
use crate::query::{Paging, Params};

/// Where filters of the query stand, for error messages.
const PLACE: &[&str] = &["query", "filters"];

/// The page that a list asks for, newest first unless it says otherwise.
pub(super) fn list(
    params: &Params,
    paging: Paging,
    gateway: &Gateway,
) -> Result<LogQuery, ApiError> {
    let direction = params.get("order_by_direction").or_else(|| params.get("direction"));
    Ok(LogQuery {
        order: order(params),
        ascending: direction == Some("asc"),
        offset: paging.offset(),
        limit: paging.limit(),
        ..rows(params, gateway)?
    })
}

/// The rows that a deletion asks for, oldest first unless it says otherwise.
pub(super) fn deletion(params: &Params, gateway: &Gateway) -> Result<LogQuery, ApiError> {
    let direction = params.get("order_by_direction").or_else(|| params.get("direction"));
    let limit = params.get("limit").and_then(|text| text.parse().ok());
    Ok(LogQuery {
        order: order(params),
        ascending: direction != Some("desc"),
        limit: limit.unwrap_or(MOST_DELETED),
        ..rows(params, gateway)?
    })
}

/// Rows that one deletion takes at most.
pub(super) const MOST_DELETED: u32 = 10_000;

fn order(params: &Params) -> LogOrder {
    params.get("order_by").and_then(LogOrder::parse).unwrap_or_default()
}

/// All rows that match, oldest first.
pub(super) fn rows(params: &Params, gateway: &Gateway) -> Result<LogQuery, ApiError> {
    let written = written(params)?;
    let mut conditions = filters::conditions(&written, &filters::LOGS, PLACE)?;
    conditions.extend(older_forms(params));
    Ok(LogQuery {
        account: gateway.account_id.clone(),
        gateway: gateway.id.clone(),
        filter: LogFilter { conditions, search: params.get("search").unwrap_or_default().into() },
        order: LogOrder::CreatedAt,
        ascending: true,
        offset: 0,
        limit: u32::MAX,
    })
}

/// The filters as they were written.
pub(super) fn written(params: &Params) -> Result<Vec<Filter>, ApiError> {
    filters::from_query(params.pairs())
}

/// Conditions of the parameters that were there before filters were. Each was checked to be of its
/// type; bounds are inclusive.
fn older_forms(params: &Params) -> Vec<Condition> {
    let mut conditions = Vec::new();
    let mut add = |field, operator, value: Option<FilterValue>| {
        if let Some(value) = value {
            conditions.push(Condition { field, operator, values: vec![value] });
        }
    };
    let number = |name: &str| params.get(name)?.parse().ok().map(FilterValue::Number);
    let time = |name| params.get(name).and_then(Timestamp::parse).map(FilterValue::Time);
    for (field, least, most) in RANGES {
        add(field.clone(), Operator::Gte, number(least));
        add(field.clone(), Operator::Lte, number(most));
    }
    add(LogField::CreatedAt, Operator::Gte, time("start_date"));
    add(LogField::CreatedAt, Operator::Lte, time("end_date"));
    for (field, name) in TEXTS {
        let text = params.get(name).map(|text| FilterValue::Text(text.to_owned()));
        add(field.clone(), Operator::Eq, text);
    }
    for (field, name) in FLAGS {
        add(field.clone(), Operator::Eq, params.flag(name).map(FilterValue::Flag));
    }
    // 0 is how a thumb down was written (spec: management-api 4.3).
    let verdict = number("feedback").map(|verdict| match verdict {
        FilterValue::Number(0.0) => FilterValue::Number(-1.0),
        other => other,
    });
    add(LogField::Feedback, Operator::Eq, verdict);
    conditions
}

const RANGES: &[(LogField, &str, &str)] = &[
    (LogField::Cost, "min_cost", "max_cost"),
    (LogField::Duration, "min_duration", "max_duration"),
    (LogField::TokensIn, "min_tokens_in", "max_tokens_in"),
    (LogField::TokensOut, "min_tokens_out", "max_tokens_out"),
    (LogField::Tokens, "min_total_tokens", "max_total_tokens"),
];
const TEXTS: &[(LogField, &str)] = &[
    (LogField::Model, "model"),
    (LogField::ModelType, "model_type"),
    (LogField::Provider, "provider"),
    (LogField::RequestContentType, "request_content_type"),
    (LogField::ResponseContentType, "response_content_type"),
];
const FLAGS: &[(LogField, &str)] = &[(LogField::Success, "success"), (LogField::Cached, "cached")];
