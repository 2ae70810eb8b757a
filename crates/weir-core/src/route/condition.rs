//! Conditions of routes, in the manner of MongoDB queries (spec: data-plane 8.3).

mod evaluate;

use regex::{Regex, RegexBuilder};
use serde_json::{Map, Value};

use super::field::FieldPath;
use crate::fault::Faults;
use crate::text;

/// Logic inside logic.
const MAX_DEPTH: usize = 16;
/// Bytes of a compiled pattern.
const MAX_PATTERN: usize = 64 * 1024;

/// Asks something of a call.
#[derive(Clone, Debug)]
pub enum Condition {
    /// All of these hold; an empty list holds.
    All(Vec<Self>),
    /// One of these holds.
    Any(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),
    /// A fact of the call passes a test.
    Test(FieldPath, Test),
}

/// What a fact is held against. Types must agree, but a numeric text of the metadata equals the
/// number; a fact that is missing passes [`Test::Ne`], [`Test::Nin`] and `Exists(false)` alone.
#[derive(Clone, Debug)]
pub enum Test {
    /// `$eq`, or a value by itself.
    Eq(Value),
    /// `$ne`.
    Ne(Value),
    /// `$gt`, a number or a text.
    Gt(Value),
    /// `$gte`.
    Gte(Value),
    /// `$lt`.
    Lt(Value),
    /// `$lte`.
    Lte(Value),
    /// `$in`.
    In(Vec<Value>),
    /// `$nin`.
    Nin(Vec<Value>),
    /// `$exists`.
    Exists(bool),
    /// `$regex`: somewhere in the text, in time linear to it.
    Regex(Regex),
    /// `$contains`: part of a text, or element of a list.
    Contains(Value),
}

/// Operators on a fact.
const OPERATORS: [&str; 12] = [
    "$eq",
    "$ne",
    "$gt",
    "$gte",
    "$lt",
    "$lte",
    "$in",
    "$nin",
    "$exists",
    "$regex",
    "$contains",
    "$not",
];
/// Operators on conditions.
const LOGIC: [&str; 4] = ["$and", "$or", "$nor", "$not"];

impl Condition {
    /// Reads a condition and says everything that is wrong with it.
    pub(super) fn read(value: &Value, faults: &mut Faults) -> Option<Self> {
        query(value, 0, faults)
    }
}

fn deep(depth: usize, faults: &mut Faults) -> bool {
    let deep = depth > MAX_DEPTH;
    if deep {
        faults.refuse(format_args!("is nested more than {MAX_DEPTH} levels deep"));
    }
    deep
}

/// Several keys of an object must all hold.
fn query(value: &Value, depth: usize, faults: &mut Faults) -> Option<Condition> {
    if deep(depth, faults) {
        return None;
    }
    let Some(fields) = value.as_object() else {
        faults.refuse("must be an object such as {\"metadata.plan\": {\"$eq\": \"free\"}}");
        return None;
    };
    let read = fields.iter().map(|(name, value)| {
        faults.within(name, |faults| match name.strip_prefix('$') {
            Some(_) => logic(name, value, depth, faults),
            None => fact(name, value, depth, faults),
        })
    });
    one_of_all(read)
}

/// Reads everything, so that every fault is found, then joins it.
fn one_of_all(read: impl Iterator<Item = Option<Condition>>) -> Option<Condition> {
    let read: Vec<Option<Condition>> = read.collect();
    let mut conditions: Vec<Condition> = read.into_iter().collect::<Option<_>>()?;
    if conditions.len() == 1 { conditions.pop() } else { Some(Condition::All(conditions)) }
}

fn logic(name: &str, value: &Value, depth: usize, faults: &mut Faults) -> Option<Condition> {
    if name == "$not" {
        return Some(Condition::Not(Box::new(query(value, depth + 1, faults)?)));
    }
    if !LOGIC.contains(&name) {
        unknown(name, &LOGIC, faults);
        return None;
    }
    let Some(list) = value.as_array().filter(|list| !list.is_empty()) else {
        faults.refuse("must be a list of conditions");
        return None;
    };
    let read: Vec<Option<Condition>> = list
        .iter()
        .enumerate()
        .map(|(place, value)| faults.within(place, |faults| query(value, depth + 1, faults)))
        .collect();
    let conditions = read.into_iter().collect::<Option<Vec<_>>>()?;
    Some(match name {
        "$and" => Condition::All(conditions),
        "$or" => Condition::Any(conditions),
        _ => Condition::Not(Box::new(Condition::Any(conditions))),
    })
}

fn fact(name: &str, value: &Value, depth: usize, faults: &mut Faults) -> Option<Condition> {
    let Some(path) = FieldPath::parse(name) else {
        faults.refuse("must be a path that begins with metadata., body. or headers.");
        return None;
    };
    match value {
        Value::Object(tests) => field(&path, tests, depth, faults),
        Value::Array(_) => {
            faults.refuse("must be a value, or an object of operators such as {\"$in\": [...]}");
            None
        }
        scalar => Some(Condition::Test(path, Test::Eq(scalar.clone()))),
    }
}

/// `{"$gt": 1, "$lt": 5}`: all of it holds.
fn field(
    path: &FieldPath,
    tests: &Map<String, Value>,
    depth: usize,
    faults: &mut Faults,
) -> Option<Condition> {
    if deep(depth, faults) {
        return None;
    }
    if tests.is_empty() {
        faults.refuse("must hold an operator such as $eq");
        return None;
    }
    let read = tests.iter().map(|(name, value)| {
        faults.within(name, |faults| match (name.as_str(), value) {
            ("$not", Value::Object(inner)) => {
                let inner = field(path, inner, depth + 1, faults)?;
                Some(Condition::Not(Box::new(inner)))
            }
            ("$not", _) => {
                faults.refuse("must be an object of operators");
                None
            }
            _ => Some(Condition::Test(path.clone(), test(name, value, faults)?)),
        })
    });
    one_of_all(read)
}

fn test(name: &str, value: &Value, faults: &mut Faults) -> Option<Test> {
    let ordered = value.is_number() || value.is_string();
    let list = || value.as_array().cloned();
    let (read, expected) = match name {
        "$eq" => (Some(Test::Eq(value.clone())), ""),
        "$ne" => (Some(Test::Ne(value.clone())), ""),
        "$gt" => (ordered.then(|| Test::Gt(value.clone())), "must be a number or a text"),
        "$gte" => (ordered.then(|| Test::Gte(value.clone())), "must be a number or a text"),
        "$lt" => (ordered.then(|| Test::Lt(value.clone())), "must be a number or a text"),
        "$lte" => (ordered.then(|| Test::Lte(value.clone())), "must be a number or a text"),
        "$in" => (list().map(Test::In), "must be a list"),
        "$nin" => (list().map(Test::Nin), "must be a list"),
        "$exists" => (value.as_bool().map(Test::Exists), "must be true or false"),
        "$contains" => {
            (ordered.then(|| Test::Contains(value.clone())), "must be a number or a text")
        }
        "$regex" => {
            let pattern = value.as_str().and_then(|text| {
                RegexBuilder::new(text).size_limit(MAX_PATTERN).nest_limit(32).build().ok()
            });
            (pattern.map(Test::Regex), "must be a regular expression, without look-around")
        }
        _ => {
            unknown(name, &OPERATORS, faults);
            return None;
        }
    };
    if read.is_none() {
        faults.refuse(expected);
    }
    read
}

fn unknown(name: &str, known: &[&'static str], faults: &mut Faults) {
    match text::nearest(name, known.iter().copied()) {
        Some(near) => faults.refuse(format_args!("is not an operator; did you mean {near}?")),
        None => faults.refuse(format_args!("is not an operator; known are {}", known.join(", "))),
    }
}

#[cfg(test)]
mod tests;
