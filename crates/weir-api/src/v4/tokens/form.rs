//! Fields of tokens, as declared.

use weir_core::{ApiToken, Permission};

use crate::schema::{Field, Schema};
use crate::v4::budgets::TERMS;

/// The published names.
const PERMISSIONS: [&str; Permission::EVERY.len()] = {
    let mut names = [""; Permission::EVERY.len()];
    let mut place = 0;
    while place < names.len() {
        names[place] = Permission::EVERY[place].name();
        place += 1;
    }
    names
};
const PERMISSION: Schema = Schema::Choice(&PERMISSIONS);
const NAME: Schema = Schema::text(1, 120);
const PERMISSION_LIST: Schema = Schema::Array { items: &PERMISSION, max: 20 };
const GATEWAYS: Schema =
    Schema::Nullable(&Schema::Array { items: &Schema::text(1, 64), max: 1000 });
const TIME: Schema = Schema::Nullable(&Schema::TIME);

const ABOUT_NAME: &str = "For people.";
const ABOUT_PERMISSIONS: &str = "What it allows; * is everything, managing tokens included.";

const GATEWAYS_FIELD: Field =
    Field::optional("gateways", GATEWAYS, "Ids of the gateways it opens; null means all.");
const MODELS_FIELD: Field = Field::optional(
    "models",
    Schema::Nullable(&Schema::Array { items: &Schema::text(1, 256), max: 1000 }),
    "Models it may ask, as author/model with * for any text without a slash; null means all.",
);
const IP_ALLOW_FIELD: Field = Field::optional(
    "ip_allow",
    Schema::Nullable(&Schema::Array { items: &Schema::text(1, 64), max: 500 }),
    "Addresses and networks it may come from; empty means all.",
);
const BUDGETS_FIELD: Field = Field::optional(
    "budgets",
    Schema::Nullable(&Schema::Array { items: &TERMS, max: ApiToken::MOST_BUDGETS }),
    "What it may use, beside the budgets of its account; one for each unit and time.",
);
const EXPIRES_FIELD: Field = Field::optional("expires_on", TIME, "Refused from then on.");
const NOT_BEFORE_FIELD: Field = Field::optional("not_before", TIME, "Refused until then.");
const DISABLED_FIELD: Field =
    Field::optional("disabled", Schema::Bool, "Refused until this is taken back.");

macro_rules! token {
    ($($first:expr,)*) => {
        Schema::Object(&[
            $($first,)*
            GATEWAYS_FIELD,
            MODELS_FIELD,
            IP_ALLOW_FIELD,
            BUDGETS_FIELD,
            EXPIRES_FIELD,
            NOT_BEFORE_FIELD,
            DISABLED_FIELD,
            Field::read_only("id", Schema::TEXT, ""),
            Field::read_only("status", STATUS, ""),
            Field::read_only("issued_on", Schema::TIME, ""),
            Field::read_only("modified_on", TIME, "Null when it was never changed."),
        ])
    };
}

/// What a token is worth.
const STATUS: Schema = Schema::Choice(&["active", "disabled", "expired"]);

const NAME_FIELD: Field = Field::required("name", NAME, ABOUT_NAME);
const PERMISSIONS_FIELD: Field = Field::required("permissions", PERMISSION_LIST, ABOUT_PERMISSIONS);

/// Body of a creation.
pub(super) const CREATE: Schema = token![NAME_FIELD, PERMISSIONS_FIELD,];
/// Body of a change.
pub(super) const REPLACE: Schema = token![
    Field::optional("name", NAME, ABOUT_NAME),
    Field::optional("permissions", PERMISSION_LIST, ABOUT_PERMISSIONS),
];
/// A token in an answer.
pub(super) const TOKEN: Schema = CREATE;
/// The answer to a creation.
pub(super) const CREATED: Schema = token![
    NAME_FIELD,
    PERMISSIONS_FIELD,
    Field::required("value", Schema::TEXT, "Shown this once."),
];

/// Answer of a verification (spec: management-api 3).
pub(super) const VERIFIED: Schema = Schema::Object(&[
    Field::required("id", Schema::TEXT, ""),
    Field::required("status", STATUS, ""),
    Field::optional("expires_on", Schema::TIME, ""),
    Field::optional("not_before", Schema::TIME, ""),
]);
