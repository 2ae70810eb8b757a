//! Routes, versions and deployments as the API shows them (spec: management-api 8).

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;
use weir_core::route::{Route, RouteDeployment, RouteVersion};
use weir_core::{AccountId, GatewayId, Timestamp};

use super::graph;

/// What every answer about a route begins with.
#[derive(Serialize)]
struct Head<'a> {
    id: &'a str,
    name: &'a str,
    gateway_id: &'a GatewayId,
    account_tag: &'a AccountId,
    created_at: Timestamp,
    modified_at: Timestamp,
    elements: Option<&'a Value>,
}

impl<'a> Head<'a> {
    fn of(route: &'a Route, version: Option<&'a RouteVersion>) -> Self {
        Self {
            id: &route.id,
            name: &route.name,
            gateway_id: &route.gateway_id,
            account_tag: &route.account_id,
            created_at: route.created_at,
            modified_at: route.modified_at,
            elements: version.map(|version| &*version.elements),
        }
    }
}

/// A route as it is deployed.
#[derive(Serialize)]
pub(super) struct View<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    deployment: Option<Deployment<'a>>,
    version: Option<Version<'a>>,
}

impl<'a> View<'a> {
    pub(super) fn of(route: &'a Route, providers: &BTreeSet<String>) -> Self {
        let version = route.deployed();
        Self {
            head: Head::of(route, version),
            deployment: route.deployment().map(Deployment::of),
            version: version.map(|version| Version::of(route, version, providers)),
        }
    }
}

/// The fields of an answer to a change.
#[derive(Serialize)]
pub(super) struct Renamed<'a> {
    pub(super) route: View<'a>,
}

/// A route, and the version that a call was about.
#[derive(Serialize)]
pub(super) struct Brief<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    version_id: Option<&'a str>,
}

impl<'a> Brief<'a> {
    pub(super) fn of(route: &'a Route, version: Option<&'a RouteVersion>) -> Self {
        let version_id = version.map(|version| &*version.id);
        Self { head: Head::of(route, version), version_id }
    }
}

/// A version with its route. `created_at` is the version's.
#[derive(Serialize)]
pub(super) struct VersionDetail<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    version_id: &'a str,
    active: &'static str,
    data: String,
    is_valid: bool,
    comment: Option<&'a str>,
}

impl<'a> VersionDetail<'a> {
    pub(super) fn of(
        route: &'a Route,
        version: &'a RouteVersion,
        providers: &BTreeSet<String>,
    ) -> Self {
        let Version { version_id, active, created_at, data, is_valid, comment } =
            Version::of(route, version, providers);
        let head = Head { created_at, ..Head::of(route, Some(version)) };
        Self { head, version_id, active, data, is_valid, comment }
    }
}

/// A version by itself.
#[derive(Serialize)]
pub(super) struct Version<'a> {
    version_id: &'a str,
    /// The official clients know the words, not the truth values.
    active: &'static str,
    created_at: Timestamp,
    data: String,
    is_valid: bool,
    comment: Option<&'a str>,
}

impl<'a> Version<'a> {
    pub(super) fn of(
        route: &Route,
        version: &'a RouteVersion,
        providers: &BTreeSet<String>,
    ) -> Self {
        let is_active = route.deployed().is_some_and(|deployed| deployed.id == version.id);
        Self {
            version_id: &version.id,
            active: if is_active { "true" } else { "false" },
            created_at: version.created_at,
            data: version.elements.to_string(),
            is_valid: graph::is_valid(&version.elements, providers),
            comment: version.comment.as_deref(),
        }
    }
}

/// A deployment.
#[derive(Serialize)]
pub(super) struct Deployment<'a> {
    deployment_id: &'a str,
    version_id: &'a str,
    created_at: Timestamp,
    comment: Option<&'a str>,
}

impl<'a> Deployment<'a> {
    pub(super) fn of(deployment: &'a RouteDeployment) -> Self {
        Self {
            deployment_id: &deployment.id,
            version_id: &deployment.version_id,
            created_at: deployment.created_at,
            comment: deployment.comment.as_deref(),
        }
    }
}
