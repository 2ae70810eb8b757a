//! Tokens as the API shows them: everything but the value.

use serde::Serialize;
use weir_core::{ApiToken, GatewayId, Permission, Timestamp};

use crate::v4::budgets::TermsView;

/// A token.
#[derive(Serialize)]
pub(super) struct View<'a> {
    id: &'a str,
    name: &'a str,
    status: &'static str,
    permissions: &'a [Permission],
    gateways: Option<&'a [GatewayId]>,
    models: Option<&'a [String]>,
    ip_allow: &'a [String],
    budgets: Vec<TermsView>,
    disabled: bool,
    issued_on: Timestamp,
    modified_on: Option<Timestamp>,
    expires_on: Option<Timestamp>,
    not_before: Option<Timestamp>,
}

/// A token that was just made, with its value.
#[derive(Serialize)]
pub(super) struct WithValue<'a> {
    #[serde(flatten)]
    pub(super) token: View<'a>,
    pub(super) value: &'a str,
}

impl<'a> View<'a> {
    pub(super) fn of(token: &'a ApiToken) -> Self {
        Self {
            id: &token.id,
            name: &token.name,
            status: status(token, Timestamp::now()),
            permissions: &token.permissions,
            gateways: token.gateways.as_deref(),
            models: token.models.as_deref(),
            ip_allow: &token.ip_allow,
            budgets: token.budgets.iter().map(TermsView::of).collect(),
            disabled: token.disabled,
            issued_on: token.created_at,
            modified_on: token.modified_at,
            expires_on: token.expires_at,
            not_before: token.not_before,
        }
    }
}

/// The published word for what a token is worth. A revoked one has none; it is disabled, for the
/// answer that revokes it. One whose time has not come is active, and shows when.
pub(super) fn status(token: &ApiToken, now: Timestamp) -> &'static str {
    if token.disabled || token.revoked_at.is_some() {
        "disabled"
    } else if token.expires_at.is_some_and(|at| at <= now) {
        "expired"
    } else {
        "active"
    }
}
