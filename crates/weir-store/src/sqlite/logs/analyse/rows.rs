//! Answers from the rows, to questions that roll-ups do not know.

use std::sync::Arc;

use rusqlite::Connection;
use weir_core::analytics::{Dimension, DimensionValue, RollupKey, RollupSums};
use weir_core::log_filter::LogFilter;
use weir_core::{GatewayId, LogRecord, Timestamp};

use super::groups::{Groups, Sort};
use crate::sqlite::fault::Fault;
use crate::sqlite::logs::scan::Rows;
use crate::sqlite::logs::words::Reading;

/// Adds a gateway's logged calls.
pub(super) fn add(
    groups: &mut Groups<'_>,
    connection: &Connection,
    words: &mut Reading,
    number: i64,
    gateway: &GatewayId,
) -> Result<(), Fault> {
    let account = &groups.query.account;
    let from = groups.query.from.map_or(i64::MIN, minute);
    let to = groups.query.to.map_or(i64::MAX, minute);
    Rows { connection, words, account, gateway, number }.each(&LogFilter::default(), |row| {
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
