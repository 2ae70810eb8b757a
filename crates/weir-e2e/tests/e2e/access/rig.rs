//! A gateway whose account trusts an issuer.

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::{Request, Response};
use weir_e2e::issuer::{Issuer, SigningKey, is_for_issuer};
use weir_e2e::upstream::{Call, Upstream};
use weir_e2e::weir::Config;

use crate::rig::{Rig, chat_body};

/// The chat of a native path.
pub(super) const NATIVE: &str = "/v1/acc1/gw1/openai/chat/completions";

pub(super) struct Trusting {
    pub(super) rig: Rig,
    pub(super) issuer: Issuer,
    /// The issuer's id.
    pub(super) id: String,
}

impl Trusting {
    pub(super) async fn start() -> Result<Self> {
        Self::start_with(|config| config, &json!({})).await
    }

    /// The same, with changes of the configuration and of what is entered of the issuer.
    pub(super) async fn start_with(
        change: impl FnOnce(Config) -> Config,
        entered: &Value,
    ) -> Result<Self> {
        Self::make(Rig::start_with(change).await?, entered, |_, _| ()).await
    }

    /// The same, with an issuer that answers otherwise from the beginning.
    pub(super) async fn prepared(prepare: impl FnOnce(&Issuer, &Upstream)) -> Result<Self> {
        Self::make(Rig::start().await?, &json!({}), prepare).await
    }

    async fn make(
        rig: Rig,
        entered: &Value,
        prepare: impl FnOnce(&Issuer, &Upstream),
    ) -> Result<Self> {
        let issuer = Issuer::at(&rig.upstream, SigningKey::es256("k1")?);
        prepare(&issuer, &rig.upstream);
        let id = issuer.enter(&rig.weir, entered).await?;
        Ok(Self { rig, issuer, id })
    }

    /// Sends a chat with this header.
    pub(super) async fn with(&self, name: &str, value: &str) -> Result<Response> {
        self.rig.weir.send(&chat_at(NATIVE).header(name, value)).await
    }

    /// Sends a chat with this token in the gateway's own header.
    pub(super) async fn with_token(&self, token: &str) -> Result<Response> {
        self.with("cf-aig-authorization", &format!("Bearer {token}")).await
    }

    /// What the providers saw.
    pub(super) fn calls(&self) -> Vec<Call> {
        self.rig.upstream.calls().into_iter().filter(|call| !is_for_issuer(call)).collect()
    }

    /// A figure of the metrics page; 0 when it is not there.
    pub(super) async fn figure(&self, name: &str) -> Result<u64> {
        let page = self.rig.weir.send(&Request::get("/metrics")).await?.text();
        let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        Ok(line.and_then(|value| value.parse().ok()).unwrap_or_default())
    }
}

/// A chat request without any credential.
pub(super) fn chat_at(path: &str) -> Request {
    Request::post(path).json(&chat_body())
}

/// The hint of a refusal.
pub(super) fn hint(response: &Response) -> String {
    response.header("weir-hint").unwrap_or_default().to_owned()
}

/// The labels of a row.
pub(super) fn labels(row: &Value) -> Value {
    let text = row.get("metadata").and_then(Value::as_str).unwrap_or("null");
    serde_json::from_str(text).unwrap_or_default()
}
