//! `GET /logs/facets`: which values a key has, and in how many calls, for the choices of a filter
//! bar (spec: observability 1.5). Counted by the roll-ups: calls without a log row count, too.

use std::cmp::Reverse;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use weir_core::Timestamp;
use weir_core::analytics::{AnalyticsFilter, AnalyticsQuery, Dimension, DimensionValue};

use crate::error::ApiError;
use crate::operation::{Answer, Operation, Param};
use crate::path::InGateway;
use crate::query::Params;
use crate::schema::{Field, Schema};
use crate::{Api, envelope};

pub(super) const GET: Operation = Operation {
    id: "listLogFacets",
    summary: "The values that a filter key has, most frequent first",
    query: &[
        Param::required("key", Schema::Choice(KEYS), "A filter key."),
        Param::optional("start_date", Schema::TIME, "Inclusive, to the minute."),
        Param::optional("end_date", Schema::TIME, "Inclusive, to the minute."),
        Param::optional("limit", Schema::integer(1, 1_000), "Values at most; 100 by default."),
    ],
    body: None,
    answer: Answer::Result(Schema::list(&Schema::Object(&[
        Field::required(
            "value",
            Schema::Nullable(&Schema::OneOf(&[Schema::NUMBER, Schema::Bool, Schema::TEXT])),
            "As a filter takes it; null for none.",
        ),
        Field::required("count", Schema::COUNT, "Calls."),
    ]))),
};

const KEYS: &[&str] =
    &["provider", "model", "status_code", "success", "cached", "wholesale", "key_id", "user_agent"];

/// A value and how often it is there.
#[derive(Serialize)]
struct Facet {
    value: Option<Shown>,
    count: u64,
}

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(untagged)]
enum Shown {
    Flag(bool),
    Number(i64),
    Text(Arc<str>),
}

pub(super) async fn get(
    State(api): State<Arc<Api>>,
    InGateway(gateway): InGateway,
    params: Params,
) -> Result<Response, ApiError> {
    let key = params.get("key").unwrap_or_default();
    let dimension = match key {
        "provider" => Dimension::Provider,
        "model" => Dimension::Model,
        "status_code" => Dimension::StatusCode,
        "success" => Dimension::Error,
        "cached" => Dimension::Cached,
        "wholesale" => Dimension::Wholesale,
        "key_id" => Dimension::Key,
        "user_agent" => Dimension::UserAgent,
        _ => return Err(ApiError::query("key", "key is required")),
    };
    let question = AnalyticsQuery {
        account: gateway.account_id.clone(),
        from: params.get("start_date").and_then(Timestamp::parse),
        to: params.get("end_date").and_then(Timestamp::parse),
        bucket: None,
        group_by: vec![dimension],
        filter: AnalyticsFilter::Is {
            dimension: Dimension::Gateway,
            values: vec![DimensionValue::Text(gateway.id.as_str().into())],
            not: false,
        },
        most_groups: AnalyticsQuery::MOST_GROUPS,
    };
    let rows = api.logs.analyse(&question).await?;
    let mut facets: Vec<Facet> = rows
        .into_iter()
        .map(|row| Facet {
            value: row.values.into_iter().next().and_then(|value| shown(key, value)),
            count: row.sums.requests,
        })
        .collect();
    facets.sort_by(|one, other| {
        let rank = |facet: &Facet| Reverse(facet.count);
        rank(one).cmp(&rank(other)).then_with(|| one.value.cmp(&other.value))
    });
    let limit = params.get("limit").and_then(|text| text.parse().ok());
    facets.truncate(limit.unwrap_or(100));
    Ok(envelope::object(&facets))
}

/// A value as a filter on the key takes it. Roll-ups write nothing as 0 or as an empty text.
fn shown(key: &str, value: DimensionValue) -> Option<Shown> {
    match (key, value) {
        ("success", DimensionValue::Number(failed)) => Some(Shown::Flag(failed == 0)),
        ("cached" | "wholesale", DimensionValue::Number(flag)) => Some(Shown::Flag(flag != 0)),
        ("status_code", DimensionValue::Number(0)) => None,
        (_, DimensionValue::Number(number)) => Some(Shown::Number(number)),
        ("key_id" | "user_agent", DimensionValue::Text(text)) if text.is_empty() => None,
        (_, DimensionValue::Text(text)) => Some(Shown::Text(text)),
    }
}
