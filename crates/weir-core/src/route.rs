//! Dynamic routes: a graph of elements, in versions, of which one is deployed
//! (spec: management-api 8, data-plane 8).

mod condition;
mod deployed;
mod element;
mod facts;
mod field;
mod gate;
mod graph;
mod plan;
mod share;
mod spelling;
mod walk;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;
use crate::id::{AccountId, GatewayId};

pub use condition::{Condition, Test};
pub use deployed::DeployedRoute;
pub use facts::{CallFacts, value_at};
pub use field::FieldPath;
pub use gate::gate_key;
pub use graph::{
    Element, ElementId, MAX_ELEMENTS, ModelCall, RateGate, RateUnit, Reading, RouteGraph, Share,
    Technique,
};
pub use plan::{
    Balance, BalanceStrategy, Breaker, Hedge, ModelPlan, RouteTarget, Shadow, SharePlan,
};
pub use spelling::official;
pub use walk::{Ending, Stop, Walk};

/// A route with its history.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Route {
    /// Unique in the account.
    pub id: Arc<str>,
    /// Whose it is.
    pub account_id: AccountId,
    /// The gateway it belongs to.
    pub gateway_id: GatewayId,
    /// Called as `dynamic/{name}`; unique in its gateway.
    pub name: String,
    /// The newest [`Route::MOST_KEPT`] versions and the deployed one, oldest first. Never empty.
    pub versions: Vec<RouteVersion>,
    /// The newest [`Route::MOST_KEPT`] deployments, oldest first; the last one is in force. Never
    /// empty. Earlier ones may name versions that are no longer kept.
    pub deployments: Vec<RouteDeployment>,
    /// Creation time.
    pub created_at: Timestamp,
    /// Last change.
    pub modified_at: Timestamp,
}

/// One state of a route's graph. Never changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RouteVersion {
    /// Unique in the route.
    pub id: Arc<str>,
    /// The elements as the caller sent them, in the [`official`] spelling. Checked when they were
    /// accepted.
    pub elements: Arc<Value>,
    /// Note for people.
    pub comment: Option<String>,
    /// Creation time.
    pub created_at: Timestamp,
}

/// Puts a version in force.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RouteDeployment {
    /// Unique in the route.
    pub id: Arc<str>,
    /// The version.
    pub version_id: Arc<str>,
    /// Note for people.
    pub comment: Option<String>,
    /// Creation time.
    pub created_at: Timestamp,
}

impl Route {
    /// Versions, and deployments, that are kept: an object must not grow for ever. The audit trail
    /// has the others.
    pub const MOST_KEPT: usize = 100;
    /// Characters of a name.
    pub const MAX_NAME: usize = 64;

    /// Says what is wrong with a name, if anything (spec: data-plane 8.2). Capitals are kept and
    /// count.
    pub fn check_name(name: &str) -> Result<(), &'static str> {
        if name.is_empty() || name.len() > Self::MAX_NAME {
            return Err("must have 1 to 64 characters");
        }
        if !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')) {
            return Err("may hold only letters, digits, '_' and '-'");
        }
        if name.starts_with(['_', '-']) {
            return Err("must begin with a letter or a digit");
        }
        Ok(())
    }

    /// The deployment in force.
    pub fn deployment(&self) -> Option<&RouteDeployment> {
        self.deployments.last()
    }

    /// The version in force.
    pub fn deployed(&self) -> Option<&RouteVersion> {
        self.version(&self.deployment()?.version_id)
    }

    /// A version by its id.
    pub fn version(&self, id: &str) -> Option<&RouteVersion> {
        self.versions.iter().find(|version| *version.id == *id)
    }

    /// Adds a version, not in force yet. Gives the one that is no longer kept instead, if any.
    pub fn add_version(&mut self, version: RouteVersion) -> Option<RouteVersion> {
        self.versions.push(version);
        if self.versions.len() <= Self::MOST_KEPT {
            return None;
        }
        let deployed = self.deployed().map(|version| Arc::clone(&version.id));
        let oldest =
            self.versions.iter().position(|version| Some(&version.id) != deployed.as_ref());
        oldest.map(|place| self.versions.remove(place))
    }

    /// Takes the elements of all versions but the newest and the deployed one out of the stored
    /// form of this route.
    pub(crate) fn leave_out_history(&self, stored: &mut Value) {
        let newest = self.versions.last().map(|version| &version.id);
        let deployed = self.deployment().map(|deployment| &deployment.version_id);
        let shown = stored.get_mut("versions").and_then(Value::as_array_mut).into_iter().flatten();
        for (version, shown) in self.versions.iter().zip(shown) {
            if ![newest, deployed].contains(&Some(&version.id))
                && let Some(fields) = shown.as_object_mut()
            {
                fields.remove("elements");
            }
        }
    }

    /// Puts a version in force.
    pub fn deploy(&mut self, deployment: RouteDeployment) {
        self.deployments.push(deployment);
        if self.deployments.len() > Self::MOST_KEPT {
            self.deployments.remove(0);
        }
    }
}

#[cfg(test)]
mod tests;
