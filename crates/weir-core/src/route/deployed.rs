//! A route as calls find it.

use std::sync::Arc;

use super::graph::RouteGraph;
use super::{Route, RouteVersion};

/// The version of a route that is in force, read and ready to be walked.
#[derive(Clone, Debug)]
pub struct DeployedRoute {
    /// Id of the route.
    pub route_id: Arc<str>,
    /// Its name.
    pub name: Box<str>,
    /// The version.
    pub version_id: Arc<str>,
    /// Its elements.
    pub graph: Arc<RouteGraph>,
}

impl DeployedRoute {
    /// `None` when nothing is deployed, or when elements that were accepted once can no longer be
    /// read.
    pub(crate) fn of(route: &Route) -> Option<Self> {
        let version: &RouteVersion = route.deployed()?;
        let graph = RouteGraph::read_stored(&version.elements).ok()?;
        Some(Self {
            route_id: Arc::clone(&route.id),
            name: route.name.as_str().into(),
            version_id: Arc::clone(&version.id),
            graph: Arc::new(graph),
        })
    }

    /// Whether [`Self::of`] would give the same. Versions never change.
    pub(crate) fn is_of(&self, route: &Route) -> bool {
        let version = route.deployment().map(|deployment| &deployment.version_id);
        *self.name == *route.name && self.route_id == route.id && version == Some(&self.version_id)
    }
}
