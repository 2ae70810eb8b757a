//! What a bucket of the ledger stands at, as the API shows it.

use serde::Serialize;
use weir_core::Timestamp;
use weir_core::budget::BudgetTerms;
use weir_core::counters::CounterKey;

use crate::Api;
use crate::schema::{Field, Schema};

const AMOUNT: Schema = Schema::Number { min: 0.0, max: f64::INFINITY };

/// Fields of every standing.
macro_rules! standing {
    ($($first:expr,)*) => {
        crate::schema::Schema::Object(&[
            $($first,)*
            crate::v4::standing::SPENT,
            crate::v4::standing::RESERVED,
            crate::v4::standing::LIMIT,
            crate::v4::standing::UNIT,
            crate::v4::standing::RESETS_AT,
            crate::v4::standing::SOFT_REACHED,
            crate::v4::standing::EXHAUSTED,
        ])
    };
}
pub(super) use standing;

pub(super) const SPENT: Field =
    Field::required("spent", AMOUNT, "In the present time, by calls that are over.");
pub(super) const RESERVED: Field =
    Field::required("reserved", AMOUNT, "Set apart by calls under way.");
pub(super) const LIMIT: Field = Field::required("limit", AMOUNT, "");
pub(super) const UNIT: Field =
    Field::required("unit", super::budgets::UNIT, "Of spent, reserved and limit.");
pub(super) const RESETS_AT: Field = Field::required(
    "resets_at",
    Schema::Nullable(&Schema::TIME),
    "When something may be left again; null for a budget that is for good.",
);
pub(super) const SOFT_REACHED: Field =
    Field::required("soft_reached", Schema::Bool, "Callers are warned.");
pub(super) const EXHAUSTED: Field = Field::required("exhausted", Schema::Bool, "Nothing is left.");

/// The JSON of a standing.
#[derive(Clone, Debug, Serialize)]
pub(super) struct StandingView {
    spent: f64,
    reserved: f64,
    limit: f64,
    unit: &'static str,
    resets_at: Option<Timestamp>,
    soft_reached: bool,
    exhausted: bool,
}

impl StandingView {
    /// What the bucket `key` stands at, in the unit of the terms that it is held to.
    pub(super) async fn of(api: &Api, terms: &BudgetTerms, key: CounterKey) -> Self {
        let standing = api.ledger.standing(&terms.claim(key, 0), api.clock.now()).await;
        Self {
            spent: terms.in_unit(standing.spent),
            reserved: terms.in_unit(standing.reserved),
            limit: terms.limit,
            unit: terms.unit.label(),
            resets_at: standing.resets_at,
            soft_reached: terms.soft_most().is_some_and(|soft| standing.taken() >= soft),
            exhausted: standing.taken() >= terms.most(),
        }
    }
}
