//! The table of routes. A route cannot be served without stating the permission it needs, because
//! one call does both; tests walk the same table.

use std::collections::BTreeSet;

use axum::Router;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, on, options};
use http::header::ALLOW;
use weir_core::Permission;

use crate::auth::{Gate, require};
use crate::error::ApiError;
use crate::{Api, envelope, v4};

/// One route, as declared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    /// Path below `/client/v4`, parameters in braces.
    pub(crate) path: &'static str,
    /// Method. `GET` serves `HEAD` too.
    pub(crate) method: MethodFilter,
    /// What the caller's token must grant.
    pub(crate) permission: Permission,
}

/// Every route of this version, with the permission it needs (spec: management-api 1.5).
///
/// "Read" in the specification means either of the two reading permissions unless it says "not
/// Metadata Read"; [`Permission::grants`] lets the greater one pass where the lesser suffices.
pub(crate) fn table(api: &Api) -> Table<'_> {
    const GET: MethodFilter = MethodFilter::GET;
    const GATEWAYS: &str = "/accounts/{account_id}/ai-gateway/gateways";
    const GATEWAY: &str = "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}";
    const LOGS: &str = "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/logs";
    const LOG: &str = "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/logs/{log_id}";
    const REQUEST: &str =
        "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/logs/{log_id}/request";
    const RESPONSE: &str =
        "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/logs/{log_id}/response";

    Table::new(api)
        .route(GATEWAYS, GET, Permission::MetadataRead, v4::gateways::list)
        .route(GATEWAY, GET, Permission::MetadataRead, v4::gateways::get)
        .route(LOGS, GET, Permission::MetadataRead, v4::logs::list)
        .route(LOG, GET, Permission::MetadataRead, v4::logs::get)
        .route(REQUEST, GET, Permission::Read, v4::logs::request)
        .route(RESPONSE, GET, Permission::Read, v4::logs::response)
}

/// A router and the record of what was put into it.
pub(crate) struct Table<'a> {
    api: &'a Api,
    router: Router<Api>,
    routes: Vec<Route>,
}

impl<'a> Table<'a> {
    fn new(api: &'a Api) -> Self {
        Self { api, router: Router::new(), routes: Vec::new() }
    }

    /// Serves `handler` at `path` to callers who hold `permission`, and records that.
    fn route<H, T>(
        mut self,
        path: &'static str,
        method: MethodFilter,
        permission: Permission,
        handler: H,
    ) -> Self
    where
        H: Handler<T, Api>,
        T: 'static,
    {
        let route = Route { path, method, permission };
        let gate = Gate { snapshot: self.api.snapshot.clone(), route };
        let guarded = on(method, handler).route_layer(from_fn_with_state(gate, require));
        self.router = self.router.route(path, guarded);
        self.routes.push(route);
        self
    }

    /// What was declared, in its order.
    #[cfg(test)]
    pub(crate) fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// The router, with answers in the envelope for whatever no route takes.
    pub(crate) fn into_router(self) -> Router<Api> {
        let mut router = self.router;
        let paths: BTreeSet<&str> = self.routes.iter().map(|route| route.path).collect();
        for path in paths {
            // A question about the path, not about what lies there: it needs no credential.
            let allow = allowed_methods(&self.routes, path);
            let answer = move || async { ([(ALLOW, allow)], envelope::nothing()) };
            router = router.route(path, options(answer));
        }
        router.fallback(no_route).method_not_allowed_fallback(no_method)
    }
}

fn allowed_methods(routes: &[Route], path: &str) -> String {
    const NAMES: [(MethodFilter, &str); 5] = [
        (MethodFilter::GET, "GET,HEAD"),
        (MethodFilter::POST, "POST"),
        (MethodFilter::PUT, "PUT"),
        (MethodFilter::PATCH, "PATCH"),
        (MethodFilter::DELETE, "DELETE"),
    ];
    let here = |method| routes.iter().any(|route| route.path == path && route.method == method);
    let names = NAMES.into_iter().filter(|(method, _)| here(*method)).map(|(_, name)| name);
    names.chain(["OPTIONS"]).collect::<Vec<_>>().join(",")
}

/// Answers a path that no route takes.
pub(crate) async fn no_route() -> ApiError {
    ApiError::NoRoute
}

async fn no_method() -> ApiError {
    ApiError::MethodNotAllowed
}
