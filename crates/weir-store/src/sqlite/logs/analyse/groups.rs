//! Calls, grouped as a question asks.

use std::collections::hash_map::Entry;

use foldhash::HashMap;
use weir_core::Timestamp;
use weir_core::analytics::{
    AnalyticsFilter, AnalyticsQuery, AnalyticsRow, Dimension, DimensionValue, RollupSums,
};

use crate::sqlite::fault::Fault;

/// The groups so far.
pub(super) struct Groups<'query> {
    pub(super) query: &'query AnalyticsQuery,
    numbers: HashMap<Vec<DimensionValue>, usize>,
    values: Vec<Vec<DimensionValue>>,
    found: HashMap<(Option<i64>, usize), Sums>,
    /// What `found` counts for against the most that the question permits.
    weight: usize,
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
        Self {
            query,
            numbers: HashMap::default(),
            values: Vec::new(),
            found: HashMap::default(),
            weight: 0,
        }
    }

    /// The group of calls whose dimensions `value` tells, or `None` when they do not count.
    pub(super) fn group(&mut self, value: impl Fn(Dimension) -> DimensionValue) -> Option<usize> {
        if self.is_full() || !passes(&self.query.filter, &value) {
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
        let Some(found) = self.entry(bucket, sort.group) else { return };
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
            let Some(found) = self.entry(bucket, group) else { return };
            found.all.add(&sums.all);
            found.cached.add(&sums.cached);
            found.errors = found.errors.saturating_add(sums.errors);
        }
    }

    /// The sums of a group, or `None` from the moment on when there are too many.
    fn entry(&mut self, bucket: Option<i64>, group: usize) -> Option<&mut Sums> {
        match self.found.entry((bucket, group)) {
            Entry::Occupied(found) => Some(found.into_mut()),
            Entry::Vacant(place) => {
                self.weight += AnalyticsQuery::weight(&self.values[group]);
                (self.weight <= self.query.most_groups).then(|| place.insert(Sums::default()))
            }
        }
    }

    fn is_full(&self) -> bool {
        self.weight > self.query.most_groups
    }

    /// Fails when there are more groups than the question permits; whoever adds many asks now and
    /// then, to end early.
    pub(super) fn check(&self) -> Result<(), Fault> {
        if self.is_full() { Err(Fault::TooManyGroups) } else { Ok(()) }
    }

    fn named(&mut self, values: Vec<DimensionValue>) -> usize {
        let next = self.values.len();
        *self.numbers.entry(values).or_insert_with_key(|values| {
            self.values.push(values.clone());
            next
        })
    }

    /// The answer.
    pub(super) fn finish(self) -> Result<Vec<AnalyticsRow>, Fault> {
        self.check()?;
        let Self { values, found, .. } = self;
        let row = |((bucket, group), sums): ((Option<i64>, usize), Sums)| AnalyticsRow {
            bucket: bucket.map(|minute| Timestamp::from_millis(minute.saturating_mul(60_000))),
            values: values[group].clone(),
            sums: sums.all,
            cached: sums.cached,
            errors: sums.errors,
        };
        Ok(found.into_iter().map(row).collect())
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
