//! Holding a condition against a call (spec: data-plane 8.3).

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::{Condition, Test};
use crate::route::facts::CallFacts;
use crate::route::field::FieldPath;

impl Condition {
    /// Whether it holds of a call. One line for each test that was looked at is added to
    /// `because`; a test whose outcome could not change anything any more is not looked at.
    pub fn holds(&self, call: &dyn CallFacts, because: &mut Vec<Box<str>>) -> bool {
        match self {
            Self::All(conditions) => conditions.iter().all(|one| one.holds(call, because)),
            Self::Any(conditions) => conditions.iter().any(|one| one.holds(call, because)),
            Self::Not(condition) => !condition.holds(call, because),
            Self::Test(path, test) => {
                let fact = path.of(call);
                let of_metadata = matches!(path, FieldPath::Metadata(_));
                let holds = test.passes(fact.as_deref(), of_metadata);
                let found = match &fact {
                    Some(value) => format!("{path} = {}", path.show(value)),
                    None => format!("{path} is missing"),
                };
                let verdict = if holds { "holds" } else { "does not hold" };
                because.push(format!("{found}: {} {verdict}", test.show(path)).into());
                holds
            }
        }
    }
}

impl Test {
    /// Whether a fact passes. `of_metadata`: texts that are numbers equal them, because metadata
    /// often comes through headers that know no numbers.
    fn passes(&self, fact: Option<&Value>, of_metadata: bool) -> bool {
        let order = |fact: &Value, other: &Value| compare(fact, other, of_metadata);
        let equals = |fact: &Value, other: &Value| same(fact, other, of_metadata);
        let Some(fact) = fact else {
            return matches!(self, Self::Ne(_) | Self::Nin(_) | Self::Exists(false));
        };
        match self {
            Self::Eq(value) => equals(fact, value),
            Self::Ne(value) => !equals(fact, value),
            Self::Gt(value) => order(fact, value).is_some_and(Ordering::is_gt),
            Self::Gte(value) => order(fact, value).is_some_and(Ordering::is_ge),
            Self::Lt(value) => order(fact, value).is_some_and(Ordering::is_lt),
            Self::Lte(value) => order(fact, value).is_some_and(Ordering::is_le),
            Self::In(values) => values.iter().any(|value| equals(fact, value)),
            Self::Nin(values) => !values.iter().any(|value| equals(fact, value)),
            Self::Exists(wanted) => *wanted,
            Self::Regex(pattern) => fact.as_str().is_some_and(|text| pattern.is_match(text)),
            Self::Contains(part) => match (fact, part) {
                (Value::String(text), Value::String(part)) => text.contains(part),
                (Value::Array(items), part) => items.iter().any(|item| equals(item, part)),
                _ => false,
            },
        }
    }

    /// The operator and what it is given, for people.
    fn show(&self, path: &FieldPath) -> String {
        let (name, value) = match self {
            Self::Eq(value) => ("$eq", Cow::Borrowed(value)),
            Self::Ne(value) => ("$ne", Cow::Borrowed(value)),
            Self::Gt(value) => ("$gt", Cow::Borrowed(value)),
            Self::Gte(value) => ("$gte", Cow::Borrowed(value)),
            Self::Lt(value) => ("$lt", Cow::Borrowed(value)),
            Self::Lte(value) => ("$lte", Cow::Borrowed(value)),
            Self::In(values) => ("$in", Cow::Owned(values.clone().into())),
            Self::Nin(values) => ("$nin", Cow::Owned(values.clone().into())),
            Self::Exists(wanted) => ("$exists", Cow::Owned((*wanted).into())),
            Self::Regex(pattern) => ("$regex", Cow::Owned(pattern.as_str().into())),
            Self::Contains(part) => ("$contains", Cow::Borrowed(part)),
        };
        format!("{name} {}", path.show(&value))
    }
}

/// Equality of one type; numbers by their value, however they are written.
fn same(one: &Value, other: &Value, of_metadata: bool) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| same(a, b, false))
        }
        (Value::Object(one), Value::Object(other)) => {
            let equal = |(name, value)| other.get(name).is_some_and(|b| same(value, b, false));
            one.len() == other.len() && one.iter().all(equal)
        }
        (Value::Bool(_) | Value::Null, _) => one == other,
        _ => compare(one, other, of_metadata).is_some_and(Ordering::is_eq),
    }
}

/// The order of two numbers or two texts; none of anything else.
fn compare(one: &Value, other: &Value, of_metadata: bool) -> Option<Ordering> {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => compare_numbers(one, other),
        (Value::String(one), Value::String(other)) => Some(one.cmp(other)),
        (Value::String(text), Value::Number(number)) if of_metadata => {
            compare_numbers(&numeric(text)?, number)
        }
        (Value::Number(number), Value::String(text)) if of_metadata => {
            compare_numbers(number, &numeric(text)?)
        }
        _ => None,
    }
}

/// Whole numbers exactly, others as floating ones.
fn compare_numbers(one: &Number, other: &Number) -> Option<Ordering> {
    match (one.as_i128(), other.as_i128()) {
        (Some(one), Some(other)) => Some(one.cmp(&other)),
        _ => one.as_f64()?.partial_cmp(&other.as_f64()?),
    }
}

/// A text that is a number, in the notation of JSON.
fn numeric(text: &str) -> Option<Number> {
    serde_json::from_str(text.trim()).ok()
}

#[cfg(test)]
mod tests;
