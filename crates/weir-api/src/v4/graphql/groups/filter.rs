//! The `filter` of a dataset: dimensions with suffixes, AND and OR. Time becomes a span, for that is
//! what stores are asked by; the rest becomes the store's own form of filter.

mod read;

use serde_json::Value;
use weir_core::analytics::{AnalyticsFilter, Dimension as Key, DimensionValue};

use self::read::Reader;
use super::cell::{Cell, Dimension, Size, Source};
use super::dataset::{Base, Dataset};
use super::time::Span;
use crate::v4::graphql::fault::Fault;

pub(crate) use self::read::suffixes;

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

impl Filter {
    /// Reads the argument. A condition that is null is as good as left out.
    pub(super) fn read(dataset: &Dataset, given: Option<&Value>) -> Result<Self, Fault> {
        let mut reader = Reader::new(dataset);
        let clause = match given {
            None | Some(Value::Null) => Clause::All(Vec::new()),
            Some(given) => reader.clause(given)?,
        };
        Ok(Self { span: reader.span(), clause })
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
