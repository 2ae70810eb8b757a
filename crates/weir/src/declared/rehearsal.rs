//! The management API over a copy of the configuration, in memory: what it accepts may then be
//! stored for good, and what it refuses has touched nothing.

mod stores;

use std::sync::Arc;

use anyhow::Context;
use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use http::{Method, Request, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use weir_core::clock::SystemClock;
use weir_core::config::{Configuration, Resource};
use weir_core::live::LiveConfiguration;
use weir_core::{AccountId, ApiToken, Permission, Snapshot};
use weir_llm::pricing::PriceTable;
use weir_store::MemoryLedger;

use self::stores::{MemoryStore, NoLogs, NoVault};
use super::api::{Api, CallError};
use crate::bootstrap;

/// A copy of the configuration with its API.
pub(crate) struct Rehearsal {
    before: Configuration,
    live: Arc<LiveConfiguration>,
    router: Router,
    /// Of a token that exists in the copy alone.
    secret: String,
}

impl Rehearsal {
    /// A copy of `configuration`, to be changed in the name of `account`.
    pub(crate) async fn of(
        configuration: &Configuration,
        account: &AccountId,
        options: weir_api::Options,
    ) -> anyhow::Result<Self> {
        let secret = bootstrap::random_secret();
        let token: ApiToken =
            bootstrap::token("rehearsal", account.clone(), &secret, vec![Permission::All], None);
        let mut copy = configuration.clone();
        copy.put(&token.into_object());
        let live = Arc::new(LiveConfiguration::open(Arc::new(MemoryStore::new(copy))).await?);
        let api = weir_api::Api {
            configuration: Arc::clone(&live),
            logs: Arc::new(NoLogs),
            vault: Arc::new(NoVault),
            prices: Arc::clone(PriceTable::builtin()),
            counters: None,
            ledger: Arc::new(MemoryLedger::default()),
            clock: Arc::new(SystemClock),
            keys: None,
            options,
            background: weir_api::Background::default(),
        };
        let router = weir_api::router(Arc::new(api));
        Ok(Self { before: configuration.clone(), live, router, secret })
    }

    /// What was copied.
    pub(super) const fn before(&self) -> &Configuration {
        &self.before
    }

    /// What became of it.
    pub(super) fn now(&self) -> Arc<Snapshot> {
        self.live.snapshot()
    }

    /// For what the API has no call for.
    pub(super) const fn live(&self) -> &Arc<LiveConfiguration> {
        &self.live
    }

    /// The API's own description of itself.
    pub(crate) async fn openapi(&self) -> anyhow::Result<Value> {
        Ok(self.call(Method::GET, "/openapi.json", None).await?)
    }
}

#[async_trait]
impl Api for Rehearsal {
    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, CallError> {
        let request = Request::builder()
            .method(method)
            .uri(format!("/client/v4{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.secret))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())))
            .context("no such path can be")
            .map_err(CallError::Failed)?;
        let answer = match self.router.clone().oneshot(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        };
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.map_err(|error| CallError::Failed(error.into()))?;
        let answer = serde_json::from_slice(&body.to_bytes())
            .context("the answer is not JSON")
            .map_err(CallError::Failed)?;
        if parts.status.is_success() {
            return Ok(answer);
        }
        Err(CallError::refused(parts.status.as_u16(), &answer))
    }
}
