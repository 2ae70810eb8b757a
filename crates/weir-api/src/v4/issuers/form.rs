//! Fields of issuers, as declared.

use serde::Serialize;
use std::collections::BTreeMap;
use weir_core::access::{ClaimNames, Issuer};
use weir_core::{GatewayId, Timestamp};

use crate::schema::{Field, Form, Schema};

const NAME: Schema = Schema::text(1, 100);
const ADDRESS: Schema = Schema::Text { min: 1, max: 512, form: Form::Uri };
const AUDIENCES: Schema = Schema::Array { items: &Schema::text(1, 512), max: 100 };
const CLAIM: Schema = Schema::text(1, 512);

const ABOUT_NAME: &str = "For people; unique.";
const ABOUT_ISSUER: &str = "The iss of its tokens, exactly.";
const ABOUT_AUDIENCES: &str = "The aud that its tokens must have one of.";

macro_rules! issuer {
    ($($first:expr,)*) => {
        Schema::Object(&[
            $($first,)*
            Field::optional("jwks_url", Schema::Nullable(&ADDRESS),
                "Where its keys are; null means that its discovery document tells."),
            Field::optional("gateways",
                Schema::Nullable(&Schema::Array { items: &Schema::text(1, 64), max: 1000 }),
                "Ids of the gateways it opens; null means all."),
            Field::optional("claims", Schema::Nullable(&Schema::Object(&[
                Field::optional("user_id", CLAIM, "sub by default; becomes cf.user.id."),
                Field::optional("email", CLAIM, "email by default; becomes cf.user.email."),
                Field::optional("groups", CLAIM, "groups by default; becomes cf.user.groups."),
                Field::optional("country", CLAIM, "country by default; becomes cf.country."),
            ])), "Which claims tell what; dots lead into objects."),
            Field::optional("required", Schema::Nullable(&Schema::Map(&CLAIM)),
                "Claims that a token must have, with the value that it must have or hold."),
            Field::optional("enabled", Schema::Nullable(&Schema::Bool), "True by default."),
            Field::read_only("id", Schema::TEXT, ""),
            Field::read_only("created_at", Schema::TIME, ""),
            Field::read_only("modified_at", Schema::TIME, ""),
        ])
    };
}

/// Body of a creation, and of a replacement.
pub(super) const INPUT: Schema = issuer![
    Field::required("name", NAME, ABOUT_NAME),
    Field::required("issuer", ADDRESS, ABOUT_ISSUER),
    Field::required("audiences", AUDIENCES, ABOUT_AUDIENCES),
];
/// Body of a change.
pub(super) const CHANGE: Schema = issuer![
    Field::optional("name", NAME, ABOUT_NAME),
    Field::optional("issuer", ADDRESS, ABOUT_ISSUER),
    Field::optional("audiences", AUDIENCES, ABOUT_AUDIENCES),
];
/// An issuer in an answer.
pub(super) const ISSUER: Schema = INPUT;

/// The JSON of an issuer.
#[derive(Serialize)]
pub(super) struct View<'a> {
    id: &'a str,
    name: &'a str,
    issuer: &'a str,
    audiences: &'a [String],
    jwks_url: Option<&'a str>,
    gateways: Option<&'a [GatewayId]>,
    claims: &'a ClaimNames,
    required: &'a BTreeMap<String, String>,
    enabled: bool,
    created_at: Timestamp,
    modified_at: Timestamp,
}

impl<'a> View<'a> {
    pub(super) fn of(issuer: &'a Issuer) -> Self {
        Self {
            id: &issuer.id,
            name: &issuer.name,
            issuer: &issuer.issuer,
            audiences: &issuer.audiences,
            jwks_url: issuer.jwks_url.as_deref(),
            gateways: issuer.gateways.as_deref(),
            claims: &issuer.claims,
            required: &issuer.required,
            enabled: issuer.enabled,
            created_at: issuer.created_at,
            modified_at: issuer.modified_at,
        }
    }
}
