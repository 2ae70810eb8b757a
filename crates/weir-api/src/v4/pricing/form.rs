//! A price row's fields, in the form `aig-prices/1` (spec: providers 7).

use crate::schema::{Field, Schema};

/// Decimal figures; a text keeps every digit.
const FIGURE: Schema = Schema::OneOf(&[Schema::NUMBER, Schema::text(1, 40)]);
/// Figures by name, and by name below a name.
const FIGURES: Schema = Schema::Map(&Schema::OneOf(&[Schema::Map(&FIGURE), FIGURE]));
const STEPS: Schema = Schema::list(&Schema::Object(&[
    Field::required("above_input_tokens", Schema::COUNT, "Holds for prompts that are longer."),
    Field::required("per_million_tokens", FIGURES, "For the whole request."),
    Field::optional("applies_to", Schema::TEXT, ""),
]));
const DAY: Schema = Schema::text(10, 10);
const LIMITS: Schema = Schema::Object(&[
    Field::optional("context", Schema::COUNT, "Tokens it takes at most."),
    Field::optional("output", Schema::COUNT, "Tokens it gives at most."),
]);
const TIER: Schema = Schema::Object(&[
    Field::optional("per_million_tokens", FIGURES, ""),
    Field::optional("tiers", STEPS, ""),
]);
const OFF_PEAK: Schema = Schema::Object(&[
    Field::required("per_million_tokens", FIGURES, ""),
    Field::required("windows_utc", Schema::list(&Schema::Any), "Weekdays, 1 to 7, and hours_utc."),
    Field::optional("weekday_offset_hours", Schema::integer(-24, 24), "Where days begin earlier."),
]);

/// A row, in requests and in answers.
pub(super) const ROW: Schema = Schema::Object(&[
    Field::required("provider", Schema::text(1, 64), "Slug of the provider."),
    Field::required("model", Schema::text(1, 256), "The model's name there."),
    Field::optional("aliases", Schema::list(&Schema::text(1, 256)), "Further names of it."),
    Field::optional("kind", Schema::text(1, 64), "What it does: chat, embedding, image, ..."),
    Field::optional("valid_from", DAY, "First day in UTC on which it holds."),
    Field::optional("valid_until", DAY, "First day in UTC on which it no longer holds."),
    Field::optional("per_million_tokens", FIGURES, "US dollars for a million tokens, by meter."),
    Field::optional("tiers", STEPS, "Other rates for long prompts."),
    Field::optional("service_tiers", Schema::Map(&TIER), "Other rates by service tier."),
    Field::optional("off_peak", OFF_PEAK, "Other rates in some hours."),
    Field::optional("per_unit", FIGURES, "US dollars for an image, a second, a search, ..."),
    Field::optional("limits", LIMITS, ""),
    Field::optional("capabilities", Schema::Map(&Schema::Bool), ""),
    Field::optional("deprecation_date", DAY, "Day from which it is no longer offered."),
    Field::optional("gateway_id", Schema::Nullable(&Schema::text(1, 64)), "Only for its calls."),
    Field::read_only("id", Schema::TEXT, "Of a row that was set, as deletions name it."),
    Field::read_only(
        "source",
        Schema::Choice(&["gateway", "account", "table"]),
        "Whose row it is.",
    ),
    Field::read_only("modified_at", Schema::TIME, "When it was set."),
]);

/// Body of a `PUT`: a price table, of which only the rows count.
pub(super) const PUT_BODY: Schema = Schema::Object(&[Field::required(
    "models",
    Schema::Array { items: &ROW, max: 1000 },
    "Rows to set.",
)]);

/// Answer to a `DELETE`.
pub(super) const DELETED: Schema =
    Schema::Object(&[Field::required("deleted", Schema::COUNT, "Rows that are gone.")]);
