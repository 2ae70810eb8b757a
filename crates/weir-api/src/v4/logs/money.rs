//! What the cost of a row is made of, and what it was before (spec: observability 5.2).

use serde::Serialize;
use weir_core::store::{FormerCost, StoredLog};
use weir_core::trail::PriceLine;
use weir_core::{Cost, Timestamp};

use crate::schema::{Field, Schema};

/// The money of one row, beside its cost and price.
#[derive(Serialize)]
pub(super) struct Money<'a> {
    cost_by: Option<&'a str>,
    cost_breakdown: &'a [PriceLine],
    computed_cost: Option<Cost>,
    cost_history: Vec<Former<'a>>,
}

#[derive(Serialize)]
struct Former<'a> {
    cost: Option<Cost>,
    price_id: Option<&'a str>,
    at: Timestamp,
}

impl<'a> Money<'a> {
    pub(super) fn of(log: &'a StoredLog) -> Self {
        let record = &log.record;
        let price = record.trail.as_ref().and_then(|trail| trail.price.as_ref());
        Self {
            cost_by: price.map(|price| &*price.by),
            cost_breakdown: price.map(|price| &*price.lines).unwrap_or_default(),
            computed_cost: record.computed_cost(),
            cost_history: log.cost_history.iter().map(Former::of).collect(),
        }
    }
}

impl<'a> Former<'a> {
    fn of(former: &'a FormerCost) -> Self {
        Self { cost: former.cost, price_id: former.price_id.as_deref(), at: former.at }
    }
}

const MAYBE_NUMBER: Schema = Schema::Nullable(&Schema::NUMBER);

/// Form of `cost_by`.
pub(super) const BY: Field = Field::required(
    "cost_by",
    Schema::Nullable(&Schema::TEXT),
    "By whose word: request, gateway, account, provider, list or none; null where it was not kept.",
);
/// Form of `cost_breakdown`.
pub(super) const BREAKDOWN: Field = Field::required(
    "cost_breakdown",
    Schema::list(&LINE),
    "Adds up to the cost, to the last digit.",
);
/// Form of `computed_cost`.
pub(super) const COMPUTED: Field = Field::required(
    "computed_cost",
    MAYBE_NUMBER,
    "What our own prices make of it, whoever's figure counts; null where that is not known.",
);
/// Form of `cost_history`.
pub(super) const HISTORY: Field =
    Field::required("cost_history", Schema::list(&FORMER), "Costs before it was priced anew.");
const LINE: Schema = Schema::Object(&[
    Field::required("unit", Schema::TEXT, "input, output, cache_read, ..."),
    Field::required("quantity", Schema::COUNT, ""),
    Field::required("cost", Schema::TEXT, "US dollars in all, as decimal text."),
]);
const FORMER: Schema = Schema::Object(&[
    Field::required("cost", MAYBE_NUMBER, ""),
    Field::required("price_id", Schema::Nullable(&Schema::TEXT), ""),
    Field::required("at", Schema::TIME, "When another took its place."),
]);
