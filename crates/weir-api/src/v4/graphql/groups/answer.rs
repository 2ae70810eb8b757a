//! Groups as they come together, are sorted and shown.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::{Map, Value};
use weir_core::analytics::{AnalyticsRow, Bucket, Dimension as Key};

use super::cell::{Cell, Dimension, Size, Source};
use super::dataset::{AVERAGES, Base, Dataset, Figure, SUMS, Totals};
use super::order::Order;
use crate::v4::graphql::plan::Plan;

/// Groups by their values, in the order of `dimensions`.
pub(super) struct Groups {
    dataset: &'static Dataset,
    dimensions: Vec<&'static Dimension>,
    keys: Vec<Key>,
    groups: BTreeMap<Vec<Cell>, Totals>,
}

/// One group of an answer.
pub(super) struct Row<'a> {
    dataset: &'static Dataset,
    dimensions: &'a [&'static Dimension],
    cells: &'a [Cell],
    totals: &'a Totals,
}

impl Groups {
    pub(super) fn new(dataset: &'static Dataset, dimensions: Vec<&'static Dimension>) -> Self {
        let mut keys: Vec<Key> = dimensions.iter().filter_map(|one| one.key()).collect();
        keys.sort_unstable();
        keys.dedup();
        Self { dataset, dimensions, keys, groups: BTreeMap::new() }
    }

    /// The shortest piece of time that is asked for; the longer ones are made of it.
    pub(super) fn bucket(&self) -> Option<Bucket> {
        let times = self.dimensions.iter().filter_map(|dimension| match dimension.source {
            Source::Time(bucket) => Some(bucket),
            _ => None,
        });
        times.min()
    }

    /// What the store must keep apart.
    pub(super) fn group_by(&self) -> Vec<Key> {
        self.keys.clone()
    }

    /// Adds what the store found to its group.
    pub(super) fn add(&mut self, row: &AnalyticsRow) {
        let cells = self.dimensions.iter().map(|dimension| dimension.of_row(row, &self.keys));
        let totals = self.groups.entry(cells.collect()).or_default();
        totals.all.add(&row.sums);
        totals.cached.add(&row.cached);
        totals.errors = totals.errors.saturating_add(row.errors);
    }

    /// Adds the rows of a gateway: of several in one group, the most counts.
    pub(super) fn add_size(&mut self, size: &Size<'_>, rows: u64) {
        let cells = self.dimensions.iter().map(|dimension| dimension.of_size(size));
        let totals = self.groups.entry(cells.collect()).or_default();
        totals.rows = totals.rows.max(rows);
    }

    /// The first groups in that order; those that agree in it are sorted by their values.
    pub(super) fn sorted(&self, orders: &[Order], limit: usize) -> Vec<Row<'_>> {
        let groups = self.groups.iter().map(|(cells, totals)| Row {
            dataset: self.dataset,
            dimensions: &self.dimensions,
            cells,
            totals,
        });
        let mut rows: Vec<Row<'_>> = groups.collect();
        rows.sort_by(|one, other| {
            let compared = orders.iter().map(|order| order.compare(one, other));
            compared.fold(Ordering::Equal, Ordering::then)
        });
        rows.truncate(limit);
        rows
    }
}

impl Row<'_> {
    /// Its value in a dimension.
    pub(super) fn cell(&self, name: &str) -> Option<&Cell> {
        let place = self.dimensions.iter().position(|dimension| dimension.name == name)?;
        self.cells.get(place)
    }

    /// A figure of it, by the block and the name in it; `count` has no name.
    pub(super) fn figure(&self, block: &str, name: &str) -> Option<Figure> {
        let named = match block {
            "count" if self.dataset.base == Base::Errors => {
                return Some(Figure::Count(self.totals.errors));
            }
            "count" => return Some(Figure::Count(self.totals.all.requests)),
            "max" if name == "rows" => return Some(Figure::Count(self.totals.rows)),
            "sum" => SUMS,
            "avg" => AVERAGES,
            _ => return None,
        };
        let found = named.iter().find(|(known, ..)| *known == name);
        found.map(|(_, _, figure)| figure(self.totals))
    }

    /// Bytes of the texts that [`Self::show`] would copy.
    pub(super) fn bytes(&self, fields: &[Plan]) -> usize {
        let blocks = fields.iter().filter(|block| block.name == "dimensions");
        let asked = blocks.flat_map(|block| &block.fields);
        asked.filter_map(|field| self.cell(&field.name)).map(Cell::bytes).sum()
    }

    /// The JSON of what is asked of it.
    pub(super) fn show(&self, fields: &[Plan]) -> Value {
        let mut shown = Map::new();
        for field in fields {
            let value = match field.name.as_str() {
                "__typename" => field.owner.into(),
                "count" => self.show_figure("count", ""),
                block => Value::Object(self.show_block(block, &field.fields)),
            };
            shown.insert(field.key.clone(), value);
        }
        Value::Object(shown)
    }

    fn show_block(&self, block: &str, fields: &[Plan]) -> Map<String, Value> {
        let value = |field: &Plan| match (block, field.name.as_str()) {
            (_, "__typename") => field.owner.into(),
            ("dimensions", name) => self.cell(name).map_or(Value::Null, Cell::show),
            (block, name) => self.show_figure(block, name),
        };
        fields.iter().map(|field| (field.key.clone(), value(field))).collect()
    }

    fn show_figure(&self, block: &str, name: &str) -> Value {
        self.figure(block, name).map_or(Value::Null, Figure::show)
    }
}
