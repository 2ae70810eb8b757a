//! What must agree for two calls to have one answer.

use std::ops::Range;

use http::{HeaderName, HeaderValue};
use sha2::{Digest, Sha256};
use weir_core::cache::CacheKey;
use weir_core::traffic::SemanticCache;

use crate::credential::Identity;
use crate::exchange::Facts;

/// Of a call, what its facts do not say.
pub(crate) struct Asking<'a> {
    /// The body, as the client wrote it.
    pub(crate) body: &'a [u8],
    /// Model, as the provider will be asked for it.
    pub(crate) model: Option<&'a str>,
    /// Whose credential would go along.
    pub(crate) credential: Identity<'a>,
    /// Further headers that may make the same request another one.
    pub(crate) telling: Vec<(&'a HeaderName, &'a HeaderValue)>,
    /// A stream is wanted.
    pub(crate) stream: bool,
    /// `accept-encoding`, as the provider will get it.
    pub(crate) accepts: Option<&'a HeaderValue>,
}

/// Names and values of what went into a key.
pub(crate) type Parts = Vec<(Box<str>, Box<str>)>;

/// The key of a call, and what it is made of, for people (spec: data-plane 5).
///
/// A key of the caller's own stands for everything but the tenant. Whatever the operator may change
/// and what then makes old answers wrong is in the key, too: the gateway's epoch and life, and the
/// last change of a custom provider.
pub(super) fn of(facts: &Facts, asking: &Asking<'_>, own: Option<&[u8]>) -> (CacheKey, Parts) {
    let mut maker = of_tenant(facts);
    if let Some(own) = own {
        maker.hidden(b"own");
        maker.shown("custom_key", &String::from_utf8_lossy(own));
        return maker.finish();
    }
    maker.hidden(b"default");
    around_body(&mut maker, facts, asking);
    maker.digested("body", asking.body);
    maker.finish()
}

/// What must agree for two calls to be compared by their questions: all that is in the default key,
/// but for the text of the question, whose place in the body is given. And the vectors have to be
/// those of one model.
pub(super) fn scope(
    facts: &Facts,
    asking: &Asking<'_>,
    question: &Range<usize>,
    by: &SemanticCache,
) -> CacheKey {
    let mut maker = of_tenant(facts);
    maker.hidden(b"scope");
    maker.hidden(by.provider.as_bytes());
    maker.hidden(&changed(facts, &by.provider).to_le_bytes());
    maker.hidden(by.model.as_bytes());
    around_body(&mut maker, facts, asking);
    maker.hidden(asking.body.get(..question.start).unwrap_or_default());
    maker.hidden(asking.body.get(question.end..).unwrap_or_default());
    maker.finish().0
}

fn of_tenant(facts: &Facts) -> Maker {
    let gateway = &facts.gateway;
    let mut maker = Maker { is_told: facts.is_told(), ..Maker::default() };
    maker.hidden(gateway.account_id.as_str().as_bytes());
    maker.hidden(gateway.id.as_str().as_bytes());
    maker.hidden(&gateway.created_at.as_millis().to_le_bytes());
    maker.shown("epoch", &gateway.cache_epoch.to_string());
    maker
}

/// When an account's own provider was last changed.
fn changed(facts: &Facts, provider: &str) -> i64 {
    let account = facts.gateway.account_id.as_str();
    provider
        .strip_prefix("custom-")
        .and_then(|slug| facts.snapshot.custom_provider(account, slug))
        .map_or(0, |custom| custom.modified_at.as_millis())
}

fn around_body(maker: &mut Maker, facts: &Facts, asking: &Asking<'_>) {
    let provider = facts.call.provider.as_str();
    maker.shown("provider", provider);
    maker.hidden(&changed(facts, provider).to_le_bytes());
    maker.hidden(if facts.call.unified.is_some() { b"unified" } else { b"native" });
    maker.shown("method", facts.call.method.as_str());
    // It may have a key in its query.
    maker.digested("path", facts.call.rest.as_bytes());
    match asking.model {
        Some(model) => maker.shown("model", model),
        // It stands in the body, which is in the key.
        None => maker.hidden(b""),
    }
    let (kind, value) = asking.credential.parts();
    maker.digested_as("credential", kind, value);
    for (name, value) in &asking.telling {
        maker.hidden(name.as_str().as_bytes());
        maker.digested(&format!("header {name}"), value.as_bytes());
    }
}

#[derive(Default)]
struct Maker {
    hash: Sha256,
    parts: Parts,
    /// Somebody will read the parts.
    is_told: bool,
}

impl Maker {
    /// The length goes first, so that no two lists of parts read the same.
    fn hidden(&mut self, part: &[u8]) {
        self.hash.update((part.len() as u64).to_le_bytes());
        self.hash.update(part);
    }

    fn shown(&mut self, name: &str, value: &str) {
        self.hidden(value.as_bytes());
        if self.is_told {
            self.parts.push((name.into(), value.into()));
        }
    }

    fn digested(&mut self, name: &str, value: &[u8]) {
        self.digested_as(name, "", value);
    }

    /// Shown as a kind and a few digits, enough to see that two calls differ.
    fn digested_as(&mut self, name: &str, kind: &str, value: &[u8]) {
        self.hidden(kind.as_bytes());
        let digest = Sha256::digest(value);
        self.hidden(&digest);
        if !self.is_told {
            return;
        }
        let mut text = String::with_capacity(kind.len() + 13);
        if !kind.is_empty() {
            text.push_str(kind);
            text.push(' ');
        }
        if !value.is_empty() {
            text.push('#');
            for byte in &digest[..4] {
                text.push(char::from(b"0123456789abcdef"[usize::from(byte >> 4)]));
                text.push(char::from(b"0123456789abcdef"[usize::from(byte & 15)]));
            }
        }
        self.parts.push((name.into(), text.into()));
    }

    fn finish(self) -> (CacheKey, Parts) {
        (CacheKey(self.hash.finalize().into()), self.parts)
    }
}
