//! The control plane: the management API, under `/client/v4`.
//!
//! A call goes through four files. `routes` is the table of every route with the
//! permission it needs; `auth` admits the caller or refuses it; a handler of `v4` reads from the
//! snapshot or the log store; `envelope` gives the answer, or the error, its outer shape.
//!
//! Gateways come from the snapshot that the data plane works by, so what this API shows is what is
//! in force. One call keeps one snapshot from its authentication to its answer.

mod auth;
mod envelope;
mod error;
mod path;
mod query;
mod routes;
mod v4;

use std::sync::Arc;

use axum::Router;
use axum::routing::any;
use weir_core::snapshot::LiveSnapshot;
use weir_core::store::LogStore;

/// What the management API reads from. A cheap handle.
#[derive(Clone)]
pub struct Api {
    /// Present configuration: gateways and tokens.
    pub snapshot: Arc<LiveSnapshot>,
    /// Log rows and their bodies.
    pub logs: Arc<dyn LogStore>,
}

/// The API as a service for every path under `/client/v4`. An unknown path there is answered in
/// the envelope; other paths are left to the caller's router.
pub fn router(api: Api) -> Router {
    let inner = routes::table(&api).into_router().with_state(api);
    // Nesting does not cover the bare prefix with a slash.
    Router::new().nest("/client/v4", inner).route("/client/v4/", any(routes::no_route))
}

#[cfg(test)]
mod tests;
