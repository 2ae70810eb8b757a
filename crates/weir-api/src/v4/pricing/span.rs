//! The calls that a report on prices is about: those of a span of time, of one gateway or of all.

use weir_core::analytics::{AnalyticsFilter, AnalyticsQuery, Dimension, DimensionValue};
use weir_core::{AccountId, GatewayId, Timestamp};

use crate::error::ApiError;
use crate::operation::Param;
use crate::query::Params;
use crate::schema::Schema;

pub(super) const FROM: Param =
    Param::optional("from", Schema::TIME, "Whole minutes count; everything kept by default.");
pub(super) const TO: Param = Param::optional("to", Schema::TIME, "The minute it lies in counts.");

/// The question about those calls, told apart by `group_by`.
pub(super) fn question(
    params: &Params,
    account: &AccountId,
    gateway: Option<&GatewayId>,
    group_by: Vec<Dimension>,
) -> Result<AnalyticsQuery, ApiError> {
    let time = |name| params.get(name).and_then(Timestamp::parse);
    let (from, to) = (time("from"), time("to"));
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        return Err(ApiError::query("to", "to must not be before from"));
    }
    let of_gateway = |gateway: &GatewayId| AnalyticsFilter::Is {
        dimension: Dimension::Gateway,
        values: vec![DimensionValue::Text(gateway.as_str().into())],
        not: false,
    };
    Ok(AnalyticsQuery {
        account: account.clone(),
        from,
        to,
        bucket: None,
        group_by,
        filter: gateway.map_or(AnalyticsFilter::All(Vec::new()), of_gateway),
        most_groups: AnalyticsQuery::MOST_GROUPS,
    })
}

/// The text of a value of a group.
pub(super) fn text(value: Option<&DimensionValue>) -> &str {
    match value {
        Some(DimensionValue::Text(text)) => text,
        _ => "",
    }
}
