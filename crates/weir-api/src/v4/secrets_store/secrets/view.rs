//! A secret as the API shows it: all but its value.

use serde::Serialize;
use weir_core::Timestamp;
use weir_core::secrets::{SecretReference, StoredSecret};

#[derive(Serialize)]
pub(super) struct View<'a> {
    id: &'a str,
    store_id: &'a str,
    name: &'a str,
    status: &'static str,
    scopes: &'a [String],
    comment: Option<&'a str>,
    secret_ref: Option<&'a SecretReference>,
    created: Timestamp,
    modified: Timestamp,
}

impl<'a> View<'a> {
    pub(super) fn of(secret: &'a StoredSecret) -> Self {
        Self {
            id: &secret.id,
            store_id: &secret.store_id,
            name: &secret.name,
            status: "active",
            scopes: &secret.scopes,
            comment: secret.comment.as_deref(),
            secret_ref: secret.reference.as_ref(),
            created: secret.created,
            modified: secret.modified,
        }
    }

    /// A secret that is just gone.
    pub(super) fn of_deleted(secret: &'a StoredSecret) -> Self {
        Self { status: "deleted", ..Self::of(secret) }
    }
}
