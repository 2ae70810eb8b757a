//! Fields of custom domains, as declared.

use serde::Serialize;
use weir_core::access::{CustomDomain, DomainStatus};
use weir_core::{GatewayId, Timestamp};

use crate::schema::{Field, Form, Schema};

const HOSTNAME: Schema = Schema::Text {
    min: 1,
    max: 253,
    form: Form::Checked {
        pattern: "^[a-z0-9-]+(\\.[a-z0-9-]+)+$",
        check: CustomDomain::check_hostname,
    },
};
const GATEWAY: Schema = Schema::text(1, 64);
const STATUS: Schema = Schema::Nullable(&Schema::Choice(&["pending_dcv", "active"]));
const ISSUER: Schema = Schema::Nullable(&Schema::text(1, 64));

const ABOUT_HOSTNAME: &str = "In small letters, without a port; unique on this server.";
const ABOUT_GATEWAY: &str = "The gateway that answers there.";

macro_rules! domain {
    ($($first:expr,)*) => {
        Schema::Object(&[
            $($first,)*
            Field::optional("status", STATUS, "It answers when active; pending_dcv by default."),
            Field::optional("issuer_id", ISSUER,
                "Users of this issuer may call there, and a gateway token alone may not."),
            Field::read_only("id", Schema::TEXT, ""),
            Field::read_only("created_at", Schema::TIME, ""),
            Field::read_only("modified_at", Schema::TIME, ""),
        ])
    };
}

/// Body of a creation, and of a replacement.
pub(super) const INPUT: Schema = domain![
    Field::required("hostname", HOSTNAME, ABOUT_HOSTNAME),
    Field::required("gateway_id", GATEWAY, ABOUT_GATEWAY),
];
/// Body of a change.
pub(super) const CHANGE: Schema = domain![
    Field::optional("hostname", HOSTNAME, ABOUT_HOSTNAME),
    Field::optional("gateway_id", GATEWAY, ABOUT_GATEWAY),
];
/// A domain in an answer.
pub(super) const DOMAIN: Schema = INPUT;

/// The JSON of a custom domain.
#[derive(Serialize)]
pub(super) struct View<'a> {
    id: &'a str,
    hostname: &'a str,
    gateway_id: &'a GatewayId,
    status: DomainStatus,
    issuer_id: Option<&'a str>,
    created_at: Timestamp,
    modified_at: Timestamp,
}

impl<'a> View<'a> {
    pub(super) fn of(domain: &'a CustomDomain) -> Self {
        Self {
            id: &domain.id,
            hostname: &domain.hostname,
            gateway_id: &domain.gateway_id,
            status: domain.status,
            issuer_id: domain.issuer_id.as_deref(),
            created_at: domain.created_at,
            modified_at: domain.modified_at,
        }
    }
}
