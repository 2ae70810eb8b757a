//! Which credential goes to the provider, and how it is put on the request (spec: data-plane 2.4 to
//! 2.6).

mod apply;
mod google;
mod stored;

use std::sync::Arc;

use http::{HeaderName, HeaderValue, Method};
use weir_core::secrets::DEFAULT_ALIAS;
use weir_core::{Error, Kind, Secret};
use weir_llm::auth::stored::{ProviderCredential, read};
use weir_llm::catalogue::{self, Provider};
use weir_llm::request::model_type;

pub(crate) use apply::{Wire, headers};
pub(crate) use google::GoogleTokens;
pub(crate) use stored::StoredKeys;

use crate::diagnose;
use crate::exchange::Facts;
use crate::plane::Shared;

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
    let stored = authenticated.then(|| need.stored().ok().flatten()).flatten();
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
    match authenticated && need.shared.platform_keys.contains_key(need.slug()) {
        true => Identity::Platform,
        false => Identity::Nothing,
    }
}

/// Finds the credential: the client's, else a stored one, else the platform's.
pub(crate) async fn resolve(need: &Need<'_>) -> Result<Resolved, Error> {
    // Without a valid token nothing is used that is stored (spec: data-plane 2.3).
    let authenticated = need.facts.caller.is_authenticated();
    let keys = authenticated.then(|| need.stored()).transpose()?.flatten();
    let sent = need.sent_key();
    // A signature that a client made for our own host is of no use at AWS; one made for AWS is, as
    // long as there is no key to sign anew with.
    let resign = keys.is_some() && sent.is_some_and(is_signature);
    if let Some(sent) = sent.filter(|_| !resign) {
        let credential = need.sent_credential(sent)?.map(Arc::new);
        return Ok(Resolved { source: Source::Request, credential });
    }
    if need.in_query {
        return Ok(Resolved { source: Source::Request, credential: None });
    }
    if let Some(key) = keys {
        // Boxed, so that calls with a key of their own do not carry its size.
        let snapshot = &need.facts.snapshot;
        let opening = Box::pin(need.shared.stored_keys.open(snapshot, key, need.slug()));
        let credential = opening.await?;
        let source = Source::Stored(Arc::clone(&key.id));
        return Ok(Resolved { source, credential: Some(credential) });
    }
    need.platform()
}

impl<'a> Need<'a> {
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

    /// The stored key that the call is to use.
    fn stored(&self) -> Result<Option<&'a Arc<weir_core::secrets::ProviderConfig>>, Error> {
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
        if let Some(key) = keys().find(|key| key.alias == wanted) {
            return Ok(Some(key));
        }
        match alias {
            None => Ok(keys().find(|key| key.default_config)),
            Some(alias) => {
                let known: Vec<String> = keys().map(|key| format!("'{}'", key.alias)).collect();
                let text = format!(
                    "Provider '{}' has no BYOK credential named '{alias}'. Configured aliases: {}",
                    self.slug(),
                    known.join(", ")
                );
                Err(Error::new(Kind::UnknownKey, text))
            }
        }
    }

    /// The operator's own key, where it may be used.
    fn platform(&self) -> Result<Resolved, Error> {
        let nothing = Resolved { source: Source::Nothing, credential: None };
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
        let Some(key) = self.shared.platform_keys.get(self.slug()).filter(|_| permitted()) else {
            return Ok(nothing);
        };
        Ok(Resolved { source: Source::Platform, credential: Some(Arc::clone(key)) })
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
