//! Routes, versions and deployments, as declared (spec: management-api 8).

use weir_core::route::{MAX_ELEMENTS, Route};

use crate::operation::{DIRECTION, PAGE, Param, per_page};
use crate::schema::{Field, Form, Schema};

/// Elements are held against the rules of the graph, which say more than a schema can. Fields that
/// those rules do not know are kept, so that editors may store places and colours.
const ELEMENTS: Schema = Schema::Array { items: &ELEMENT, max: MAX_ELEMENTS };
const ELEMENT: Schema = Schema::Map(&Schema::Any);
const NAME: Schema = Schema::Text {
    min: 1,
    max: Route::MAX_NAME,
    form: Form::Checked { pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$", check: Route::check_name },
};
const COMMENT: Schema = Schema::Nullable(&Schema::text(0, 1024));
const ACTIVE: Schema = Schema::Choice(&["true", "false"]);
const ABOUT_ELEMENTS: &str = "A graph of start, conditional, percentage, rate, model and end, each {id, type, outputs, \
     properties}.";
const ABOUT_COMMENT: &str = "Note for people.";

const NAME_FIELD: Field =
    Field::required("name", NAME, "Called as dynamic/{name}; unique in its gateway.");
const ELEMENTS_FIELD: Field = Field::required("elements", ELEMENTS, ABOUT_ELEMENTS);
const COMMENT_FIELD: Field = Field::optional("comment", COMMENT, ABOUT_COMMENT);

/// Body of a creation.
pub(super) const CREATE: Schema = Schema::Object(&[NAME_FIELD, ELEMENTS_FIELD, COMMENT_FIELD]);
/// Body of a change.
pub(super) const RENAME: Schema = Schema::Object(&[NAME_FIELD]);
/// Body of a new version.
pub(super) const NEW_VERSION: Schema = Schema::Object(&[ELEMENTS_FIELD, COMMENT_FIELD]);
/// Body of a new deployment.
pub(super) const NEW_DEPLOYMENT: Schema = Schema::Object(&[
    Field::required("version_id", Schema::text(1, 64), "An older one brings it back."),
    COMMENT_FIELD,
]);

/// What every answer about a route begins with.
macro_rules! route {
    ($($more:expr,)*) => {
        Schema::Object(&[
            Field::required("id", Schema::TEXT, ""),
            NAME_FIELD,
            Field::required("gateway_id", Schema::TEXT, ""),
            Field::required("account_tag", Schema::TEXT, "Id of the account."),
            Field::required("created_at", Schema::TIME, ""),
            Field::required("modified_at", Schema::TIME, ""),
            ELEMENTS_FIELD,
            $($more,)*
        ])
    };
}

/// A route as it is deployed.
pub(super) const ROUTE: Schema = route![
    Field::required("deployment", DEPLOYMENT, "In force."),
    Field::required("version", VERSION, "In force."),
];
/// A route, and the version that the call was about.
pub(super) const BRIEF: Schema = route![Field::required("version_id", Schema::TEXT, ""),];
/// A version with its route.
pub(super) const VERSION_DETAIL: Schema = route![
    Field::required("version_id", Schema::TEXT, ""),
    Field::required("active", ACTIVE, "In force."),
    Field::required("data", Schema::TEXT, "The elements as JSON text."),
    Field::required("is_valid", Schema::Bool, "False when a provider is gone."),
    Field::required("comment", COMMENT, ABOUT_COMMENT),
];
/// The answer to a change.
pub(super) const RENAMED: Schema = Schema::Object(&[Field::required("route", ROUTE, "")]);

const VERSION: Schema = Schema::Object(&[
    Field::required("version_id", Schema::TEXT, ""),
    Field::required("active", ACTIVE, "In force."),
    Field::required("created_at", Schema::TIME, ""),
    Field::required("data", Schema::TEXT, "The elements as JSON text."),
    Field::required("is_valid", Schema::Bool, "False when a provider is gone."),
    Field::required("comment", COMMENT, ABOUT_COMMENT),
]);
const DEPLOYMENT: Schema = Schema::Object(&[
    Field::required("deployment_id", Schema::TEXT, ""),
    Field::required("version_id", Schema::TEXT, ""),
    Field::required("created_at", Schema::TIME, ""),
    Field::required("comment", COMMENT, ABOUT_COMMENT),
]);

/// Parameters and answer of a list, which stands in `data` under the name of its rows.
macro_rules! list {
    ($list:ident $name:literal $row:expr, [$($order:literal),*]) => {
        pub(super) struct $list;

        impl $list {
            pub(super) const QUERY: &[Param] = &[
                PAGE,
                per_page(1, 100),
                Param::optional("order_by", Schema::Choice(&[$($order),*]), "created_at by default."),
                Param::optional("order_by_direction", DIRECTION, "desc by default."),
            ];
            pub(super) const ANSWER: Schema = Schema::Object(&[Field::required("data", Self::DATA, "")]);
            const DATA: Schema = Schema::Object(&[
                Field::required($name, Schema::list(&$row), ""),
                Field::required("page", Schema::integer(1, i64::MAX), ""),
                Field::required("per_page", Schema::integer(1, 100), ""),
                Field::required("order_by", Schema::Choice(&[$($order),*]), ""),
                Field::required("order_by_direction", DIRECTION, ""),
            ]);
        }
    };
}

list!(RouteList "routes" ROUTE, ["created_at", "modified_at", "name"]);
list!(VersionList "versions" VERSION, ["created_at"]);
list!(DeploymentList "deployments" DEPLOYMENT, ["created_at"]);
