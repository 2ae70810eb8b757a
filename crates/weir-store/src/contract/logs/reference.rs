//! What the answers must be, by the definitions of `weir-core` and nothing else.

use std::cmp::Ordering;

use weir_core::Cost;
use weir_core::log_filter::{LogFilter, LogOrder};
use weir_core::store::{LogQuery, LogSummary, StoredLog};

/// The page and the total of a query over all rows of its gateway.
pub(super) fn list<'rows>(
    rows: &'rows [StoredLog],
    query: &LogQuery,
) -> (Vec<&'rows StoredLog>, u64) {
    let mut found: Vec<&StoredLog> = rows.iter().filter(|row| query.filter.matches(row)).collect();
    found.sort_by(|one, other| {
        let ordering = compare(one, other, query.order).then(one.record.id.cmp(&other.record.id));
        if query.ascending { ordering } else { ordering.reverse() }
    });
    let total = found.len() as u64;
    let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
    (found.into_iter().skip(offset).take(query.limit as usize).collect(), total)
}

fn compare(one: &StoredLog, other: &StoredLog, order: LogOrder) -> Ordering {
    let (a, b) = (&one.record, &other.record);
    match order {
        LogOrder::CreatedAt => a.created_at.cmp(&b.created_at),
        LogOrder::Provider => a.provider.as_str().cmp(b.provider.as_str()),
        LogOrder::Model => a.model.cmp(&b.model),
        LogOrder::ModelType => a.model_type.cmp(&b.model_type),
        LogOrder::Success => a.success.cmp(&b.success),
        LogOrder::Cached => a.cached.cmp(&b.cached),
        LogOrder::Cost => a.cost.cmp(&b.cost),
        LogOrder::TokensIn => {
            a.usage.map(|usage| usage.input).cmp(&b.usage.map(|usage| usage.input))
        }
        LogOrder::TokensOut => {
            a.usage.map(|usage| usage.output).cmp(&b.usage.map(|usage| usage.output))
        }
        LogOrder::Duration => a.duration_ms.cmp(&b.duration_ms),
        LogOrder::Feedback => one.feedback.partial_cmp(&other.feedback).expect("a number"),
    }
}

/// The figures over all rows that match.
pub(super) fn summarise(rows: &[StoredLog], filter: &LogFilter) -> LogSummary {
    let found: Vec<&StoredLog> = rows.iter().filter(|row| filter.matches(row)).collect();
    let costs = || found.iter().filter_map(|row| row.record.cost);
    let sum: i128 = costs().map(|cost| i128::from(cost.pico())).sum();
    let usage = |count: fn(&weir_core::Usage) -> u64| {
        range(found.iter().filter_map(|row| row.record.usage.as_ref().map(count)))
    };
    let durations = || found.iter().map(|row| u64::from(row.record.duration_ms));
    let feedback = |holds: fn(f64) -> bool| {
        found.iter().filter(|row| row.feedback.is_some_and(holds)).count() as u64
    };
    let limit = |sum: i128| sum.clamp(i64::MIN.into(), i64::MAX.into());
    LogSummary {
        rows: found.len() as u64,
        cost: costs().min().zip(costs().max()),
        cost_sum: Cost::from_pico(i64::try_from(limit(sum)).expect("in range")),
        cost_rows: costs().count() as u64,
        duration: range(durations()),
        duration_sum: durations().sum(),
        tokens_in: usage(|usage| usage.input),
        tokens_out: usage(|usage| usage.output),
        total_tokens: usage(|usage| usage.input + usage.output),
        positive: feedback(|feedback| feedback > 0.0),
        negative: feedback(|feedback| feedback < 0.0),
    }
}

fn range(values: impl Iterator<Item = u64>) -> Option<(u64, u64)> {
    values.fold(None, |range, value| {
        let (least, most) = range.unwrap_or((value, value));
        Some((least.min(value), most.max(value)))
    })
}
