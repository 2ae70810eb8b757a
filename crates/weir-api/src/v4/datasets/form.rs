//! A dataset as JSON.

use serde::Serialize;
use serde_json::Value;
use weir_core::evaluation::Dataset;
use weir_core::{GatewayId, Timestamp};

use crate::filters::Vocabulary;
use crate::schema::{Field, Schema};

/// Filters of a dataset: fewer keys and operators than those of the log list, and no null.
pub(super) const VOCABULARY: Vocabulary =
    Vocabulary { keys: KEYS, operators: OPERATORS, extended: false };

const KEYS: &[&str] = &[
    "created_at",
    "request_content_type",
    "response_content_type",
    "success",
    "cached",
    "provider",
    "model",
    "cost",
    "tokens",
    "tokens_in",
    "tokens_out",
    "duration",
    "feedback",
];
const OPERATORS: &[&str] = &["eq", "contains", "lt", "gt"];

/// Characters of a name.
pub(crate) const NAME: Schema = Schema::text(1, 256);
const FILTERS: Schema = Schema::list(&Schema::Object(&[
    Field::required("key", Schema::Choice(KEYS), ""),
    Field::required("operator", Schema::Choice(OPERATORS), ""),
    Field::required(
        "value",
        Schema::list(&Schema::OneOf(&[Schema::TEXT, Schema::NUMBER, Schema::Bool])),
        "Any of these will do.",
    ),
]));

/// What a caller sends.
pub(super) const INPUT: Schema = Schema::Object(FIELDS);
/// What a caller gets.
pub(super) const DATASET: Schema = Schema::Object(FIELDS);

/// The fields of a dataset.
pub(crate) const FIELDS: &[Field] = &[
    Field::read_only("id", Schema::TEXT, ""),
    Field::read_only("gateway_id", Schema::TEXT, ""),
    Field::required("name", NAME, "Unique in its gateway."),
    Field::required("enable", Schema::Bool, "A disabled one is evaluated all the same."),
    Field::required("filters", FILTERS, "All must hold."),
    Field::read_only("created_at", Schema::TIME, ""),
    Field::read_only("modified_at", Schema::TIME, ""),
];

/// The JSON of a dataset.
#[derive(Serialize)]
pub(crate) struct View<'a> {
    id: &'a str,
    gateway_id: &'a GatewayId,
    name: &'a str,
    enable: bool,
    filters: &'a Value,
    created_at: Timestamp,
    modified_at: Timestamp,
}

impl<'a> View<'a> {
    pub(crate) fn of(dataset: &'a Dataset) -> Self {
        Self {
            id: &dataset.id,
            gateway_id: &dataset.gateway_id,
            name: &dataset.name,
            enable: dataset.enable,
            filters: &dataset.filters,
            created_at: dataset.created_at,
            modified_at: dataset.modified_at,
        }
    }
}
