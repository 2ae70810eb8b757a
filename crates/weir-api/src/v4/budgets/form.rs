//! Fields of budgets, as declared (spec: observability 8).

use weir_core::budget::BudgetBy;

use crate::schema::{Field, Form, Schema};
use crate::v4::standing::standing;

/// What a budget counts.
pub(in crate::v4) const UNIT: Schema =
    Schema::Choice(&["dollars", "tokens", "requests", "seconds"]);
/// Of some unit; the core knows the bounds of each.
const LIMIT: Schema = Schema::Number { min: 0.0, max: 1e15 };
const PERIOD: Schema =
    Schema::Nullable(&Schema::Choice(&["hourly", "daily", "weekly", "monthly", "total"]));
const WINDOW: Schema = Schema::Nullable(&Schema::integer(1, 315_360_000));
const TECHNIQUE: Schema = Schema::Nullable(&Schema::Choice(&["fixed", "sliding"]));
const SOFT: Schema = Schema::Nullable(&Schema::Number { min: 0.0, max: 1.0 });
const FLAG: Schema = Schema::Nullable(&Schema::Bool);

const NAME: Schema = Schema::text(1, 100);
const BY: Schema = Schema::Text {
    min: 1,
    max: 128,
    form: Form::Checked {
        pattern: "^(account|gateway|user|team|token|provider|model|session|metadata\\..+)$",
        check: is_by,
    },
};

/// Whether a text says whose calls are counted together.
fn is_by(text: &str) -> Result<(), &'static str> {
    BudgetBy::parse(text).map(drop)
}

const ABOUT_BY: &str = "Whose calls are counted together: account, gateway, user, team, token, \
                        provider, model, session or metadata.{key}.";

/// The fields of every budget's terms, those of tokens too.
macro_rules! terms {
    ($($first:expr,)* ; $unit:expr, $limit:expr) => {
        &[
            $($first,)*
            $unit,
            $limit,
            Field::optional("period", PERIOD, "Of the calendar in UTC; total is for good."),
            Field::optional("window", WINDOW, "Seconds, in place of a period."),
            Field::optional("technique", TECHNIQUE, "Of windows; fixed by default."),
            Field::optional("soft", SOFT, "Part of the limit from which callers are warned."),
            Field::optional("hard", FLAG, "Refuse calls when nothing is left; true by default."),
        ]
    };
}

const ABOUT_LIMIT: &str = "The most, above 0.";
const UNIT_FIELD: Field = Field::required("unit", UNIT, "What is counted.");
const LIMIT_FIELD: Field = Field::required("limit", LIMIT, ABOUT_LIMIT);

macro_rules! budget {
    ($name:expr, $by:expr, $unit:expr, $limit:expr) => {
        Schema::Object(terms![
            $name,
            $by,
            Field::optional(
                "gateway_id",
                Schema::Nullable(&Schema::text(1, 64)),
                "Only calls of this gateway; null means those of all of them together."
            ),
            Field::optional(
                "values",
                Schema::Nullable(&Schema::Array { items: &Schema::text(1, 512), max: 1000 }),
                "Only these; when empty, each value has a budget of its own."
            ),
            Field::optional("enabled", FLAG, "True by default."),
            Field::read_only("id", Schema::TEXT, ""),
            Field::read_only("created_at", Schema::TIME, ""),
            Field::read_only("modified_at", Schema::TIME, ""),
            ; $unit, $limit
        ])
    };
}

/// Body of a creation, and of a replacement.
pub(super) const INPUT: Schema = budget!(
    Field::required("name", NAME, "Unique; shown in headers and errors."),
    Field::required("by", BY, ABOUT_BY),
    UNIT_FIELD,
    LIMIT_FIELD
);
/// Body of a change.
pub(super) const CHANGE: Schema = budget!(
    Field::optional("name", NAME, "Unique; shown in headers and errors."),
    Field::optional("by", BY, ABOUT_BY),
    Field::optional("unit", UNIT, "What is counted."),
    Field::optional("limit", LIMIT, ABOUT_LIMIT)
);
/// A budget in an answer.
pub(super) const BUDGET: Schema = INPUT;

/// Terms of a token's own budget.
pub(in crate::v4) const TERMS: Schema = Schema::Object(terms![; UNIT_FIELD, LIMIT_FIELD]);

/// What a bucket stands at.
pub(super) const USAGE: Schema =
    standing![Field::required("value", Schema::TEXT, "Whose bucket; empty where all share one."),];

/// Body of a reset.
pub(super) const RESET: Schema = Schema::Object(&[
    Field::optional("value", Schema::text(0, 512), "Whose bucket."),
    Field::required("reason", Schema::text(1, 500), "For the audit trail."),
]);
