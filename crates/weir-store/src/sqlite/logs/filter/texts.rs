//! Conditions on texts, and on ids as texts.

use weir_core::LogId;
use weir_core::log_filter::{Condition, FilterValue, Operator};

use super::super::segment::View;
use super::super::values::{Number, Text, from_id, to_id};
use crate::sqlite::fault::Fault;

/// Whether a text, or the lack of one, meets a condition.
pub(super) fn text_holds(condition: &Condition, found: Option<&str>) -> bool {
    let any = |operator| {
        condition.values.iter().any(|wanted| match wanted {
            FilterValue::Null => operator == Operator::Eq && found.is_none(),
            FilterValue::Text(wanted) => {
                found.is_some_and(|found| compares(operator, found, wanted))
            }
            _ => false,
        })
    };
    match condition.operator {
        Operator::Neq => !any(Operator::Eq),
        operator => any(operator),
    }
}

/// Whether a text compares with another as the operator says.
pub(super) fn compares(operator: Operator, found: &str, wanted: &str) -> bool {
    match operator {
        Operator::Eq => found == wanted,
        Operator::Contains => found.contains(wanted),
        Operator::Lt => found < wanted,
        Operator::Gt => found > wanted,
        Operator::Lte => found <= wanted,
        Operator::Gte => found >= wanted,
        Operator::Neq => false,
    }
}

/// A condition on an id of the row: its own, that of its request, or the event's.
pub(super) struct IdTest {
    /// A text that stands before the id.
    text: Option<Text>,
    number: Number,
    condition: Condition,
    /// The ids among the values; ids are compared for equality as numbers.
    ids: Vec<i128>,
}

impl IdTest {
    pub(super) fn new(text: Option<Text>, number: Number, condition: Condition) -> Self {
        let ids = condition.values.iter().filter_map(|value| match value {
            FilterValue::Text(text) => {
                let id = text.parse::<LogId>().ok()?;
                // Other spellings of an id are other texts.
                (id.text() == *text.as_bytes()).then(|| from_id(id))
            }
            _ => None,
        });
        Self { text, number, ids: ids.collect(), condition }
    }

    pub(super) fn apply(&self, view: &View<'_>, mask: &mut [bool]) -> Result<(), Fault> {
        let texts = self.text.map(|text| view.texts(text)).transpose()?;
        let passes: Vec<bool> = texts
            .iter()
            .flat_map(|texts| texts.dictionary.iter())
            .map(|text| text_holds(&self.condition, Some(text)))
            .collect();
        // The request's own id is left out where it is that of the row.
        let numbers = view.numbers(self.number)?;
        let own = if numbers.has_nulls() { Some(view.numbers(Number::Id)?.values()) } else { None };
        let numbers = numbers.values();
        for (row, keep) in mask.iter_mut().enumerate().filter(|(_, keep)| **keep) {
            let text = texts.as_ref().and_then(|texts| texts.codes.get(row));
            *keep = match text {
                Some(text) => passes.get(text).copied().unwrap_or(false),
                None => {
                    let own = || own.as_ref().and_then(|own| own[row]);
                    numbers[row].or_else(own).is_some_and(|id| self.holds(id))
                }
            };
        }
        Ok(())
    }

    fn holds(&self, id: i128) -> bool {
        match self.condition.operator {
            Operator::Eq => self.ids.contains(&id),
            Operator::Neq => !self.ids.contains(&id),
            _ => {
                let text = to_id(id).text();
                str::from_utf8(&text).is_ok_and(|text| text_holds(&self.condition, Some(text)))
            }
        }
    }
}
