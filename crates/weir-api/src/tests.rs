//! The API as a stranger sees it: requests in, status, headers and JSON out. Every answer is held
//! against what its route declares.

mod access;
mod audit;
mod billing;
mod budgets;
mod custom_domains;
mod custom_providers;
mod datasets;
mod dynamic_routes;
mod evaluations;
mod fake_analytics;
mod fake_config;
mod fake_counters;
mod fake_keys;
mod fake_ledger;
pub(crate) mod fake_logs;
mod gateway_changes;
mod gateways;
mod graphql;
mod graphql_faults;
mod graphql_schema;
mod issuers;
mod log_changes;
mod log_explain;
mod log_export;
mod log_facets;
mod log_filters;
mod log_recompute;
mod logs;
mod models;
mod policies;
mod pricing;
mod protocol;
mod provider_configs;
mod provider_costs;
mod route_simulation;
mod secrets_store;
mod stops;
mod tokens;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use weir_core::clock::SystemClock;
use weir_core::config::{Configuration, Resource};
use weir_core::{ApiToken, Gateway, LiveConfiguration, Permission, Timestamp, TokenHash};
use weir_llm::pricing::PriceTable;

use self::fake_config::{FakeConfig, FakeVault};
use self::fake_counters::FakeCounters;
use self::fake_ledger::FakeLedger;
use self::fake_logs::FakeLogs;
use crate::operation::Answer as Declared;
use crate::routes::{METHODS, Route};
use crate::{Api, Background, Options, router, v4};

const GATEWAYS: &str = "/client/v4/accounts/acc1/ai-gateway/gateways";
const SHOP: &str = "/client/v4/accounts/acc1/ai-gateway/gateways/shop";
pub(crate) const LOGS: &str = "/client/v4/accounts/acc1/ai-gateway/gateways/shop/logs";

/// The API over two accounts, one token for each permission, and the given rows.
pub(crate) struct TestApi {
    api: Arc<Api>,
    routes: Vec<Route>,
    logs: Arc<FakeLogs>,
    counters: Arc<FakeCounters>,
    ledger: Arc<FakeLedger>,
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.headers["content-type"], "application/json");
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Checks that this is a failure in the envelope; gives its only error.
    pub(crate) fn error(&self, status: u16, code: u32) -> Value {
        let json = self.json();
        assert_eq!(self.status, status, "{json}");
        assert_eq!(json["success"], false);
        assert_eq!(json["result"], Value::Null);
        assert_eq!(json["messages"], Value::Array(Vec::new()));
        assert_eq!(json["errors"].as_array().unwrap().len(), 1);
        assert_eq!(json["errors"][0]["code"], code, "{json}");
        json["errors"][0].clone()
    }

    /// Checks that this is a success in the envelope; gives all of it.
    pub(crate) fn ok(&self) -> Value {
        let json = self.json();
        assert_eq!(self.status, 200, "{json}");
        assert_eq!(json["success"], true);
        assert_eq!(json["errors"], Value::Array(Vec::new()));
        assert!(json["messages"].is_array());
        json
    }
}

impl TestApi {
    /// Gateways `shop` and `default` in `acc1`, `other` in `acc2`; no logs.
    pub(crate) fn new() -> Self {
        Self::with_logs(FakeLogs::default())
    }

    pub(crate) fn with_logs(logs: FakeLogs) -> Self {
        let gateways = [("acc1", "shop", 2), ("acc1", "default", 1), ("acc2", "other", 1)];
        Self::with(gateways.map(|(account, id, at)| gateway(account, id, at)).into(), logs)
    }

    pub(crate) fn with(gateways: Vec<Gateway>, logs: FakeLogs) -> Self {
        Self::with_options(gateways, logs, Options::default())
    }

    pub(crate) fn with_options(gateways: Vec<Gateway>, logs: FakeLogs, options: Options) -> Self {
        let mut configuration = Configuration::default();
        for gateway in gateways {
            configuration.put(&gateway.into_object());
        }
        for permission in Permission::EVERY {
            configuration.put(&token(&secret(permission), permission).into_object());
        }
        let all = |secret| token(secret, Permission::All);
        let past = Some(Timestamp::from_millis(1));
        let shop_only = Some(vec!["shop".into()]);
        for token in [
            ApiToken { revoked_at: past, ..all("tok-revoked") },
            ApiToken { expires_at: past, ..all("tok-expired") },
            ApiToken { disabled: true, ..all("tok-disabled") },
            ApiToken { gateways: shop_only, ..all("tok-shop-only") },
        ] {
            configuration.put(&token.into_object());
        }
        let store = Arc::new(FakeConfig::of(configuration));
        let opening = LiveConfiguration::open(store);
        let configuration =
            Arc::new(futures_util::FutureExt::now_or_never(opening).unwrap().unwrap());
        let logs = Arc::new(logs);
        let counters = Arc::new(FakeCounters::default());
        let ledger = Arc::new(FakeLedger::default());
        let api = Arc::new(Api {
            configuration,
            logs: logs.clone(),
            vault: Arc::new(FakeVault),
            prices: Arc::clone(PriceTable::builtin()),
            counters: Some(counters.clone()),
            ledger: ledger.clone(),
            clock: Arc::new(SystemClock),
            keys: Some(Arc::new(fake_keys::FakeKeys)),
            options,
            background: Background::default(),
        });
        let routes = v4::table(Arc::clone(&api)).routes().to_vec();
        Self { api, routes, logs, counters, ledger }
    }

    pub(crate) fn api(&self) -> Arc<Api> {
        Arc::clone(&self.api)
    }

    /// The store behind, to look into.
    pub(crate) fn logs(&self) -> &FakeLogs {
        &self.logs
    }

    /// The counters behind, to fill.
    pub(crate) fn counters(&self) -> &FakeCounters {
        &self.counters
    }

    /// The ledger behind, to fill and to look into.
    pub(crate) fn ledger(&self) -> &FakeLedger {
        &self.ledger
    }

    /// A call with the header values given, and no body.
    pub(crate) async fn send(&self, method: Method, uri: &str, headers: &[(&str, &str)]) -> Answer {
        self.send_body(method, uri, headers, Body::empty()).await
    }

    /// A call with the header values and the body given. An answer that is not what the route
    /// declares fails the test.
    pub(crate) async fn send_body(
        &self,
        method: Method,
        uri: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Answer {
        let mut request = Request::builder().method(&method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let service: Router = router(self.api());
        let answer = service.oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        let answer = Answer { status: parts.status, headers: parts.headers, body };
        if let Some(route) = self.route(&method, uri) {
            declared(route, &answer);
        }
        answer
    }

    /// A call with a JSON body, by a token that may do everything.
    pub(crate) async fn call(&self, method: Method, uri: &str, body: &Value) -> Answer {
        let headers = [("authorization", "Bearer tok-*"), ("content-type", "application/json")];
        self.send_body(method, uri, &headers, Body::from(body.to_string())).await
    }

    pub(crate) async fn post(&self, uri: &str, body: &Value) -> Answer {
        self.call(Method::POST, uri, body).await
    }

    pub(crate) async fn put(&self, uri: &str, body: &Value) -> Answer {
        self.call(Method::PUT, uri, body).await
    }

    pub(crate) async fn patch(&self, uri: &str, body: &Value) -> Answer {
        self.call(Method::PATCH, uri, body).await
    }

    pub(crate) async fn delete(&self, uri: &str) -> Answer {
        self.send(Method::DELETE, uri, &[("authorization", "Bearer tok-*")]).await
    }

    /// A call with a JSON body, by the token that holds `permission` and nothing else.
    pub(crate) async fn call_as(
        &self,
        permission: Permission,
        method: Method,
        uri: &str,
        body: &Value,
    ) -> Answer {
        let value = format!("Bearer {}", secret(permission));
        self.send_body(method, uri, &[("authorization", &value)], Body::from(body.to_string()))
            .await
    }

    /// A GET with the token that holds `permission` and nothing else.
    pub(crate) async fn get_as(&self, permission: Permission, uri: &str) -> Answer {
        let value = format!("Bearer {}", secret(permission));
        self.send(Method::GET, uri, &[("authorization", &value)]).await
    }

    /// A GET by a token that may do everything.
    pub(crate) async fn get(&self, uri: &str) -> Answer {
        self.get_as(Permission::All, uri).await
    }

    fn route(&self, method: &Method, uri: &str) -> Option<&Route> {
        let path = uri.split('?').next()?.strip_prefix("/client/v4")?;
        let (filter, _) = METHODS.into_iter().find(|(_, name)| *name.to_uppercase() == *method)?;
        let fits = |route: &&Route| {
            let (mut given, mut declared) = (path.split('/'), route.path.split('/'));
            loop {
                match (declared.next(), given.next()) {
                    (None, None) => return true,
                    (Some(part), Some(_)) if part.starts_with("{*") => return true,
                    (Some(part), Some(other)) if part == other || part.starts_with('{') => {}
                    _ => return false,
                }
            }
        };
        let mut candidates = self.routes.iter().filter(|route| route.method == filter).filter(fits);
        // A literal segment wins over a parameter.
        let first = candidates.next()?;
        Some(candidates.fold(first, |best, other| {
            let wildcards = |route: &Route| route.path.matches('{').count();
            if wildcards(other) < wildcards(best) { other } else { best }
        }))
    }
}

/// Holds a success against the declaration of its route.
fn declared(route: &Route, answer: &Answer) {
    if answer.status != 200 {
        return;
    }
    let refusals = match route.operation.answer {
        Declared::Raw => return,
        Declared::Bare(schema) => schema.check_answer(&answer.json()),
        Declared::Result(schema) => schema.check_answer(&answer.ok()["result"]),
        Declared::List(schema) => {
            let answer = answer.ok();
            let info = &answer["result_info"];
            assert!(info["page"].is_u64() && info["total_count"].is_u64(), "{info}");
            let rows = answer["result"].as_array().unwrap();
            rows.iter().flat_map(|row| schema.check_answer(row)).collect()
        }
        Declared::Beside(schema) => {
            let mut fields = answer.ok();
            for name in ["success", "errors", "messages"] {
                fields.as_object_mut().unwrap().remove(name);
            }
            schema.check_answer(&fields)
        }
    };
    assert!(refusals.is_empty(), "{}: {refusals:?}", route.operation.id);
}

/// The value of the token that holds `permission` in `acc1`.
pub(crate) fn secret(permission: Permission) -> String {
    format!("tok-{}", permission.name().to_lowercase().replace(' ', "-"))
}

pub(crate) fn token(secret: &str, permission: Permission) -> ApiToken {
    ApiToken {
        id: secret.into(),
        account_id: "acc1".into(),
        name: secret.to_owned(),
        hash: TokenHash::of(secret.as_bytes()),
        length: u16::try_from(secret.len()).unwrap(),
        permissions: vec![permission],
        gateways: None,
        models: None,
        ip_allow: Vec::new(),
        budgets: Vec::new(),
        disabled: false,
        not_before: None,
        created_at: Timestamp::from_millis(0),
        expires_at: None,
        modified_at: None,
        revoked_at: None,
    }
}

fn gateway(account: &str, id: &str, created_at: i64) -> Gateway {
    Gateway::with_defaults(account.into(), id.into(), Timestamp::from_millis(created_at))
}
