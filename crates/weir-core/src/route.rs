//! Dynamic routes: a graph of elements, in versions, of which one is deployed
//! (spec: management-api 8, data-plane 8).

mod condition;
mod element;
mod field;
mod graph;
mod spelling;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;
use crate::id::{AccountId, GatewayId};

pub use condition::{Condition, Test};
pub use field::FieldPath;
pub use graph::{
    Element, ElementId, MAX_ELEMENTS, ModelCall, RateGate, RateUnit, Reading, RouteGraph, Share,
    Technique,
};
pub use spelling::official;

/// A route with its whole history.
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
    /// Every version, oldest first. Never empty.
    pub versions: Vec<RouteVersion>,
    /// Every deployment, oldest first; the last one is in force. Never empty.
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
    /// The version in force.
    pub fn deployed(&self) -> Option<&RouteVersion> {
        let deployment = self.deployments.last()?;
        self.version(&deployment.version_id)
    }

    /// A version by its id.
    pub fn version(&self, id: &str) -> Option<&RouteVersion> {
        self.versions.iter().find(|version| *version.id == *id)
    }
}
