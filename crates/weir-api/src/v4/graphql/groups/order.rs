//! What groups are sorted by: `<dimension>_ASC`, `count_DESC`, `sum_cost_DESC` and the like.

use std::cmp::Ordering;

use serde_json::Value;
use weir_core::text;

use super::answer::Row;
use super::cell::Dimension;
use super::dataset::{AVERAGES, Dataset, SUMS};
use crate::v4::graphql::fault::Fault;

/// One key to sort by.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Order {
    /// A block of figures with the name of one, or `dimensions` with the name of one.
    block: &'static str,
    name: &'static str,
    ascending: bool,
}

/// Every key that a dataset can be sorted by, as `orderBy` writes it without its direction.
pub(crate) fn keys(dataset: &Dataset) -> Vec<(String, &'static str, &'static str)> {
    let mut keys = Vec::new();
    for dimension in dataset.dimensions() {
        keys.push((dimension.name.to_owned(), "dimensions", dimension.name));
    }
    if dataset.is_counted() {
        keys.push(("count".to_owned(), "count", ""));
    } else {
        keys.push(("max_rows".to_owned(), "max", "rows"));
    }
    if dataset.is_summed() {
        for (block, figures) in [("sum", SUMS), ("avg", AVERAGES)] {
            keys.extend(figures.iter().map(|(name, ..)| (format!("{block}_{name}"), block, *name)));
        }
    }
    keys
}

impl Order {
    /// Reads `orderBy`: one word or a list of them.
    pub(super) fn read(dataset: &Dataset, given: Option<&Value>) -> Result<Vec<Self>, Fault> {
        let words = match given {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Array(words)) => words.as_slice(),
            Some(word) => std::slice::from_ref(word),
        };
        let keys = keys(dataset);
        let one = |word: &Value| {
            let word = word.as_str().unwrap_or_default();
            let (key, ascending) = match (word.strip_suffix("_ASC"), word.strip_suffix("_DESC")) {
                (Some(key), _) => (key, true),
                (_, Some(key)) => (key, false),
                _ => return Err(Fault::validation("orderBy takes words ending in _ASC or _DESC")),
            };
            match keys.iter().find(|(known, ..)| known == key) {
                Some((_, block, name)) => Ok(Self { block, name, ascending }),
                None => {
                    let meant = text::nearest(key, keys.iter().map(|(known, ..)| known.as_str()));
                    let hint = meant.map(|meant| format!(": '{meant}' is known"));
                    let hint = hint.unwrap_or_default();
                    Err(Fault::validation(format!("groups are not sorted by '{key}'{hint}")))
                }
            }
        };
        words.iter().map(one).collect()
    }

    /// Groups can be sorted by what they are told apart by, and by figures.
    pub(super) fn check(&self, shown: &[&'static Dimension]) -> Result<(), Fault> {
        let name = self.name;
        if self.block == "dimensions" && !shown.iter().any(|dimension| dimension.name == name) {
            return Err(Fault::validation(format!(
                "orderBy {name} needs {name} among the dimensions that are asked for"
            )));
        }
        Ok(())
    }

    pub(super) fn compare(&self, one: &Row<'_>, other: &Row<'_>) -> Ordering {
        let ordering = if self.block == "dimensions" {
            one.cell(self.name).cmp(&other.cell(self.name))
        } else {
            let number = |row: &Row<'_>| {
                let figure = row.figure(self.block, self.name);
                figure.map_or(0.0, super::dataset::Figure::number)
            };
            number(one).total_cmp(&number(other))
        };
        if self.ascending { ordering } else { ordering.reverse() }
    }
}
