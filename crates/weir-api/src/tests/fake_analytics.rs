//! Analytics in memory, row by row.

use std::collections::BTreeMap;

use weir_core::analytics::{
    AnalyticsFilter, AnalyticsQuery, AnalyticsRow, Dimension, DimensionValue, RollupSums,
};
use weir_core::store::{StoreError, StoreResult, StoredLog};
use weir_core::{LogRecord, Timestamp};

/// Answers a question over the rows of all accounts.
pub(crate) fn analyse(
    rows: &[StoredLog],
    query: &AnalyticsQuery,
) -> StoreResult<Vec<AnalyticsRow>> {
    let mut groups = BTreeMap::<(Option<Timestamp>, Vec<DimensionValue>), AnalyticsRow>::new();
    for record in rows.iter().map(|row| &row.record) {
        if record.account != query.account || !within(record, query) {
            continue;
        }
        if !passes(record, &query.filter) {
            continue;
        }
        let bucket = query.bucket.map(|bucket| {
            let start = minute(record.created_at).div_euclid(bucket.minutes()) * bucket.minutes();
            Timestamp::from_millis(start * 60_000)
        });
        let values: Vec<_> = query.group_by.iter().map(|one| value(record, *one)).collect();
        let group = groups.entry((bucket, values.clone())).or_insert_with(|| AnalyticsRow {
            bucket,
            values,
            sums: RollupSums::default(),
            cached: RollupSums::default(),
            errors: 0,
        });
        group.sums.add(&RollupSums::of(record));
        if record.cached {
            group.cached.add(&RollupSums::of(record));
        }
        group.errors += u64::from(!record.success);
    }
    let weight: usize = groups.keys().map(|(_, values)| AnalyticsQuery::weight(values)).sum();
    if weight > query.most_groups {
        return Err(StoreError::TooManyGroups);
    }
    Ok(groups.into_values().collect())
}

fn minute(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(60_000)
}

fn within(record: &LogRecord, query: &AnalyticsQuery) -> bool {
    let at = minute(record.created_at);
    query.from.is_none_or(|from| minute(from) <= at) && query.to.is_none_or(|to| at <= minute(to))
}

fn value(record: &LogRecord, dimension: Dimension) -> DimensionValue {
    let text = |text: &str| DimensionValue::Text(text.into());
    let flag = |flag: bool| DimensionValue::Number(flag.into());
    match dimension {
        Dimension::Gateway => text(record.gateway.as_str()),
        Dimension::Provider => text(record.provider.as_str()),
        Dimension::Model => text(&record.model),
        Dimension::StatusCode => DimensionValue::Number(record.status_code.unwrap_or(0).into()),
        Dimension::Error => flag(!record.success),
        Dimension::Cached => flag(record.cached),
        Dimension::RateLimited => flag(record.status_code == Some(429)),
        Dimension::Wholesale => flag(record.wholesale),
        Dimension::Key => text(record.key_id.as_deref().unwrap_or_default()),
        Dimension::UserAgent => text(record.user_agent.as_deref().unwrap_or_default()),
        Dimension::Metadata => text(record.metadata.as_deref().unwrap_or_default()),
    }
}

fn passes(record: &LogRecord, filter: &AnalyticsFilter) -> bool {
    match filter {
        AnalyticsFilter::All(inner) => inner.iter().all(|filter| passes(record, filter)),
        AnalyticsFilter::Any(inner) => inner.iter().any(|filter| passes(record, filter)),
        AnalyticsFilter::Is { dimension, values, not } => {
            values.contains(&value(record, *dimension)) != *not
        }
        AnalyticsFilter::Contains { dimension, text } => match value(record, *dimension) {
            DimensionValue::Text(found) => found.contains(text.as_str()),
            DimensionValue::Number(_) => false,
        },
    }
}
