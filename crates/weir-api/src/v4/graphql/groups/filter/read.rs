//! Reading a filter: names of dimensions with their suffixes, and values of their kind.

use serde_json::Value;
use weir_core::{Timestamp, text};

use super::Clause;
use crate::v4::graphql::fault::Fault;
use crate::v4::graphql::groups::cell::{Cell, Dimension, Kind, Source};
use crate::v4::graphql::groups::dataset::Dataset;
use crate::v4::graphql::groups::time::{self, Comparison, Span};

/// AND and OR within each other.
const MOST_DEPTH: usize = 10;
/// Conditions and their values.
const MOST_TESTS: usize = 500;
/// Values that intervals are written out to. Stores bind each to a place of its own.
const MOST_LISTED: usize = 5_000;

/// Suffixes of a kind of dimension; the empty one asks for equality.
pub(crate) const fn suffixes(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Text => &["", "_neq", "_in", "_notin", "_like"],
        // Intervals are written out as lists, which only few values allow.
        Kind::Number(1_000..) => &["", "_neq", "_in", "_notin"],
        Kind::Number(_) => &["", "_neq", "_in", "_notin", "_gt", "_lt", "_geq", "_leq"],
        Kind::Time | Kind::Date => &["", "_gt", "_lt", "_geq", "_leq"],
        Kind::Texts => &["_has"],
    }
}

/// Reads one filter.
pub(super) struct Reader<'a> {
    dataset: &'a Dataset,
    span: Span,
    tests: usize,
    listed: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(dataset: &'a Dataset) -> Self {
        Self { dataset, span: Span::default(), tests: 0, listed: 0 }
    }

    /// The time that what was read leaves.
    pub(super) const fn span(&self) -> Span {
        self.span
    }

    /// All of a filter but its time.
    pub(super) fn clause(&mut self, given: &Value) -> Result<Clause, Fault> {
        self.nested(given, 0, true)
    }

    /// `conjunct`: whether it holds for every call that counts, so that it may narrow the span.
    fn nested(&mut self, given: &Value, depth: usize, conjunct: bool) -> Result<Clause, Fault> {
        if depth > MOST_DEPTH {
            return Err(Fault::limit(format!("a filter nests {MOST_DEPTH} AND and OR at most")));
        }
        let Some(fields) = given.as_object() else {
            return Err(Fault::validation("a filter is an object"));
        };
        let mut clauses = Vec::new();
        for (name, value) in fields {
            if value.is_null() {
                continue;
            }
            match name.as_str() {
                "AND" => {
                    for inner in listed(name, value)? {
                        clauses.push(self.nested(inner, depth + 1, conjunct)?);
                    }
                }
                "OR" => {
                    let given = listed(name, value)?;
                    let alone = conjunct && given.len() == 1;
                    let inner = given.iter().map(|inner| self.nested(inner, depth + 1, alone));
                    clauses.push(Clause::Any(inner.collect::<Result<_, _>>()?));
                }
                _ => clauses.extend(self.test(name, value, conjunct)?),
            }
        }
        Ok(Clause::All(clauses))
    }

    fn test(&mut self, name: &str, value: &Value, conjunct: bool) -> Result<Option<Clause>, Fault> {
        let (dimension, suffix) = self.named(name)?;
        let values: Vec<&Value> = match value {
            Value::Array(values) if ["_in", "_notin", "_has"].contains(&suffix) => {
                values.iter().collect()
            }
            single => vec![single],
        };
        self.tests += values.len().max(1);
        if self.tests > MOST_TESTS {
            return Err(Fault::limit(format!("a filter has {MOST_TESTS} conditions at most")));
        }
        let wrong = || Fault::validation(format!("{value} is no value of {name}"));
        match dimension.kind {
            Kind::Time | Kind::Date => {
                if !conjunct {
                    let message = format!("{name} cannot stand in OR: time is one span");
                    return Err(Fault::validation(message));
                }
                let at = value.as_str().and_then(time::parse).ok_or_else(wrong)?;
                self.narrow(dimension, comparison(suffix), at);
                Ok(None)
            }
            Kind::Texts => {
                let has = |value: &&Value| {
                    let text = value.as_str().map(str::to_owned).ok_or_else(wrong)?;
                    Ok(Clause::Has { dimension, text })
                };
                Ok(Some(Clause::All(values.iter().map(has).collect::<Result<_, Fault>>()?)))
            }
            Kind::Text if suffix == "_like" => {
                like(dimension, value.as_str().ok_or_else(wrong)?).map(Some)
            }
            Kind::Text => {
                let cell = |value: &&Value| Some(Cell::Text(value.as_str()?.into()));
                let values = values.iter().map(cell).collect::<Option<_>>().ok_or_else(wrong)?;
                let not = ["_neq", "_notin"].contains(&suffix);
                Ok(Some(Clause::Is { dimension, values, not }))
            }
            Kind::Number(most) => {
                let read = |value: &&Value| number(value, most);
                let numbers: Option<Vec<i64>> = values.iter().map(read).collect();
                let numbers = numbers.ok_or_else(wrong)?;
                let values = numeric(suffix, &numbers, most);
                self.listed += values.len();
                if self.listed > MOST_LISTED {
                    return Err(Fault::limit("the filter has too many intervals"));
                }
                let values = values.into_iter().map(Cell::Number).collect();
                let not = ["_neq", "_notin"].contains(&suffix);
                Ok(Some(Clause::Is { dimension, values, not }))
            }
        }
    }

    /// The dimension and the suffix of a condition.
    fn named<'n>(&self, name: &'n str) -> Result<(&'static Dimension, &'n str), Fault> {
        let mut found = self.dataset.dimensions().filter_map(|dimension| {
            let suffix = name.strip_prefix(dimension.name)?;
            suffixes(dimension.kind).contains(&suffix).then_some((dimension, suffix))
        });
        found.next().ok_or_else(|| {
            let names: Vec<String> = self
                .dataset
                .dimensions()
                .flat_map(|dimension| {
                    let each = suffixes(dimension.kind).iter();
                    each.map(move |suffix| format!("{}{suffix}", dimension.name))
                })
                .collect();
            let meant = text::nearest(name, names.iter().map(String::as_str));
            let hint = meant.map(|meant| format!(": '{meant}' is known")).unwrap_or_default();
            Fault::validation(format!("there is no filter '{name}'{hint}"))
        })
    }

    fn narrow(&mut self, dimension: &Dimension, comparison: Comparison, at: Timestamp) {
        let Source::Time(bucket) = dimension.source else { return };
        // A call's own moment is compared as it is; only whole minutes are told apart.
        let exact = dimension.name == "datetime" && comparison != Comparison::Eq;
        self.span.narrow(comparison, at, if exact { 1 } else { time::length(bucket) });
    }
}

fn listed<'v>(name: &str, value: &'v Value) -> Result<&'v [Value], Fault> {
    match value {
        Value::Array(inner) => Ok(inner),
        Value::Object(_) => Ok(std::slice::from_ref(value)),
        _ => Err(Fault::validation(format!("{name} takes a list of filters"))),
    }
}

fn comparison(suffix: &str) -> Comparison {
    match suffix {
        "_gt" => Comparison::Gt,
        "_lt" => Comparison::Lt,
        "_geq" => Comparison::Geq,
        "_leq" => Comparison::Leq,
        _ => Comparison::Eq,
    }
}

/// A number, or a flag for 0 and 1.
fn number(value: &Value, most: i64) -> Option<i64> {
    let number = match value {
        Value::Bool(flag) if most == 1 => i64::from(*flag),
        other => other.as_i64()?,
    };
    (0..=most).contains(&number).then_some(number)
}

/// The numbers that a condition names; statuses and flags are few, so an interval of them is a list.
fn numeric(suffix: &str, numbers: &[i64], most: i64) -> Vec<i64> {
    let bound = numbers.first().copied().unwrap_or_default();
    let (from, to) = match suffix {
        "_gt" => (bound + 1, most),
        "_geq" => (bound, most),
        "_lt" => (0, bound - 1),
        "_leq" => (0, bound),
        _ => return numbers.to_vec(),
    };
    (from..=to).collect()
}

/// `%text%`, or a text without wildcards.
fn like(dimension: &'static Dimension, pattern: &str) -> Result<Clause, Fault> {
    if !pattern.contains('%') {
        let values = vec![Cell::Text(pattern.into())];
        return Ok(Clause::Is { dimension, values, not: false });
    }
    let inner = pattern.strip_prefix('%').and_then(|rest| rest.strip_suffix('%'));
    match inner.filter(|inner| !inner.contains('%')) {
        Some(inner) => Ok(Clause::Contains { dimension, text: inner.to_owned() }),
        None if pattern == "%" => Ok(Clause::Contains { dimension, text: String::new() }),
        None => Err(Fault::validation(format!("'{pattern}' is no pattern: write '%text%'"))),
    }
}
