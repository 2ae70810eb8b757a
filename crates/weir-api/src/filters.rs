//! Filters over log rows as callers write them, and as the log store understands them
//! (spec: management-api 4.2, observability 1.6).
//!
//! `wire` finds the filters in a query, in whichever of the four forms they stand there, and
//! `columns` takes the one form apart that leaves open which value belongs to which filter. Here
//! keys, operators and values are held against what a resource knows.

mod columns;
mod typed;
mod wire;

use serde_json::{Map, Value};
use weir_core::log_filter::{Condition, LogField, Operator};
use weir_core::text;

use crate::error::ApiError;

pub(crate) use self::wire::from_query;

/// Filters of one call at most.
const MOST_FILTERS: usize = 50;
/// Values of all filters of one call at most. Stores bind each to a place of its own.
const MOST_VALUES: usize = 1_000;

/// A filter as it was written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Filter {
    /// What is compared.
    pub(crate) key: String,
    /// How.
    pub(crate) operator: String,
    /// With what: texts, numbers, flags, nulls.
    pub(crate) values: Vec<Value>,
}

/// Which filters a resource takes.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    /// Known keys.
    pub(crate) keys: &'static [&'static str],
    /// Known operators.
    pub(crate) operators: &'static [&'static str],
    /// `metadata.<name>` is a key, too, and null is a value.
    pub(crate) extended: bool,
}

/// Everything the log store knows.
pub(crate) const LOGS: Vocabulary =
    Vocabulary { keys: LogField::NAMES, operators: Operator::NAMES, extended: true };

/// Where a filter stands in a call, for error messages.
pub(crate) type Place<'a> = &'a [&'a str];

/// Filters of a JSON array, as of a body or of the JSON form of the query.
pub(crate) fn from_json(value: &Value, place: Place<'_>) -> Result<Vec<Filter>, ApiError> {
    let Some(items) = value.as_array() else {
        return Err(ApiError::input(place, "filters must be an array of {key, operator, value}"));
    };
    items.iter().map(|item| one_from_json(item, place)).collect()
}

fn one_from_json(item: &Value, place: Place<'_>) -> Result<Filter, ApiError> {
    let refuse = |message: &str| Err(ApiError::input(place, message));
    let Some(fields) = item.as_object() else {
        return refuse("a filter must be an object of key, operator and value");
    };
    if let Some(name) = fields.keys().find(|name| !["key", "operator", "value"].contains(&&***name))
    {
        return refuse(&format!("a filter has no field '{name}': key, operator and value are all"));
    }
    let word = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let (Some(key), Some(operator)) = (word("key"), word("operator")) else {
        return refuse("a filter must have a key and an operator, both strings");
    };
    let values = match fields.get("value") {
        Some(Value::Array(values)) => values.clone(),
        Some(Value::Object(_)) => return refuse("the value of a filter must be an array"),
        Some(single) => vec![single.clone()],
        None => return refuse("a filter must have a value"),
    };
    Ok(Filter { key, operator, values })
}

/// The conditions that the filters state, if each is one that `vocabulary` knows.
pub(crate) fn conditions(
    filters: &[Filter],
    vocabulary: &Vocabulary,
    place: Place<'_>,
) -> Result<Vec<Condition>, ApiError> {
    if filters.len() > MOST_FILTERS {
        let message = format!("there may be {MOST_FILTERS} filters at most");
        return Err(ApiError::input(place, message));
    }
    if filters.iter().map(|filter| filter.values.len()).sum::<usize>() > MOST_VALUES {
        let message = format!("all filters together may have {MOST_VALUES} values at most");
        return Err(ApiError::input(place, message));
    }
    let refuse = |message| ApiError::input(place, message);
    let each = filters.iter().map(|filter| condition(filter, vocabulary).map_err(refuse));
    each.collect()
}

fn condition(filter: &Filter, vocabulary: &Vocabulary) -> Result<Condition, String> {
    let field = vocabulary.field(&filter.key)?;
    let operator = vocabulary.operator(&filter.operator)?;
    typed::condition(filter, field, operator, vocabulary.extended)
}

impl Vocabulary {
    fn field(&self, key: &str) -> Result<LogField, String> {
        let known = self.keys.contains(&key) || (self.extended && key.starts_with("metadata."));
        let field = if known { LogField::parse(key) } else { None };
        field.ok_or_else(|| unknown("filter key", key, self.keys))
    }

    fn operator(&self, word: &str) -> Result<Operator, String> {
        let known = if self.operators.contains(&word) { Operator::parse(word) } else { None };
        known.ok_or_else(|| unknown("operator", word, self.operators))
    }
}

fn unknown(what: &str, word: &str, known: &[&'static str]) -> String {
    match text::nearest(word, known.iter().copied()) {
        Some(meant) => format!("unknown {what} '{word}': '{meant}' is known"),
        None => format!("unknown {what} '{word}': known are {}", known.join(", ")),
    }
}

/// The filters as JSON, for audit records.
pub(crate) fn to_json(filters: &[Filter]) -> Value {
    let one = |filter: &Filter| {
        let mut fields = Map::new();
        fields.insert("key".to_owned(), filter.key.clone().into());
        fields.insert("operator".to_owned(), filter.operator.clone().into());
        fields.insert("value".to_owned(), filter.values.clone().into());
        Value::Object(fields)
    };
    filters.iter().map(one).collect()
}

#[cfg(test)]
mod tests;
