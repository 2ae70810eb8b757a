//! What the management API asks about stored keys: how they fare, and whether a provider takes one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use weir_core::counters::{CounterKey, Draw, Drawn, Window};
use weir_core::credential::BoundTo;
use weir_core::keys::{KeyState, KeyStatus, KeyTest, NotTested, ProviderKeys};
use weir_core::route::Technique;
use weir_core::secrets::{ProviderConfig, StoredSecret};
use weir_core::{Error, Kind, Snapshot};
use weir_llm::auth::stored::ProviderCredential;
use weir_llm::catalogue;

use super::pool::{Member, of_stored};
use super::{Resolved, Wire, check_place, headers};
use crate::plane::{DataPlane, Shared};
use crate::target::Target;
use crate::upstream::{SendBody, UpstreamRequest};

/// Tests of one key in a minute.
const MOST: u64 = 10;

/// Longest wait for the provider.
const PATIENCE: Duration = Duration::from_secs(15);

#[async_trait]
impl ProviderKeys for DataPlane {
    fn status(&self, key: &ProviderConfig, secret: &StoredSecret) -> KeyStatus {
        let shared = self.shared();
        let id = of_stored(key, secret.modified);
        match shared.key_health.rest(&id, shared.clock.now()) {
            None => KeyStatus::default(),
            Some(rest) => KeyStatus {
                state: KeyState::Cooling,
                until: Some(rest.until),
                reason: Some(format!("status {}", rest.status).into()),
            },
        }
    }

    async fn test(
        &self,
        snapshot: Arc<Snapshot>,
        key: &ProviderConfig,
    ) -> Result<KeyTest, NotTested> {
        let shared = self.shared();
        let check = Check::of(&snapshot, key)?;
        let draw = Draw {
            key: CounterKey::of(&[b"key test", key.id.as_bytes()]),
            window: Window { seconds: 60, technique: Technique::Sliding },
            limit: MOST,
            amount: 1,
        };
        if let Drawn::Full(_) = shared.counters.draw(&draw, shared.clock.now()).await {
            return Err(NotTested::TooOften);
        }
        let began = Instant::now();
        let asking = tokio::time::timeout(PATIENCE, check.run(shared, &snapshot, key));
        let answered = asking.await.unwrap_or_else(|_| {
            let text = format!("it sent nothing within {} s", PATIENCE.as_secs());
            Err(Error::new(Kind::Timeout, "The provider does not answer").with_hint(text))
        });
        let latency_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let id = snapshot
            .configuration()
            .get::<StoredSecret>(&key.account_id, &key.secret_id)
            .map(|secret| of_stored(key, secret.modified));
        let (ok, status, message) = match answered {
            Ok(status) => {
                let (ok, message) = verdict(status);
                (ok, (status > 0).then_some(status), message.to_owned())
            }
            Err(error) => {
                let ok = (error.kind() == Kind::KeyRejected).then_some(false);
                (ok, None, error.description().into_owned())
            }
        };
        if let Some(id) = id {
            let now = shared.clock.now();
            match (ok, status) {
                (Some(false), status) => {
                    shared.key_health.refused(&id, status.unwrap_or(401), None, now);
                }
                (Some(true), Some(status)) if status < 400 => shared.key_health.forget(&id.of),
                _ => {}
            }
        }
        Ok(KeyTest { ok, status, message, latency_ms })
    }
}

/// What a provider's status says about a key.
const fn verdict(status: u16) -> (Option<bool>, &'static str) {
    match status {
        // A token was given for the key, which nothing was asked with.
        0 => (Some(true), "the key was exchanged for a token"),
        200..=299 => (Some(true), "the provider takes the key"),
        401 => (Some(false), "the provider rejects the key"),
        403 => (Some(false), "the provider knows the key and does not permit the call"),
        429 => (Some(true), "the provider takes the key, which has used up its limit there"),
        500..=599 => (None, "the provider has a fault of its own: try again later"),
        _ => (None, "the provider's answer does not tell whether it takes the key"),
    }
}

/// How a key is tried.
enum Check {
    /// By this path after the slug.
    Call { path: &'static str, row: Option<&'static catalogue::Provider> },
    /// By the exchange of the key for a token.
    Exchange,
}

impl Check {
    fn of(snapshot: &Snapshot, key: &ProviderConfig) -> Result<Self, NotTested> {
        let slug = key.provider_slug.as_str();
        let Some(row) = catalogue::find(slug) else {
            let custom = slug.strip_prefix("custom-").unwrap_or(slug);
            let custom = snapshot.custom_provider(key.account_id.as_str(), custom);
            let versioned =
                custom.is_some_and(|custom| custom.base_url.trim_end_matches('/').ends_with("/v1"));
            let path = if versioned { "models" } else { "v1/models" };
            return Ok(Self::Call { path, row: None });
        };
        match row.key_check() {
            Some(path) => Ok(Self::Call { path, row: Some(row) }),
            None if row.slug == "google-vertex-ai" => Ok(Self::Exchange),
            None => Err(NotTested::NoCheck(format!(
                "no call of {slug} is known that would tell at no cost: make a small one"
            ))),
        }
    }

    /// Makes the call. Gives the provider's status, or 0 for a token.
    async fn run(
        &self,
        shared: &Shared,
        snapshot: &Snapshot,
        key: &ProviderConfig,
    ) -> Result<u16, Error> {
        let slug = key.provider_slug.as_str();
        let credential = shared.stored_keys.open(shared, snapshot, key, slug).await?;
        let (path, row) = match self {
            Self::Call { path, row } => (*path, *row),
            Self::Exchange => {
                let ProviderCredential::GoogleServiceAccount(account) = &*credential else {
                    let text = "The key is no service account";
                    return Err(Error::new(Kind::BadRequest, text)
                        .with_hint("an access token is only tried by a call of a model"));
                };
                return shared.google_tokens.token(shared, account).await.map(|_| 0);
            }
        };
        let mut forward = HeaderMap::new();
        for (name, value) in row.into_iter().flat_map(catalogue::Provider::key_check_headers) {
            forward.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        forward.insert(http::header::ACCEPT, HeaderValue::from_static("application/json"));
        let account = key.account_id.as_str();
        let target =
            shared.targets.find(account, slug, path, &forward, snapshot, &shared.upstream)?;
        let id = of_stored(key, key.modified_at);
        let config = Arc::new(key.clone());
        let member = Member::Stored(&config);
        let resolved = Resolved {
            source: member.source(),
            credential: Some(Arc::clone(&credential)),
            key: Some(member.used(id, Vec::new())),
        };
        check_place(&resolved, &target)?;
        let request = request(shared, &credential, target.clone(), path, forward).await?;
        let response = shared.upstream.send(&target.endpoint, request).await?;
        Ok(response.status().as_u16())
    }
}

async fn request(
    shared: &Shared,
    credential: &ProviderCredential,
    target: Target,
    rest: &str,
    mut forward: HeaderMap,
) -> Result<UpstreamRequest, Error> {
    let wire = Wire {
        shared,
        row: target.provider,
        method: &Method::GET,
        host: &target.endpoint.origin().authority(),
        path: &target.path,
        rest,
        body: Some(b""),
        unified: false,
    };
    let mut credentials = headers(credential, &wire).await?;
    for (name, value) in target.own_headers {
        if let Ok(mut value) = HeaderValue::from_str(&value.0) {
            value.set_sensitive(true);
            credentials.retain(|(sent, _)| *sent != name);
            forward.insert(name, value);
        }
    }
    Ok(UpstreamRequest {
        method: Method::GET,
        path: target.path,
        headers: forward,
        credentials: BoundTo::new(target.endpoint.origin().clone(), credentials),
        body: SendBody::whole(Bytes::new()),
        replay: Some(Bytes::new()),
    })
}
