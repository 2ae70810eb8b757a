//! Which credential goes to the provider, and how it is put on the request (spec: data-plane 2.4 to
//! 2.6).

mod apply;
mod bound;
mod google;
mod health;
mod platform;
mod pool;
mod reference;
mod stored;
mod trial;

use std::sync::Arc;

use http::{HeaderName, HeaderValue, Method};
use weir_core::secrets::{DEFAULT_ALIAS, ProviderConfig};
use weir_core::{Error, Kind, Secret};
use weir_llm::auth::stored::{ProviderCredential, read};
use weir_llm::catalogue::{self, Provider};
use weir_llm::request::model_type;

pub(crate) use apply::{Wire, headers};
pub(crate) use bound::check as check_place;
pub(crate) use google::GoogleTokens;
pub(crate) use health::{KeyHealth, KeyId};
pub use platform::{Material, PlatformKeys};
pub(crate) use pool::UsedKey;
pub use reference::{ReferenceSettings, VaultSettings, VaultToken};
pub(crate) use reference::{References, VAULT};
pub(crate) use stored::StoredKeys;

use platform::PlatformKey;
use pool::Member;

use crate::diagnose;
use crate::exchange::Facts;
use crate::front::headers::Sifted;
use crate::front::query;
use crate::plane::Shared;
use crate::target::Target;

/// Whose credential it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The client sent it.
    Request,
    /// A stored key, by the id of its configuration.
    Stored(Arc<str>),
    /// The operator's own, paid with the account's credits.
    Platform,
    /// There is none; the provider says what it thinks of that.
    Nothing,
}

impl Source {
    /// As `ai/run` names it (spec: data-plane 1.6).
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Platform => "Unified",
            Self::Stored(_) => "BYOK",
            Self::Request | Self::Nothing => "Request",
        }
    }
}

/// The credential of a call.
#[derive(Clone, Debug)]
pub(crate) struct Resolved {
    pub(crate) source: Source,
    /// To be put on the request; none where the client's own headers go as they are.
    pub(crate) credential: Option<Arc<ProviderCredential>>,
    /// Which stored or platform key it is.
    pub(crate) key: Option<UsedKey>,
}

impl Resolved {
    /// A credential that is not ours, or none.
    const fn foreign(source: Source, credential: Option<Arc<ProviderCredential>>) -> Self {
        Self { source, credential, key: None }
    }
}

/// A call that needs a credential.
pub(crate) struct Need<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) facts: &'a Facts,
    pub(crate) row: Option<&'static Provider>,
    /// Headers of the client that hold a key.
    pub(crate) sent: &'a [(HeaderName, HeaderValue)],
    /// A key stands in the query.
    pub(crate) in_query: bool,
}

/// Whether a native call runs a model. Only such calls have a price; others reach what lies at the
/// provider under the operator's key, be it another account's: files, batches, stored answers.
fn runs_model(slug: &str, method: &Method, rest: &str) -> bool {
    let path = rest.split('?').next().unwrap_or_default();
    let counts = path.ends_with(":countTokens") || path.ends_with("/count_tokens");
    let known = || model_type(slug, path).is_some();
    *method == Method::POST && (slug == "workers-ai" || counts || known())
}

/// Whose credential a call would use, for telling its answers from those of others.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Identity<'a> {
    /// The client's own, with its value.
    Request(&'a [u8]),
    /// A stored key, by the id of its configuration.
    Stored(&'a str),
    /// The operator's.
    Platform,
    /// None, or one that the path holds, which is told apart by itself.
    Nothing,
}

impl<'a> Identity<'a> {
    /// Its kind, and what tells it from others of that kind.
    pub(crate) const fn parts(&self) -> (&'static str, &'a [u8]) {
        match self {
            Self::Request(value) => ("request", value),
            Self::Stored(id) => ("stored", id.as_bytes()),
            Self::Platform => ("platform", b""),
            Self::Nothing => ("none", b""),
        }
    }
}

/// Whose credential [`resolve`] would use. Opens no key and refuses nothing: a stored answer is given
/// even where the call itself would be refused (spec: data-plane 4).
pub(crate) fn identity<'a>(need: &Need<'a>) -> Identity<'a> {
    let authenticated = need.facts.caller.is_authenticated();
    let stored = authenticated.then(|| need.stored().ok()).flatten().unwrap_or_default();
    // All keys of a pool stand for the first of them: they are one key to the caller.
    let stored = stored.first().copied();
    match need.sent_key() {
        Some(sent) if stored.is_none() || !is_signature(sent) => {
            return Identity::Request(sent.as_bytes());
        }
        _ if need.in_query => return Identity::Nothing,
        _ => {}
    }
    if let Some(key) = stored {
        return Identity::Stored(&key.id);
    }
    match authenticated && need.shared.platform_keys.has(need.slug()) {
        true => Identity::Platform,
        false => Identity::Nothing,
    }
}

/// Finds the credential: the client's, else a stored one, else the platform's. Keys in `tried` are out
/// of the question; with some tried, so are those that rest. `None` when that leaves none.
pub(crate) async fn resolve(need: &Need<'_>, tried: &[KeyId]) -> Result<Option<Resolved>, Error> {
    // Without a valid token nothing is used that is stored (spec: data-plane 2.3).
    let authenticated = need.facts.caller.is_authenticated();
    let sent = need.sent_key();
    // Nor where the client brings a key of its own: then no alias is looked up (spec: 2.4).
    let is_own = need.in_query || sent.is_some_and(|sent| !is_signature(sent));
    let keys = if authenticated && !is_own { need.stored()? } else { Vec::new() };
    // A signature that a client made for our own host is of no use at AWS; one made for AWS is, as
    // long as there is no key to sign anew with.
    let resign = !keys.is_empty() && sent.is_some_and(is_signature);
    if let Some(sent) = sent.filter(|_| !resign) {
        let credential = need.sent_credential(sent)?.map(Arc::new);
        return Ok(Some(Resolved::foreign(Source::Request, credential)));
    }
    if need.in_query {
        return Ok(Some(Resolved::foreign(Source::Request, None)));
    }
    let members: Vec<Member<'_>> = if keys.is_empty() {
        match need.platform()? {
            None => return Ok(Some(Resolved::foreign(Source::Nothing, None))),
            Some(keys) => keys.into_iter().map(Member::Platform).collect(),
        }
    } else {
        keys.into_iter().map(Member::Stored).collect()
    };
    // Boxed, so that calls with a key of their own do not carry its size.
    Box::pin(need.choose(members, tried)).await
}

impl<'a> Need<'a> {
    /// That of a call on a provider's own path.
    pub(crate) fn native(
        shared: &'a Shared,
        facts: &'a Facts,
        target: &Target,
        sifted: &'a Sifted,
    ) -> Self {
        let row = target.provider;
        let name = row.and_then(|row| row.credential_query);
        let in_query = name.is_some_and(|name| query::has_value(&facts.call.rest, name));
        Self { shared, facts, row, sent: &sifted.credentials, in_query }
    }

    fn slug(&self) -> &'a str {
        self.facts.call.provider.as_str()
    }

    /// Whether the call came in at a unified endpoint.
    fn is_unified(&self) -> bool {
        self.facts.call.unified.is_some()
    }

    /// The header of the client that is this provider's key.
    fn sent_key(&self) -> Option<&'a HeaderValue> {
        let named = self
            .row
            .map_or(&["authorization", "x-api-key", "api-key"][..], |row| row.credential_headers);
        let found = named.iter().find_map(|name| self.sent.iter().find(|(n, _)| n == name));
        // Unified clients send a bearer, whatever the provider's own header is.
        let any = || self.sent.first().filter(|_| self.is_unified());
        found.or_else(any).map(|(_, value)| value)
    }

    /// What the client's key is, where its header cannot go as it is.
    fn sent_credential(&self, value: &HeaderValue) -> Result<Option<ProviderCredential>, Error> {
        let is_vertex = self.slug() == "google-vertex-ai";
        if !self.is_unified() && !is_vertex {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(crate::front::headers::without_scheme(value.as_bytes()));
        let text = Secret::new(text.into_owned());
        let credential =
            read(self.slug(), &text, self.shared.stored_keys.token_uri).map_err(unusable)?;
        match &credential {
            ProviderCredential::GoogleServiceAccount(_) => Ok(Some(credential)),
            _ if !self.is_unified() => Ok(None),
            // Such a token names neither project nor region (spec: data-plane 2.6).
            _ if is_vertex => Err(Error::new(Kind::BadRequest, "Invalid provider credential")
                .with_hint(
                    "a Google access token works on the native path only: send the base64 of a \
                     service account's JSON with a 'region' in it, or store it",
                )),
            _ => Ok(Some(credential)),
        }
    }

    /// Whether several keys share the calls, so that another can take over from one that is refused.
    pub(crate) fn is_pooled(&self) -> bool {
        if !self.facts.caller.is_authenticated() || self.in_query || self.sent_key().is_some() {
            return false;
        }
        match self.stored() {
            Ok(keys) if keys.is_empty() => self.shared.platform_keys.of(self.slug()).len() > 1,
            Ok(keys) => keys.len() > 1,
            Err(_) => false,
        }
    }

    /// The stored keys that the call may go out with, the one that was asked for first.
    fn stored(&self) -> Result<Vec<&'a Arc<ProviderConfig>>, Error> {
        // Other keys than the default are for native paths alone (spec: data-plane 2.4).
        let alias = self.facts.options.key_alias.as_deref().filter(|_| !self.is_unified());
        let wanted = alias.unwrap_or(DEFAULT_ALIAS);
        // A custom provider may be named like one of the catalogue; that one's key is not for it.
        let bare = self.slug().strip_prefix("custom-").filter(|it| catalogue::find(it).is_none());
        let keys = || {
            let of_bare = bare
                .into_iter()
                .flat_map(|it| self.facts.snapshot.stored_keys(&self.facts.gateway, it));
            self.facts.snapshot.stored_keys(&self.facts.gateway, self.slug()).chain(of_bare)
        };
        let pool = |name: &str| -> Vec<&'a Arc<ProviderConfig>> {
            let mut pool: Vec<_> =
                keys().filter(|key| key.alias == name || key.pool() == name).collect();
            // In one order, so that draws can be foretold by their seed.
            pool.sort_by_key(|key| (key.alias != name, key.created_at, Arc::clone(&key.id)));
            pool
        };
        let found = pool(wanted);
        if !found.is_empty() {
            return Ok(found);
        }
        let Some(alias) = alias else {
            let default = keys().find(|key| key.default_config);
            return Ok(default.map_or_else(Vec::new, |key| pool(key.pool())));
        };
        let known: Vec<String> = keys().map(|key| format!("'{}'", key.alias)).collect();
        let text = format!(
            "Provider '{}' has no BYOK credential named '{alias}'. Configured aliases: {}",
            self.slug(),
            known.join(", ")
        );
        Err(Error::new(Kind::UnknownKey, text))
    }

    /// The operator's own keys, where they may be used. They are never an empty list.
    fn platform(&self) -> Result<Option<Vec<&'a Arc<PlatformKey>>>, Error> {
        // Workers AI and an account's own providers are no third parties to be billed for.
        let third_party = self.row.is_some_and(|row| row.slug != "workers-ai");
        if self.facts.options.own_keys_only && third_party {
            return Err(Error::new(Kind::NoCredential, "Provider credentials required").with_hint(
                diagnose::ascii(&format!(
                    "the request has no key for '{}', none is stored, and platform keys are \
                     forbidden (byok_only or cf-aig-no-wholesale)",
                    self.slug()
                )),
            ));
        }
        let call = &self.facts.call;
        let runs_model = || self.is_unified() || runs_model(self.slug(), &call.method, &call.rest);
        let permitted = || self.facts.caller.is_authenticated() && runs_model();
        let keys = self.shared.platform_keys.of(self.slug());
        if keys.is_empty() || !permitted() {
            return Ok(None);
        }
        let keys = self.with_retention(keys)?;
        Ok(Some(keys))
    }

    /// The keys whose provider keeps data, or does not, as the call wants it. Calls that do not mind
    /// use labelled keys only where there are no others (spec: observability 8.4).
    fn with_retention(
        &self,
        keys: &'a [Arc<PlatformKey>],
    ) -> Result<Vec<&'a Arc<PlatformKey>>, Error> {
        let wanted = self.facts.options.zdr;
        let offered = matches!(self.slug(), "openai" | "anthropic");
        let is_wanted = |key: &&Arc<PlatformKey>| key.zdr == (wanted && offered);
        let found: Vec<_> = keys.iter().filter(is_wanted).collect();
        if !found.is_empty() && (offered || !wanted) {
            return Ok(found);
        }
        if wanted && self.facts.gateway.settings.zdr_strict {
            let reason = if offered {
                format!("the operator has no key labelled zdr for '{}'", self.slug())
            } else {
                format!("'{}' does not offer it; openai and anthropic do", self.slug())
            };
            return Err(Error::new(Kind::BadRequest, "Zero data retention is not available")
                .with_hint(diagnose::ascii(&format!(
                    "{reason}; zdr_strict of the gateway forbids calls without it, a key of your \
                     own or cf-aig-zdr: false permits them"
                ))));
        }
        Ok(if found.is_empty() { keys.iter().collect() } else { found })
    }

    /// Chooses one of several keys, and opens it. One that cannot be opened gives way to the next.
    async fn choose(
        &self,
        members: Vec<Member<'a>>,
        tried: &[KeyId],
    ) -> Result<Option<Resolved>, Error> {
        let now = self.shared.clock.now();
        let with_id = members.into_iter().map(|member| (member, member.id(self)));
        let mut left: Vec<(Member<'a>, KeyId)> =
            with_id.filter(|(_, id)| !tried.contains(id)).collect();
        let (mut because, mut broken) = (Vec::new(), None);
        let rested = !tried.is_empty();
        loop {
            let candidates = pool::candidates(&left, &self.shared.key_health, now);
            let chosen = pool::choose(&candidates, &self.shared.chance, now, rested);
            let Some(chosen) = chosen else { break };
            let (member, id) = left.swap_remove(chosen.index);
            because.extend(chosen.because);
            match self.open(member).await {
                Ok(credential) => {
                    let key = Some(member.used(id, because));
                    let credential = Some(credential);
                    return Ok(Some(Resolved { source: member.source(), credential, key }));
                }
                Err(error) => {
                    let name = member.used(id, Vec::new()).name;
                    because.push(format!("'{name}' cannot be used").into());
                    broken.get_or_insert(error);
                }
            }
        }
        broken.map_or(Ok(None), Err)
    }

    async fn open(&self, member: Member<'_>) -> Result<Arc<ProviderCredential>, Error> {
        match member {
            Member::Stored(key) => {
                let (shared, snapshot) = (self.shared, &self.facts.snapshot);
                shared.stored_keys.open(shared, snapshot, key, self.slug()).await
            }
            Member::Platform(key) => match &key.material {
                Material::Ready(credential) => Ok(Arc::clone(credential)),
                Material::Elsewhere(reference) => {
                    let keys = &self.shared.stored_keys;
                    keys.open_reference(self.shared, &key.id, reference, self.slug()).await
                }
            },
        }
    }
}

fn is_signature(value: &HeaderValue) -> bool {
    value.as_bytes().starts_with(b"AWS4-HMAC-SHA256")
}

/// A credential that is not what its provider wants.
pub(crate) fn unusable(fault: weir_llm::auth::CredentialFault) -> Error {
    let hint = diagnose::ascii(&fault.to_string());
    Error::new(Kind::BadRequest, "Invalid provider credential").with_hint(hint).because(fault)
}

#[cfg(test)]
mod tests;
