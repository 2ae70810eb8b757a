//! Providers that an account defines itself (spec: data-plane 1.7).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::id::AccountId;

/// A provider an account added: reached as `custom-{slug}`, at `{base_url}/{path}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CustomProvider {
    /// A UUID.
    pub id: Arc<str>,
    /// Whose it is.
    pub account_id: AccountId,
    /// Name for people.
    pub name: String,
    /// The part after `custom-`.
    pub slug: String,
    /// Scheme, host and optional path prefix, e.g. `https://h.example/api/v2`.
    pub base_url: String,
    /// A disabled provider answers as if it did not exist.
    pub enable: bool,
    /// Sent upstream on every call, in place of client headers of the same name. May hold
    /// credentials: never shown.
    #[serde(default)]
    pub headers: BTreeMap<String, crate::gateway::Hidden>,
    /// Creation time.
    pub created_at: Timestamp,
    /// Last change.
    pub modified_at: Timestamp,
}
