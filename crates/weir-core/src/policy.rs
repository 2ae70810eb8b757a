//! Policies: who may spend how much on what (spec: observability 7.3). Stored and checked here,
//! enforced by the data plane.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;
use crate::id::{AccountId, GatewayId};

/// A policy: what is in force, and the draft that may follow it. At least one of the two is there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Policy {
    /// A UUID.
    pub id: Arc<str>,
    /// Whose it is.
    pub account_id: AccountId,
    /// The gateway it belongs to.
    pub gateway_id: GatewayId,
    /// In force.
    pub committed: Option<PolicyBody>,
    /// Not in force yet.
    pub draft: Option<PolicyBody>,
    /// Creation time.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

/// What a policy says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PolicyBody {
    /// Name for people.
    pub name: String,
    /// Budget bucket; may hold `{cf.user.id}` and the like.
    pub actor: String,
    /// `"*"`, or an object with `model` and `provider`.
    pub resource: Value,
    /// CEL expression, if any.
    pub condition: Option<String>,
    /// `{type: no-limit | block | limit, ...}`.
    pub action: Value,
}
