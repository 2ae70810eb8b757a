//! Stores and secrets, as declared.

use crate::operation::Param;
use crate::schema::{Field, Schema};

pub(super) const STORE_NAME: Schema = Schema::text(1, 255);
/// Characters; bytes are counted when the value is read.
pub(in crate::v4) const VALUE: Schema = Schema::text(1, 65_536);
const REFERENCE: Schema = Schema::Nullable(&Schema::text(5, 1024));
const ABOUT_REFERENCE: &str =
    "Where the value lies, in place of it: env:NAME, file:/path or vault:mount/path#field.";
const MAYBE_TEXT: Schema = Schema::Nullable(&Schema::TEXT);
const SECRET_NAME: Schema = Schema::text(1, 255);
const COMMENT: Schema = Schema::Nullable(&Schema::text(0, 1024));
const SCOPE: Schema =
    Schema::Choice(&["workers", "ai_gateway", "dex", "access", "containers", "websearch"]);
const SCOPES: Schema = Schema::Array { items: &SCOPE, max: 6 };

/// Secrets that one call may make or delete.
const AT_ONCE: usize = 100;

/// A store in an answer.
pub(super) const STORE: Schema = Schema::Object(&[
    Field::required("id", Schema::TEXT, "32 hex digits."),
    Field::required("account_id", Schema::TEXT, ""),
    Field::required("name", Schema::TEXT, ""),
    Field::required("created", Schema::TIME, ""),
    Field::required("modified", Schema::TIME, ""),
]);

/// A secret in an answer.
pub(super) const SECRET: Schema = Schema::Object(&[
    Field::required("id", Schema::TEXT, "32 hex digits."),
    Field::required("store_id", Schema::TEXT, ""),
    Field::required("name", Schema::TEXT, ""),
    Field::required("status", Schema::Choice(&["active", "deleted"]), ""),
    Field::required("scopes", SCOPES, "What it may be used for."),
    Field::required("comment", COMMENT, ""),
    Field::required("secret_ref", MAYBE_TEXT, "Where the value lies, if not here."),
    Field::required("created", Schema::TIME, ""),
    Field::required("modified", Schema::TIME, ""),
]);

/// Body that makes secrets, all or none.
pub(super) const CREATE: Schema = Schema::Array { items: &NEW_SECRET, max: AT_ONCE };
const NEW_SECRET: Schema = Schema::Object(&[
    Field::required("name", SECRET_NAME, "Unique in the store."),
    Field::write_only("value", VALUE, "At most 65536 bytes; never shown."),
    Field::optional("secret_ref", REFERENCE, ABOUT_REFERENCE),
    Field::required("scopes", SCOPES, "What it may be used for."),
    Field::optional("comment", COMMENT, ""),
]);

/// Body that changes a secret.
pub(super) const EDIT: Schema = Schema::Object(&[
    Field::write_only("value", VALUE, "At most 65536 bytes; never shown."),
    Field::optional("secret_ref", REFERENCE, ABOUT_REFERENCE),
    Field::optional("scopes", SCOPES, "What it may be used for."),
    Field::optional("comment", COMMENT, ""),
    Field::read_only("id", Schema::TEXT, ""),
    Field::read_only("store_id", Schema::TEXT, ""),
    Field::read_only("name", Schema::TEXT, ""),
    Field::read_only("status", Schema::TEXT, ""),
    Field::read_only("created", Schema::TIME, ""),
    Field::read_only("modified", Schema::TIME, ""),
]);

/// Body that copies a secret.
pub(super) const COPY: Schema = Schema::Object(&[
    Field::required("name", SECRET_NAME, "Unique in the store."),
    Field::required("scopes", SCOPES, "What the copy may be used for."),
    Field::optional("comment", COMMENT, ""),
]);

/// Body that names secrets; it may be left out.
pub(super) const NAMED: Schema = Schema::Nullable(&Schema::Array {
    items: &Schema::Object(&[Field::required("id", Schema::TEXT, "")]),
    max: AT_ONCE,
});

pub(super) const STORE_ORDER: Param = Param::optional(
    "order",
    Schema::Choice(&["name", "created", "modified"]),
    "created by default.",
);
pub(super) const SECRET_ORDER: Param = Param::optional(
    "order",
    Schema::Choice(&["name", "comment", "created", "modified", "status"]),
    "created by default.",
);
pub(super) const DIRECTION: Param =
    Param::optional("direction", crate::operation::DIRECTION, "desc by default.");
pub(super) const WITH_SCOPES: Param =
    Param::optional("scopes", SCOPES, "Only secrets with one of these; may be repeated.");
pub(super) const FORCE: Param =
    Param::optional("force", Schema::Bool, "Delete the secrets in it, too.");
