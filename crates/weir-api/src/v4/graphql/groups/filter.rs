//! The `filter` of a dataset: dimensions with suffixes, AND and OR. Time becomes a span, for that is
//! what stores are asked by; the rest becomes the store's own form of filter.

use serde_json::Value;
use weir_core::analytics::{AnalyticsFilter, Dimension as Key, DimensionValue};

use super::cell::{Cell, Dimension, Kind, Size, Source};
use super::dataset::{Base, Dataset};
use super::time::{self, Comparison, Span};
use crate::v4::graphql::fault::Fault;

/// AND and OR within each other.
const MOST_DEPTH: usize = 10;
/// Conditions and their values.
const MOST_TESTS: usize = 500;
/// Values that intervals are written out to. Stores bind each to a place of its own.
const MOST_LISTED: usize = 5_000;

/// Which calls count.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) span: Span,
    clause: Clause,
}

#[derive(Debug)]
enum Clause {
    All(Vec<Self>),
    Any(Vec<Self>),
    Is { dimension: &'static Dimension, values: Vec<Cell>, not: bool },
    Contains { dimension: &'static Dimension, text: String },
    Has { dimension: &'static Dimension, text: String },
}

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

impl Filter {
    /// Reads the argument. A condition that is null is as good as left out.
    pub(super) fn read(dataset: &Dataset, given: Option<&Value>) -> Result<Self, Fault> {
        let mut reader = Reader { dataset, span: Span::default(), tests: 0, listed: 0 };
        let clause = match given {
            None | Some(Value::Null) => Clause::All(Vec::new()),
            Some(given) => reader.clause(given, 0, true)?,
        };
        Ok(Self { span: reader.span, clause })
    }

    /// The store's form of it, narrowed to what the dataset is about. `None` when nothing can pass.
    pub(super) fn lowered(&self, base: Base) -> Option<AnalyticsFilter> {
        if self.span.is_empty() {
            return None;
        }
        let only = |dimension| AnalyticsFilter::Is {
            dimension,
            values: vec![DimensionValue::Number(1)],
            not: false,
        };
        let base = match base {
            Base::Calls | Base::Sizes => Vec::new(),
            Base::Errors => vec![only(Key::Error)],
            Base::Hits => vec![only(Key::Cached)],
        };
        all(base.into_iter().map(Some).chain([self.clause.lowered()]))
    }

    /// Whether a gateway passes; its moment is the matter of the span.
    pub(super) fn holds(&self, size: &Size<'_>) -> bool {
        self.clause.holds(size)
    }
}

/// The conjunction: `None` is never, and an empty one is always.
fn all(clauses: impl Iterator<Item = Option<AnalyticsFilter>>) -> Option<AnalyticsFilter> {
    let mut kept: Vec<AnalyticsFilter> = clauses.collect::<Option<_>>()?;
    kept.retain(|clause| !is_always(clause));
    if kept.len() == 1 { kept.pop() } else { Some(AnalyticsFilter::All(kept)) }
}

/// The disjunction.
fn any(clauses: impl Iterator<Item = Option<AnalyticsFilter>>) -> Option<AnalyticsFilter> {
    let mut kept: Vec<AnalyticsFilter> = clauses.flatten().collect();
    if kept.iter().any(is_always) {
        return Some(AnalyticsFilter::All(Vec::new()));
    }
    if kept.len() > 1 { Some(AnalyticsFilter::Any(kept)) } else { kept.pop() }
}

fn is_always(clause: &AnalyticsFilter) -> bool {
    matches!(clause, AnalyticsFilter::All(inner) if inner.is_empty())
}

impl Clause {
    fn lowered(&self) -> Option<AnalyticsFilter> {
        let always = || Some(AnalyticsFilter::All(Vec::new()));
        match self {
            Self::All(inner) => all(inner.iter().map(Self::lowered)),
            Self::Any(inner) => any(inner.iter().map(Self::lowered)),
            Self::Is { dimension, values, not } => match dimension.source {
                Source::Always(text) => {
                    let among = values.contains(&Cell::Text(text.into()));
                    if among == *not { None } else { always() }
                }
                Source::Key(_) if values.is_empty() => {
                    if *not {
                        always()
                    } else {
                        None
                    }
                }
                Source::Key(key) => {
                    let values = values.iter().filter_map(as_stored).collect();
                    Some(AnalyticsFilter::Is { dimension: key, values, not: *not })
                }
                // The reader lets no other source come here.
                _ => None,
            },
            Self::Contains { dimension, text } => match dimension.source {
                _ if text.is_empty() => always(),
                Source::Always(word) => {
                    if word.contains(text.as_str()) {
                        always()
                    } else {
                        None
                    }
                }
                Source::Key(key) => {
                    Some(AnalyticsFilter::Contains { dimension: key, text: text.clone() })
                }
                _ => None,
            },
            Self::Has { dimension, text } => metadata(dimension, text),
        }
    }

    fn holds(&self, size: &Size<'_>) -> bool {
        match self {
            Self::All(inner) => inner.iter().all(|clause| clause.holds(size)),
            Self::Any(inner) => inner.iter().any(|clause| clause.holds(size)),
            Self::Is { dimension, values, not } => {
                values.contains(&dimension.of_size(size)) != *not
            }
            Self::Contains { dimension, text } => {
                matches!(dimension.of_size(size), Cell::Text(found) if found.contains(text.as_str()))
            }
            Self::Has { .. } => false,
        }
    }
}

fn as_stored(cell: &Cell) -> Option<DimensionValue> {
    match cell {
        Cell::Number(number) => Some(DimensionValue::Number(*number)),
        Cell::Text(text) => Some(DimensionValue::Text(text.clone())),
        _ => None,
    }
}

/// Metadata with that name, or that value. It is kept as JSON without spaces, in which a quote
/// inside of a text is escaped: so `"name":` can be nothing but a name, and `:"text"` nothing but a
/// value. A number or a flag is told by what stands around it, which a text with a quote, the number
/// and a comma inside would imitate.
fn metadata(dimension: &Dimension, text: &str) -> Option<AnalyticsFilter> {
    let quoted = Value::from(text).to_string();
    let part = |text: String| Some(AnalyticsFilter::Contains { dimension: Key::Metadata, text });
    if dimension.source == Source::MetadataKeys {
        return part(format!("{quoted}:"));
    }
    let mut forms = vec![part(format!(":{quoted}"))];
    let bare = serde_json::from_str::<Value>(text);
    if bare.is_ok_and(|value| value.is_number() || value.is_boolean()) {
        forms.extend([part(format!("\":{text},")), part(format!("\":{text}}}"))]);
    }
    any(forms.into_iter())
}

struct Reader<'a> {
    dataset: &'a Dataset,
    span: Span,
    tests: usize,
    listed: usize,
}

impl Reader<'_> {
    /// `conjunct`: whether it holds for every call that counts, so that it may narrow the span.
    fn clause(&mut self, given: &Value, depth: usize, conjunct: bool) -> Result<Clause, Fault> {
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
                        clauses.push(self.clause(inner, depth + 1, conjunct)?);
                    }
                }
                "OR" => {
                    let given = listed(name, value)?;
                    let alone = conjunct && given.len() == 1;
                    let inner = given.iter().map(|inner| self.clause(inner, depth + 1, alone));
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
            let meant = weir_core::text::nearest(name, names.iter().map(String::as_str));
            let hint = meant.map(|meant| format!(": '{meant}' is known")).unwrap_or_default();
            Fault::validation(format!("there is no filter '{name}'{hint}"))
        })
    }

    fn narrow(&mut self, dimension: &Dimension, comparison: Comparison, at: weir_core::Timestamp) {
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
