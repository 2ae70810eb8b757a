//! What a route takes and gives, beside the code that does it. The middleware checks inputs against
//! it, the OpenAPI document shows it, tests hold answers against it.

use weir_core::Permission;

use crate::schema::{Presence, Schema};

/// The contract of one method on one path.
#[derive(Debug)]
pub(crate) struct Operation {
    /// Unique name, as clients generated from the document call it.
    pub(crate) id: &'static str,
    /// One line on what it does.
    pub(crate) summary: &'static str,
    /// Query parameters that it knows. Others are passed over.
    pub(crate) query: &'static [Param],
    /// Form of the JSON body, when there has to be one; a body that may be null may be left out.
    pub(crate) body: Option<Schema>,
    /// Form of the answer to a call that succeeds.
    pub(crate) answer: Answer,
}

/// A query parameter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Param {
    /// Its name.
    pub(crate) name: &'static str,
    /// Form of its value, whose text is read as JSON where it is not a text form.
    pub(crate) schema: Schema,
    /// Whether it must be given.
    pub(crate) presence: Presence,
    /// What it means.
    pub(crate) about: &'static str,
}

impl Param {
    /// A parameter that may be missing.
    pub(crate) const fn optional(name: &'static str, schema: Schema, about: &'static str) -> Self {
        Self { name, schema, presence: Presence::Optional, about }
    }

    /// A parameter that must be given.
    pub(crate) const fn required(name: &'static str, schema: Schema, about: &'static str) -> Self {
        Self { name, schema, presence: Presence::Required, about }
    }
}

/// `page`, of every list.
pub(crate) const PAGE: Param =
    Param::optional("page", Schema::integer(1, i64::MAX), "Number of the page, from 1.");

/// `per_page` of a list whose pages hold `min` to `max` rows.
pub(crate) const fn per_page(min: i64, max: i64) -> Param {
    Param::optional("per_page", Schema::integer(min, max), "Rows of a page; 20 by default.")
}

/// `search` of a list.
pub(crate) const fn search(about: &'static str) -> Param {
    Param::optional("search", Schema::TEXT, about)
}

/// Ascending or descending.
pub(crate) const DIRECTION: Schema = Schema::Choice(&["asc", "desc"]);

/// Form of an answer (spec: management-api 1.1).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    /// `result` holds this.
    Result(Schema),
    /// `result` is an array of these, with `result_info` beside it.
    List(Schema),
    /// These fields stand beside `success`, `errors` and `messages`; there is no `result`.
    Beside(Schema),
    /// This, and nothing around it.
    Bare(Schema),
    /// Bytes of any type.
    Raw,
}

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody.
    Public,
    /// Any token that is known, of any state: the route itself says what it is worth.
    AnyToken,
    /// A live token that grants this.
    Holds(Permission),
}

impl From<Permission> for Access {
    fn from(permission: Permission) -> Self {
        Self::Holds(permission)
    }
}
