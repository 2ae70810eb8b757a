//! The API as a stranger sees it: requests in, status, headers and JSON out.

mod access;
mod fake;
mod gateways;
mod logs;
mod protocol;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use weir_core::snapshot::{Configuration, LiveSnapshot};
use weir_core::{ApiToken, Gateway, Permission, Snapshot, Timestamp, TokenHash};

use self::fake::FakeLogs;
use crate::{Api, router};

const GATEWAYS: &str = "/client/v4/accounts/acc1/ai-gateway/gateways";
const LOGS: &str = "/client/v4/accounts/acc1/ai-gateway/gateways/shop/logs";

/// The API over two accounts, one token for each permission, and the given rows.
struct TestApi {
    api: Api,
}

/// An answer, read to its end.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        assert_eq!(self.headers["content-type"], "application/json");
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Checks that this is a failure in the envelope; gives its only error.
    fn error(&self, status: u16, code: u32) -> Value {
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
    fn ok(&self) -> Value {
        let json = self.json();
        assert_eq!(self.status, 200, "{json}");
        assert_eq!(json["success"], true);
        assert_eq!(json["errors"], Value::Array(Vec::new()));
        assert_eq!(json["messages"], Value::Array(Vec::new()));
        json
    }
}

impl TestApi {
    fn new(logs: FakeLogs) -> Self {
        let gateways = [("acc1", "shop", 2), ("acc1", "default", 1), ("acc2", "other", 1)];
        Self::with(gateways.map(|(account, id, at)| gateway(account, id, at)).into(), logs)
    }

    fn with(gateways: Vec<Gateway>, logs: FakeLogs) -> Self {
        let mut tokens: Vec<ApiToken> = Permission::EVERY
            .into_iter()
            .map(|permission| token(&secret(permission), permission))
            .collect();
        let revoked_at = Some(Timestamp::from_millis(1));
        tokens.push(ApiToken { revoked_at, ..token("tok-revoked", Permission::All) });
        let expires_at = Some(Timestamp::from_millis(1));
        tokens.push(ApiToken { expires_at, ..token("tok-expired", Permission::All) });
        let configuration = Configuration { gateways, tokens, ..Default::default() };
        let snapshot = Arc::new(LiveSnapshot::from_pointee(Snapshot::new(configuration)));
        Self { api: Api { snapshot, logs: Arc::new(logs) } }
    }

    /// A call with the header values given.
    async fn send(&self, method: Method, uri: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let service: Router = router(self.api.clone());
        let answer = service.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// A GET with the token that holds `permission` and nothing else.
    async fn get_as(&self, permission: Permission, uri: &str) -> Answer {
        let value = format!("Bearer {}", secret(permission));
        self.send(Method::GET, uri, &[("authorization", &value)]).await
    }

    async fn get(&self, uri: &str) -> Answer {
        self.get_as(Permission::Read, uri).await
    }
}

/// The value of the token that holds `permission` in `acc1`.
fn secret(permission: Permission) -> String {
    format!("tok-{}", permission.name().to_lowercase().replace(' ', "-"))
}

fn token(secret: &str, permission: Permission) -> ApiToken {
    ApiToken {
        id: secret.into(),
        account_id: "acc1".into(),
        name: secret.to_owned(),
        hash: TokenHash::of(secret.as_bytes()),
        length: u16::try_from(secret.len()).unwrap(),
        permissions: vec![permission],
        created_at: Timestamp::from_millis(0),
        expires_at: None,
        revoked_at: None,
    }
}

fn gateway(account: &str, id: &str, created_at: i64) -> Gateway {
    Gateway::with_defaults(account.into(), id.into(), Timestamp::from_millis(created_at))
}
