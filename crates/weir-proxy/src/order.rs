//! What is sent: the request as the provider gets it, with its credential.

use bytes::Bytes;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Method};
use weir_core::Error;
use weir_llm::auth::stored::ProviderCredential;

use crate::convert::Conversion;
use crate::credential::{self, Resolved, Source, UsedKey, Wire};
use crate::exchange::Facts;
use crate::front::headers::Sifted;
use crate::plane::Shared;
use crate::request_body::RequestBody;
use crate::stream_usage;
use crate::target::Target;
use crate::unified::{self, Resource, Wanted};
use crate::upstream::SendBody;

/// A request for a provider, and how its answer comes back.
pub(crate) struct Order {
    pub(crate) target: Target,
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) credentials: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: SendBody,
    /// The body once more, when it is whole in memory.
    pub(crate) replay: Option<Bytes>,
    /// A key for the provider goes along.
    pub(crate) provider_key: bool,
    pub(crate) placeholder_key: bool,
    pub(crate) source: Source,
    /// Which stored or platform key goes along.
    pub(crate) key: Option<UsedKey>,
    /// We, not the client, asked for the usage of the stream.
    pub(crate) asked_usage: bool,
    /// None when the answer passes as it is.
    pub(crate) conversion: Option<Conversion>,
}

impl Order {
    /// The same request once more. None when its body passes and cannot be sent again.
    pub(crate) fn copy(&self) -> Option<Self> {
        let body = self.replay.clone()?;
        Some(Self {
            target: self.target.clone(),
            method: self.method.clone(),
            headers: self.headers.clone(),
            credentials: self.credentials.clone(),
            body: SendBody::whole(body.clone()),
            replay: Some(body),
            provider_key: self.provider_key,
            placeholder_key: self.placeholder_key,
            source: self.source.clone(),
            key: self.key.clone(),
            asked_usage: self.asked_usage,
            conversion: self.conversion.clone(),
        })
    }
}

/// A call on a provider's own path.
pub(crate) async fn native(
    shared: &Shared,
    facts: &Facts,
    target: Target,
    mut sifted: Sifted,
    mut accepted: RequestBody,
    resolved: Resolved,
    may_ask: bool,
) -> Result<Order, Error> {
    credential::check_place(&resolved, &target)?;
    let asking = accepted.whole.as_deref().filter(|_| may_ask);
    let asking = asking.and_then(|body| stream_usage::ask(body, &mut sifted.forward));
    let asked_usage = asking.is_some();
    if let Some(asking) = asking {
        accepted.send = SendBody::whole(asking.clone());
        accepted.whole = Some(asking);
    }
    let method = facts.call.method.clone();
    // One that stands in the query goes along with the path.
    let sent = resolved.source == Source::Request;
    let mut credentials = sifted.credentials;
    if let Some(credential) = &resolved.credential {
        let wire = Wire {
            shared,
            row: target.provider,
            method: &method,
            host: &target.endpoint.origin().authority(),
            path: &target.path,
            rest: &facts.call.rest,
            body: accepted.whole.as_deref(),
            unified: false,
        };
        let names = target.provider.map_or(&["authorization"][..], |row| row.credential_headers);
        credentials.retain(|(name, _)| !names.contains(&name.as_str()));
        without_signature(credential, &mut sifted.forward);
        // Boxed for its size: it may have to ask for a token.
        credentials.extend(Box::pin(credential::headers(credential, &wire)).await?);
    }
    let provider_key = !credentials.is_empty() || !target.own_headers.is_empty() || sent;
    Ok(Order {
        credentials: moved(credentials, target.bearer_moves_to.as_ref()),
        target,
        method,
        headers: sifted.forward,
        body: accepted.send,
        replay: accepted.whole,
        provider_key,
        placeholder_key: sifted.placeholder_key,
        source: resolved.source,
        key: resolved.key,
        asked_usage,
        conversion: None,
    })
}

/// A call at a unified endpoint: the request is made of the client's.
pub(crate) async fn unified(
    shared: &Shared,
    facts: &Facts,
    wanted: &Wanted,
    query: &str,
    sifted: Sifted,
    resolved: Resolved,
) -> Result<(Order, Vec<Box<str>>), Error> {
    let model = unified::upstream_model(wanted);
    let capabilities = shared.prices.capabilities(wanted.slug.as_str(), model);
    let of = unified::Of {
        shared,
        settings: &facts.gateway.settings,
        capabilities,
        resource: resource(resolved.credential.as_deref()),
        query,
        content_type: facts.call.content_type.as_deref(),
        id: facts.id,
        now: facts.created_at,
    };
    let outgoing = unified::prepare(wanted, &of).await?;
    let mut headers = sifted.forward;
    dress(&mut headers, &outgoing, wanted);
    let target = shared.targets.find(
        facts.gateway.account_id.as_str(),
        wanted.slug.as_str(),
        &outgoing.rest,
        &headers,
        &facts.snapshot,
        &shared.upstream,
    )?;
    credential::check_place(&resolved, &target)?;
    let may_ask = stream_usage::may_ask(&target, &facts.gateway, &Method::POST, &outgoing.rest);
    let may_ask = may_ask && outgoing.conversion.answer.is_same();
    let asking = may_ask.then(|| stream_usage::ask(&outgoing.body, &mut headers)).flatten();
    let asked_usage = asking.is_some();
    let body = asking.unwrap_or(outgoing.body);
    let mut credentials = Vec::new();
    if let Some(credential) = &resolved.credential {
        let wire = Wire {
            shared,
            row: target.provider,
            method: &Method::POST,
            host: &target.endpoint.origin().authority(),
            path: &target.path,
            rest: &outgoing.rest,
            body: Some(&body),
            unified: true,
        };
        credentials = credential::headers(credential, &wire).await?;
    }
    let order = Order {
        provider_key: !credentials.is_empty() || !target.own_headers.is_empty(),
        credentials: moved(credentials, target.bearer_moves_to.as_ref()),
        target,
        method: Method::POST,
        headers,
        body: SendBody::whole(body.clone()),
        replay: Some(body),
        placeholder_key: sifted.placeholder_key,
        source: resolved.source,
        key: resolved.key,
        asked_usage,
        conversion: (!outgoing.conversion.is_none()).then_some(outgoing.conversion),
    };
    Ok((order, outgoing.dropped))
}

/// What paths need of a credential. A Bedrock key of one part has no region (spec: data-plane 1.4).
fn resource(credential: Option<&ProviderCredential>) -> Resource<'_> {
    match credential {
        Some(ProviderCredential::Aws { region, .. }) => Resource { region, project: "" },
        Some(ProviderCredential::GoogleServiceAccount(account)) => Resource {
            region: account.region.as_deref().unwrap_or_default(),
            project: account.project_id.as_deref().unwrap_or_default(),
        },
        _ => Resource { region: "us-east-1", project: "" },
    }
}

/// Makes the headers fit the request that was made.
fn dress(headers: &mut HeaderMap, outgoing: &unified::Outgoing, wanted: &Wanted) {
    if !wanted.operation.is_multipart() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if !outgoing.conversion.is_none() {
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    }
    if !outgoing.conversion.answer.is_same() {
        // They are about a dialect that the provider does not speak.
        let foreign = |name: &HeaderName| {
            let name = name.as_str();
            ["anthropic-", "openai-", "x-goog-", "x-stainless-"]
                .iter()
                .any(|it| name.starts_with(it))
        };
        let foreign: Vec<HeaderName> =
            headers.keys().filter(|name| foreign(name)).cloned().collect();
        for name in foreign {
            headers.remove(name);
        }
    }
    for (name, value) in &outgoing.headers {
        if let (name, Ok(value)) = (HeaderName::from_static(name), HeaderValue::from_str(value))
            && (!outgoing.conversion.answer.is_same() || !headers.contains_key(&name))
        {
            headers.insert(name, value);
        }
    }
}

/// Removes what belongs to a signature of the client's.
fn without_signature(credential: &ProviderCredential, headers: &mut HeaderMap) {
    if matches!(credential, ProviderCredential::Aws { .. }) {
        for name in ["x-amz-date", "x-amz-content-sha256", "x-amz-security-token"] {
            headers.remove(name);
        }
    }
}

/// Moves a bearer credential to the header that the target expects it in.
fn moved(
    credentials: Vec<(HeaderName, HeaderValue)>,
    bearer_moves_to: Option<&HeaderName>,
) -> Vec<(HeaderName, HeaderValue)> {
    let Some(wanted) = bearer_moves_to else { return credentials };
    let moved = credentials.into_iter().map(|(name, value)| {
        let bearer = value.as_bytes().strip_prefix(b"Bearer ");
        match bearer.map(HeaderValue::from_bytes) {
            Some(Ok(mut bare)) if name == header::AUTHORIZATION => {
                bare.set_sensitive(true);
                (wanted.clone(), bare)
            }
            _ => (name, value),
        }
    });
    moved.collect()
}
