//! Calls, grouped as a question asks.

use foldhash::HashMap;
use weir_core::Timestamp;
use weir_core::analytics::{
    AnalyticsFilter, AnalyticsQuery, AnalyticsRow, Dimension, DimensionValue, RollupSums,
};

/// The groups so far.
pub(super) struct Groups<'query> {
    pub(super) query: &'query AnalyticsQuery,
    numbers: HashMap<Vec<DimensionValue>, usize>,
    values: Vec<Vec<DimensionValue>>,
    found: HashMap<(Option<i64>, usize), Sums>,
}

#[derive(Default)]
struct Sums {
    all: RollupSums,
    cached: RollupSums,
    errors: u64,
}

/// Calls of one kind: what a question needs to know of them.
#[derive(Clone, Copy)]
pub(super) struct Sort {
    /// Their group, but for the time.
    pub(super) group: usize,
    pub(super) success: bool,
    pub(super) cached: bool,
}

impl<'query> Groups<'query> {
    pub(super) fn new(query: &'query AnalyticsQuery) -> Self {
        Self { query, numbers: HashMap::default(), values: Vec::new(), found: HashMap::default() }
    }

    /// The group of calls whose dimensions `value` tells, or `None` when they do not count.
    pub(super) fn group(&mut self, value: impl Fn(Dimension) -> DimensionValue) -> Option<usize> {
        if !passes(&self.query.filter, &value) {
            return None;
        }
        let values = self.query.group_by.iter().map(|dimension| value(*dimension)).collect();
        Some(self.named(values))
    }

    /// Adds calls that began at a minute, counted from 1970, or in the piece of time that it opens.
    pub(super) fn add(&mut self, minute: i64, sort: Sort, sums: &RollupSums) {
        let bucket = self.query.bucket.map(|bucket| {
            let minutes = bucket.minutes();
            minute.div_euclid(minutes) * minutes
        });
        let found = self.found.entry((bucket, sort.group)).or_default();
        found.all.add(sums);
        if sort.cached {
            found.cached.add(sums);
        }
        if !sort.success {
            found.errors = found.errors.saturating_add(sums.requests);
        }
    }

    /// Adds what another found for the same question.
    pub(super) fn absorb(&mut self, other: Self) {
        for ((bucket, group), sums) in other.found {
            let group = self.named(other.values[group].clone());
            let found = self.found.entry((bucket, group)).or_default();
            found.all.add(&sums.all);
            found.cached.add(&sums.cached);
            found.errors = found.errors.saturating_add(sums.errors);
        }
    }

    fn named(&mut self, values: Vec<DimensionValue>) -> usize {
        let next = self.values.len();
        *self.numbers.entry(values).or_insert_with_key(|values| {
            self.values.push(values.clone());
            next
        })
    }

    /// The answer.
    pub(super) fn finish(self) -> Vec<AnalyticsRow> {
        let Self { values, found, .. } = self;
        let row = |((bucket, group), sums): ((Option<i64>, usize), Sums)| AnalyticsRow {
            bucket: bucket.map(|minute| Timestamp::from_millis(minute.saturating_mul(60_000))),
            values: values[group].clone(),
            sums: sums.all,
            cached: sums.cached,
            errors: sums.errors,
        };
        found.into_iter().map(row).collect()
    }
}

fn passes(filter: &AnalyticsFilter, value: &impl Fn(Dimension) -> DimensionValue) -> bool {
    match filter {
        AnalyticsFilter::All(parts) => parts.iter().all(|part| passes(part, value)),
        AnalyticsFilter::Any(parts) => parts.iter().any(|part| passes(part, value)),
        AnalyticsFilter::Is { dimension, values, not } => {
            values.contains(&value(*dimension)) != *not
        }
        AnalyticsFilter::Contains { dimension, text } => match value(*dimension) {
            DimensionValue::Text(found) => found.contains(text.as_str()),
            DimensionValue::Number(found) => found.to_string().contains(text.as_str()),
        },
    }
}
