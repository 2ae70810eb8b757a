//! Keys in a KV store that speaks the API of HashiCorp's Vault, version 2 of its KV engine.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Deserialize;
use serde_json::value::RawValue;
use weir_core::Secret;
use weir_core::credential::BoundTo;

use super::{Looked, Missing, file};
use crate::plane::Shared;
use crate::upstream::origin::Origin;
use crate::upstream::{SendBody, TlsIdentity, UpstreamRequest};

/// The name of the store's connections; no slug of a provider.
pub(crate) const VAULT: &str = "secrets.vault";

/// Longest answer that is read, in bytes.
const LONGEST: usize = 1024 * 1024;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a value is good when nothing else is said, and at most.
const GOOD_FOR: Duration = Duration::from_secs(60);
const LONGEST_LEASE: Duration = Duration::from_secs(3600);

/// Where the store is, and as whom it is asked.
#[derive(Debug)]
pub struct VaultSettings {
    /// Scheme, host and port.
    pub address: Origin,
    /// The token, or the file that holds it, read at each question.
    pub token: VaultToken,
    /// The namespace, where there are several.
    pub namespace: Option<HeaderValue>,
    /// Whom we trust there, and who we say we are.
    pub identity: TlsIdentity,
    /// How long a value is good when its lease does not tell.
    pub ttl: Option<Duration>,
}

/// What the store is asked with.
#[derive(Debug)]
pub enum VaultToken {
    /// The token itself.
    Value(Secret<String>),
    /// A file, as agents write it.
    File(String),
}

impl VaultSettings {
    /// Reads a field of a secret at a mount and a path below it.
    pub(super) async fn read(
        &self,
        shared: &Shared,
        (mount, path): (&str, &str),
        field: &str,
    ) -> Result<Looked, Missing> {
        let asking = tokio::time::timeout(PATIENCE, self.ask(shared, mount, path));
        let (status, body) = asking
            .await
            .unwrap_or_else(|_| Err(Missing::passing("the KV store does not answer")))?;
        let refused = match status {
            200 => return self.field(&body, field),
            401 | 403 => Missing::gone("the KV store does not let its token read this"),
            404 => Missing::gone("the KV store has no such secret"),
            _ => Missing::passing(format!("the KV store answers {status}")),
        };
        Err(refused)
    }

    fn field(&self, body: &[u8], field: &str) -> Result<Looked, Missing> {
        let answer: Answer<'_> = serde_json::from_slice(body)
            .map_err(|_| Missing::passing("the KV store's answer cannot be read"))?;
        // A deleted version has no data.
        let data = answer.data.data.ok_or_else(|| Missing::gone("the secret was deleted"))?;
        let value = data.get(field).ok_or_else(|| Missing::gone("the secret has no such field"))?;
        let text: String = serde_json::from_str(value.get())
            .map_err(|_| Missing::gone("the field of the secret is no text"))?;
        if text.is_empty() {
            return Err(Missing::gone("the field of the secret is empty"));
        }
        let lease = Some(answer.lease_duration).filter(|seconds| *seconds > 0);
        let lease = lease.map(|seconds| Duration::from_secs(seconds).min(LONGEST_LEASE));
        let good_for = lease.or(self.ttl).unwrap_or(GOOD_FOR);
        Ok(Looked { text: Secret::new(text), good_for })
    }

    async fn ask(
        &self,
        shared: &Shared,
        mount: &str,
        path: &str,
    ) -> Result<(u16, Vec<u8>), Missing> {
        let path = format!("/v1/{mount}/data/{path}");
        let path = PathAndQuery::from_maybe_shared(Bytes::from(path))
            .map_err(|_| Missing::gone("the path cannot be asked for"))?;
        let token = match &self.token {
            VaultToken::Value(token) => token.clone(),
            VaultToken::File(path) => {
                file::read(path.clone(), None).await.map_err(|missing| Missing {
                    reason: format!("secrets.vault.token_file: {}", missing.reason),
                    ..missing
                })?
            }
        };
        let mut token = HeaderValue::from_str(token.expose())
            .map_err(|_| Missing::gone("the KV store's token has forbidden characters"))?;
        token.set_sensitive(true);
        let mut headers = HeaderMap::new();
        if let Some(namespace) = &self.namespace {
            headers.insert(HeaderName::from_static("x-vault-namespace"), namespace.clone());
        }
        headers
            .insert(HeaderName::from_static("x-vault-request"), HeaderValue::from_static("true"));
        let endpoint = shared.upstream.endpoint_of(VAULT, &self.address);
        let request = UpstreamRequest {
            method: Method::GET,
            path,
            headers,
            credentials: BoundTo::new(
                self.address.clone(),
                vec![(HeaderName::from_static("x-vault-token"), token)],
            ),
            body: SendBody::whole(Bytes::new()),
            replay: Some(Bytes::new()),
        };
        let response = shared.upstream.send(&endpoint, request).await.map_err(|error| {
            let hint = error.hint().unwrap_or("no connection to it");
            Missing::passing(format!("the KV store: {hint}"))
        })?;
        let status = response.status().as_u16();
        let body = response.into_body().whole(LONGEST).await;
        let body = body.map_err(|_| Missing::passing("the KV store's answer broke off"))?;
        Ok((status, body))
    }
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(default)]
    lease_duration: u64,
    #[serde(borrow)]
    data: Versioned<'a>,
}

#[derive(Deserialize)]
struct Versioned<'a> {
    #[serde(borrow)]
    data: Option<HashMap<String, &'a RawValue>>,
}
