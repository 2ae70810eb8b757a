//! Conditions on numbers as ranges of integers.
//!
//! A condition compares floating-point figures, and a column holds integers (pico-dollars, counts,
//! ...). The figure of an integer never falls as the integer rises, so the integers that meet a
//! condition lie in one range, whose ends are found by halving. Thus the answer is that of the
//! definition, down to the last bit.

use std::ops::RangeInclusive;

use weir_core::log_filter::{Condition, FilterValue, Operator};

use super::super::values::{Number, from_float, to_cost, to_float};

type Range = RangeInclusive<i128>;

/// The ranges of milliseconds that meet a condition, and what it says of rows without a value.
pub(super) fn of_times(condition: &Condition) -> (Vec<Range>, bool) {
    of(condition, |operator, value| {
        let FilterValue::Time(at) = value else { return None };
        let at = i128::from(at.as_millis());
        range(operator, at, at + 1, i64::MIN.into()..=i64::MAX.into())
    })
}

/// The ranges of a number that meet a condition, and what it says of rows without a value.
pub(super) fn of_numbers(condition: &Condition, number: Number) -> (Vec<Range>, bool) {
    let all = match number {
        Number::Feedback | Number::Score => {
            from_float(f64::NEG_INFINITY)..=from_float(f64::INFINITY)
        }
        Number::Cost => i64::MIN.into()..=i64::MAX.into(),
        // Counts; the sum of two may be twice as large.
        _ => 0..=i128::from(u64::MAX),
    };
    of(condition, |operator, value| {
        let FilterValue::Number(wanted) = value else { return None };
        if wanted.is_nan() {
            return None;
        }
        let first = |holds: &dyn Fn(f64) -> bool| first(&all, |value| holds(figure(number, value)));
        let equal = first(&|figure| figure >= *wanted);
        let above = first(&|figure| figure > *wanted);
        range(operator, equal, above, all.clone())
    })
}

/// Whether a flag meets a condition.
pub(super) fn flag_holds(condition: &Condition, is_set: bool) -> bool {
    let at = i128::from(is_set);
    let (ranges, _) = of(condition, |operator, value| {
        let FilterValue::Flag(wanted) = value else { return None };
        let wanted = i128::from(*wanted);
        range(operator, wanted, wanted + 1, 0..=1)
    });
    ranges.iter().any(|range| range.contains(&at))
}

/// The figure that a number is compared as.
fn figure(number: Number, value: i128) -> f64 {
    match number {
        Number::Feedback | Number::Score => to_float(value),
        Number::Cost => to_cost(value).dollars(),
        #[expect(clippy::cast_precision_loss, reason = "what the definition does")]
        _ => value as f64,
    }
}

/// Joins the ranges of all values, or turns them round for `neq`.
fn of(
    condition: &Condition,
    one: impl Fn(Operator, &FilterValue) -> Option<Range>,
) -> (Vec<Range>, bool) {
    let wants_null = condition.values.contains(&FilterValue::Null);
    let ranges = |operator| join(condition.values.iter().filter_map(|value| one(operator, value)));
    match condition.operator {
        Operator::Neq => (others(&ranges(Operator::Eq)), !wants_null),
        operator => (ranges(operator), wants_null && operator == Operator::Eq),
    }
}

/// The range for one value: `equal` is the first integer whose figure is not below it, `above` the
/// first that is above it.
fn range(operator: Operator, equal: i128, above: i128, all: Range) -> Option<Range> {
    let range = match operator {
        Operator::Eq => equal..=above - 1,
        Operator::Lt => *all.start()..=equal - 1,
        Operator::Lte => *all.start()..=above - 1,
        Operator::Gt => above..=*all.end(),
        Operator::Gte => equal..=*all.end(),
        Operator::Neq | Operator::Contains => return None,
    };
    (!range.is_empty()).then_some(range)
}

/// The first integer for which `holds`, which once true stays true; one more than the last if there
/// is none.
fn first(all: &Range, holds: impl Fn(i128) -> bool) -> i128 {
    let (mut least, mut most) = (*all.start(), *all.end() + 1);
    while least < most {
        let middle = least + (most - least) / 2;
        if holds(middle) { most = middle } else { least = middle + 1 }
    }
    least
}

/// Ranges in order, those that touch made one.
pub(super) fn join(ranges: impl Iterator<Item = Range>) -> Vec<Range> {
    let mut ranges: Vec<Range> = ranges.collect();
    ranges.sort_by_key(|range| *range.start());
    let mut joined = Vec::<Range>::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if *range.start() <= last.end().saturating_add(1) => {
                *last = *last.start()..=*last.end().max(range.end());
            }
            _ => joined.push(range),
        }
    }
    joined
}

/// All integers that are in none of the ranges, which are in order.
fn others(ranges: &[Range]) -> Vec<Range> {
    let mut others = Vec::new();
    let mut next = i128::MIN;
    for range in ranges {
        if next < *range.start() {
            others.push(next..=range.start() - 1);
        }
        next = range.end().saturating_add(1);
    }
    others.push(next..=i128::MAX);
    others
}
