//! The datasets of an account: groups of calls, counted and summed (spec: observability 4.1).

mod answer;
mod cell;
mod dataset;
mod filter;
mod order;
mod time;

use serde_json::{Map, Value};
use weir_core::Timestamp;
use weir_core::analytics::AnalyticsQuery;

use self::answer::{Groups, Row};
pub(super) use self::cell::{DIMENSIONS, Dimension, Kind};
use self::dataset::Base;
pub(super) use self::dataset::{AVERAGES, DATASETS, Dataset, Named, SUMS};
use self::filter::Filter;
pub(super) use self::filter::suffixes;
use self::order::Order;
pub(super) use self::order::keys as order_keys;
use super::fault::Fault;
use super::plan::Plan;
use crate::Api;
use crate::caller::Caller;

/// Groups of an answer when the query does not say.
const LIMIT: u64 = 100;
/// Groups of an answer at most.
pub(super) const MOST: u64 = 10_000;

/// What is left of the room of an answer, for all its datasets.
#[derive(Debug)]
pub(super) struct Room {
    /// Figures and texts.
    values: usize,
    /// Bytes of texts.
    bytes: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { values: 500_000, bytes: 32 * 1024 * 1024 }
    }
}

impl Room {
    /// Takes what these rows need, or says that it is not there.
    fn take(&mut self, rows: &[Row<'_>], fields: &[Plan]) -> Result<(), Fault> {
        let width = fields.iter().map(|field| field.fields.len().max(1)).sum::<usize>();
        let values = rows.len().saturating_mul(width);
        let bytes = rows.iter().map(|row| row.bytes(fields)).sum::<usize>();
        match (self.values.checked_sub(values), self.bytes.checked_sub(bytes)) {
            (Some(values), Some(bytes)) => {
                *self = Self { values, bytes };
                Ok(())
            }
            _ => Err(Fault::limit("the answer becomes too large: ask for fewer fields or groups")),
        }
    }
}

/// Answers a field that asks for a dataset.
pub(super) async fn answer(
    api: &Api,
    caller: &Caller,
    dataset: &'static Dataset,
    field: &Plan,
    room: &mut Room,
) -> Result<Value, Fault> {
    let limit = limit(&field.arguments)?;
    let filter = Filter::read(dataset, field.arguments.get("filter"))?;
    let orders = Order::read(dataset, field.arguments.get("orderBy"))?;
    let dimensions = chosen(field);
    for order in &orders {
        order.check(&dimensions)?;
    }
    let mut groups = Groups::new(dataset, dimensions);
    match dataset.base {
        Base::Sizes => sizes(api, caller, &filter, &mut groups).await?,
        Base::Calls | Base::Errors | Base::Hits => {
            let question = AnalyticsQuery {
                account: caller.account().clone(),
                from: filter.span.from,
                to: filter.span.to,
                bucket: groups.bucket(),
                group_by: groups.group_by(),
                filter: match filter.lowered(dataset.base) {
                    Some(filter) => filter,
                    None => return Ok(Value::Array(Vec::new())),
                },
                most_groups: AnalyticsQuery::MOST_GROUPS,
            };
            let rows = api.logs.analyse(&question).await.map_err(|error| Fault::store(&error))?;
            rows.iter().for_each(|row| groups.add(row));
        }
    }
    let rows = groups.sorted(&orders, usize::try_from(limit).unwrap_or(usize::MAX));
    room.take(&rows, &field.fields)?;
    let shown = rows.iter().map(|row| row.show(&field.fields));
    Ok(Value::Array(shown.collect()))
}

fn limit(arguments: &Map<String, Value>) -> Result<u64, Fault> {
    match arguments.get("limit") {
        None | Some(Value::Null) => Ok(LIMIT),
        Some(value) => value
            .as_u64()
            .filter(|limit| (1..=MOST).contains(limit))
            .ok_or_else(|| Fault::validation(format!("limit must be from 1 to {MOST}"))),
    }
}

/// The dimensions that the query shows.
fn chosen(field: &Plan) -> Vec<&'static Dimension> {
    let mut found: Vec<&'static Dimension> = Vec::new();
    for block in field.fields.iter().filter(|block| block.name == "dimensions") {
        for asked in &block.fields {
            let dimension = DIMENSIONS.iter().find(|dimension| dimension.name == asked.name);
            found.extend(dimension.filter(|one| !found.iter().any(|seen| seen.name == one.name)));
        }
    }
    found
}

/// Rows that each gateway keeps at this moment.
async fn sizes(
    api: &Api,
    caller: &Caller,
    filter: &Filter,
    groups: &mut Groups,
) -> Result<(), Fault> {
    let now = Timestamp::now();
    if !filter.span.holds(now) {
        return Ok(());
    }
    let account = caller.account();
    let sizes = api.logs.sizes(account).await.map_err(|error| Fault::store(&error))?;
    for (id, rows) in sizes {
        let gateway = caller.snapshot.gateway(account.as_str(), id.as_str());
        let cap = gateway.map(|gateway| gateway.settings.log_management);
        let size = cell::Size { gateway: &id, log_management: cap.flatten(), at: now };
        if filter.holds(&size) {
            groups.add_size(&size, rows);
        }
    }
    Ok(())
}
