//! Policies: who may spend how much on what (spec: observability 7.3). A [`PolicyBody`] is what an
//! operator wrote; [`Rule::read`] checks it; [`evaluate`] says what all rules say to a call, and
//! [`Decision::enforce`] holds budgets against what was spent. All of it is pure.

mod actor;
mod condition;
mod evaluation;
mod identity;
mod period;
mod resource;
mod rule;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;
use crate::id::{AccountId, GatewayId};

pub use actor::ActorTemplate;
pub use condition::{Condition, ConditionError, Undecided};
pub use evaluation::{Bucket, Cap, Decision, Verdict, evaluate};
pub use identity::{Claims, Fact, Field, Identity};
pub use period::Period;
pub use resource::{Resource, Target};
pub use rule::{Action, Limit, Rule};

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
