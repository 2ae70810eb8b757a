//! The table of routes. A route cannot be served without stating who may call it and what it takes
//! and gives, because one call does all of it; tests and the OpenAPI document walk the same table.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, on, options};
use http::header::ALLOW;

use crate::admission::{Gate, admit};
use crate::error::ApiError;
use crate::operation::{Access, Operation};
use crate::{Api, envelope};

/// One route, as declared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    /// Path below `/client/v4`, parameters in braces.
    pub(crate) path: &'static str,
    /// Method. `GET` serves `HEAD` too.
    pub(crate) method: MethodFilter,
    /// Who may call.
    pub(crate) access: Access,
    /// What it takes and gives.
    pub(crate) operation: &'static Operation,
}

/// A router and the record of what was put into it.
pub(crate) struct Table {
    api: Arc<Api>,
    router: Router<Arc<Api>>,
    routes: Vec<Route>,
}

/// Methods by name.
pub(crate) const METHODS: [(MethodFilter, &str); 5] = [
    (MethodFilter::GET, "get"),
    (MethodFilter::POST, "post"),
    (MethodFilter::PUT, "put"),
    (MethodFilter::PATCH, "patch"),
    (MethodFilter::DELETE, "delete"),
];

impl Table {
    pub(crate) fn new(api: Arc<Api>) -> Self {
        Self { api, router: Router::new(), routes: Vec::new() }
    }

    /// Serves `handler` at `path` to those whom `access` lets in, and records that.
    pub(crate) fn route<H, T>(
        mut self,
        method: MethodFilter,
        path: &'static str,
        access: impl Into<Access>,
        operation: &'static Operation,
        handler: H,
    ) -> Self
    where
        H: Handler<T, Arc<Api>>,
        T: 'static,
    {
        let route = Route { path, method, access: access.into(), operation };
        let gate = Gate { api: Arc::clone(&self.api), route };
        let guarded = on(method, handler).route_layer(from_fn_with_state(gate, admit));
        self.router = self.router.route(path, guarded);
        self.routes.push(route);
        self
    }

    /// What was declared, in its order.
    pub(crate) fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// The router, with answers in the envelope for whatever no route takes.
    pub(crate) fn into_router(self) -> Router {
        let mut router = self.router;
        let paths: BTreeSet<&str> = self.routes.iter().map(|route| route.path).collect();
        for path in paths {
            // A question about the path, not about what lies there: it needs no credential.
            let allow = allowed_methods(&self.routes, path);
            let answer = move || async { ([(ALLOW, allow)], envelope::nothing()) };
            router = router.route(path, options(answer));
        }
        let router = router.fallback(no_route).method_not_allowed_fallback(no_method);
        router.with_state(self.api)
    }
}

fn allowed_methods(routes: &[Route], path: &str) -> String {
    let here = |method| routes.iter().any(|route| route.path == path && route.method == method);
    let names =
        METHODS.into_iter().filter(|(method, _)| here(*method)).map(|(_, name)| match name {
            "get" => "GET,HEAD".to_owned(),
            other => other.to_uppercase(),
        });
    names.chain(["OPTIONS".to_owned()]).collect::<Vec<_>>().join(",")
}

/// Answers a path that no route takes.
pub(crate) async fn no_route() -> ApiError {
    ApiError::NoRoute
}

async fn no_method() -> ApiError {
    ApiError::MethodNotAllowed
}
