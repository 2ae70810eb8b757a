//! Filters in a query string (spec: management-api 4.2). Four forms are about: one client writes
//! filter after filter, one writes all keys before all operators before all values, and others
//! write JSON or indexed brackets.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Filter, Place, columns, from_json};
use crate::error::ApiError;

/// Where filters of a query stand.
const PLACE: Place<'static> = &["query", "filters"];
/// Digits of an index between brackets.
const INDEX_DIGITS: usize = 4;

/// The three fields of a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Key,
    Operator,
    Value,
}

/// A filter whose fields come one by one.
#[derive(Default)]
struct Draft {
    key: Option<String>,
    operator: Option<String>,
    /// By index, then by their order in the query.
    values: Vec<(usize, String)>,
}

/// All filters of a query, of whichever form; other parameters are passed over. What begins like a
/// filter and is none is refused, because a filter that is not heard shows, or deletes, too much.
pub(crate) fn from_query(pairs: &[(String, String)]) -> Result<Vec<Filter>, ApiError> {
    let mut filters = Vec::new();
    let mut dotted = Vec::new();
    let mut indexed = BTreeMap::<usize, Draft>::new();
    for (name, text) in pairs {
        let Some(rest) = name.strip_prefix("filters") else { continue };
        if rest.is_empty() {
            filters.extend(json(text)?);
        } else if let Some(part) = rest.strip_prefix('.').and_then(part) {
            dotted.push((part, text.as_str()));
        } else if let Some((index, part, place)) = brackets(rest) {
            indexed.entry(index).or_default().take(part, place, text)?;
        } else {
            return refuse(format!(
                "'{name}' is no filter: write filters.key, filters.operator and filters.value, or \
                 filters=[{{\"key\":…,\"operator\":…,\"value\":[…]}}]"
            ));
        }
    }
    let columnar = dotted.iter().take_while(|(part, _)| *part == Part::Key).count() > 1;
    filters.extend(if columnar { in_columns(&dotted)? } else { in_groups(&dotted)? });
    for draft in indexed.into_values() {
        filters.push(draft.finish()?);
    }
    Ok(filters)
}

fn refuse<T>(message: impl Into<String>) -> Result<T, ApiError> {
    Err(ApiError::input(PLACE, message))
}

fn part(word: &str) -> Option<Part> {
    match word {
        "key" => Some(Part::Key),
        "operator" => Some(Part::Operator),
        "value" => Some(Part::Value),
        _ => None,
    }
}

fn json(text: &str) -> Result<Vec<Filter>, ApiError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    match serde_json::from_str::<Value>(text) {
        Ok(single @ Value::Object(_)) => from_json(&Value::Array(vec![single]), PLACE),
        Ok(value) => from_json(&value, PLACE),
        Err(error) => refuse(format!("filters is not valid JSON: {error}")),
    }
}

/// Reads `[0][key]`, `[0][operator]`, `[0][value]`, `[0][value][]` or `[0][value][1]` into the
/// index of the filter, the field, and the index of the value.
fn brackets(rest: &str) -> Option<(usize, Part, usize)> {
    let inner = rest.strip_prefix('[')?.strip_suffix(']')?;
    let mut words = inner.split("][");
    let index = index(words.next()?)?;
    let part = part(words.next()?)?;
    let place = match (part, words.next()) {
        (_, None) | (Part::Value, Some("")) => 0,
        (Part::Value, Some(word)) => self::index(word)?,
        _ => return None,
    };
    words.next().is_none().then_some((index, part, place))
}

fn index(word: &str) -> Option<usize> {
    let digits = word.bytes().all(|byte| byte.is_ascii_digit()) && word.len() <= INDEX_DIGITS;
    if digits { word.parse().ok() } else { None }
}

/// Filter after filter: each key opens one, and operator and values join it.
fn in_groups(pairs: &[(Part, &str)]) -> Result<Vec<Filter>, ApiError> {
    let mut drafts = Vec::<Draft>::new();
    for (part, text) in pairs {
        if *part == Part::Key {
            drafts.push(Draft::default());
        }
        match drafts.last_mut() {
            Some(draft) => draft.take(*part, 0, text)?,
            None => return refuse("a filter begins with filters.key"),
        }
    }
    drafts.into_iter().map(Draft::finish).collect()
}

/// All keys, all operators, all values.
fn in_columns(pairs: &[(Part, &str)]) -> Result<Vec<Filter>, ApiError> {
    let column = |wanted: Part| -> Vec<&str> {
        pairs.iter().filter(|(part, _)| *part == wanted).map(|(_, text)| *text).collect()
    };
    let (keys, operators) = (column(Part::Key), column(Part::Operator));
    if keys.len() != operators.len() {
        return refuse(format!(
            "there are {} filters.key and {} filters.operator: {JSON_FORM}",
            keys.len(),
            operators.len()
        ));
    }
    let values = column(Part::Value);
    let Some(groups) = columns::share_out(&keys, &values) else {
        return refuse(format!("it is not clear which filters.value belongs where: {JSON_FORM}"));
    };
    let filters = keys.iter().zip(operators).zip(groups).map(|((key, operator), values)| Filter {
        key: (*key).to_owned(),
        operator: operator.to_owned(),
        values: values.iter().map(|text| Value::from(*text)).collect(),
    });
    Ok(filters.collect())
}

const JSON_FORM: &str =
    "write filters=[{\"key\":…,\"operator\":…,\"value\":[…]}] instead, URL-encoded";

impl Draft {
    fn take(&mut self, part: Part, place: usize, text: &str) -> Result<(), ApiError> {
        let slot = match part {
            Part::Key => &mut self.key,
            Part::Operator => &mut self.operator,
            Part::Value => {
                self.values.push((place, text.to_owned()));
                return Ok(());
            }
        };
        match slot.replace(text.to_owned()) {
            None => Ok(()),
            Some(_) => refuse("a filter has two keys or two operators"),
        }
    }

    fn finish(mut self) -> Result<Filter, ApiError> {
        let (Some(key), Some(operator)) = (self.key, self.operator) else {
            return refuse("each filter needs a key, an operator and a value");
        };
        // Stable: values without an index keep their order.
        self.values.sort_by_key(|(place, _)| *place);
        let values = self.values.into_iter().map(|(_, text)| Value::from(text)).collect();
        Ok(Filter { key, operator, values })
    }
}
