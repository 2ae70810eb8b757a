//! Answers from the rows one by one, when neither roll-ups nor segments know them.

use std::sync::Arc;

use weir_core::analytics::{AnalyticsQuery, Dimension, DimensionValue, RollupKey, RollupSums};
use weir_core::log_filter::LogFilter;
use weir_core::{LogRecord, Timestamp};

use super::groups::{Groups, Sort};
use crate::sqlite::fault::Fault;
use crate::sqlite::logs::scan::Rows;

/// Adds a gateway's logged calls.
pub(super) fn add(groups: &mut Groups<'_>, rows: &mut Rows<'_>) -> Result<(), Fault> {
    let (from, to) = range(groups.query);
    rows.each(&LogFilter::default(), |row| {
        let record = &row.record;
        let minute = minute(record.created_at);
        if !(from..=to).contains(&minute) {
            return;
        }
        let key = RollupKey::of(record);
        let group = groups.group(|dimension| value(dimension, &key, record));
        if let Some(group) = group {
            let sort = Sort { group, success: record.success, cached: record.cached };
            groups.add(minute, sort, &RollupSums::of(record));
        }
    })
}

/// The first and the last minute that a question asks for.
pub(super) fn range(query: &AnalyticsQuery) -> (i64, i64) {
    (query.from.map_or(i64::MIN, minute), query.to.map_or(i64::MAX, minute))
}

/// The minute a moment lies in, counted from 1970 UTC.
pub(super) fn minute(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(60_000)
}

fn value(dimension: Dimension, key: &RollupKey, record: &LogRecord) -> DimensionValue {
    let text = |text: &str| DimensionValue::Text(Arc::from(text));
    let flag = |flag: bool| DimensionValue::Number(i64::from(flag));
    match dimension {
        Dimension::Gateway => text(key.gateway.as_str()),
        Dimension::Provider => text(key.provider.as_str()),
        Dimension::Model => text(&key.model),
        Dimension::StatusCode => DimensionValue::Number(key.status.into()),
        Dimension::Error => flag(!key.success),
        Dimension::Cached => flag(key.cached),
        Dimension::RateLimited => flag(key.rate_limited),
        Dimension::Wholesale => flag(key.wholesale),
        Dimension::Key => text(key.key_id.as_deref().unwrap_or_default()),
        Dimension::UserAgent => text(record.user_agent.as_deref().unwrap_or_default()),
        Dimension::Metadata => text(record.metadata.as_deref().unwrap_or_default()),
    }
}
