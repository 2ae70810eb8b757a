//! JSON web tokens that a request carries and that may be its gateway credential (spec: data-plane
//! 2.7). Whether one is good is not known here; that none of them travels on is.

use weir_core::{Secret, Snapshot};
use weir_llm::auth::jwt;

/// Tokens of one request that are looked at. Each costs an arithmetic that a client could ask for
/// again and again in one request.
const MOST: usize = 6;

/// Where a token stood, most telling first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Slot {
    /// `cf-aig-authorization`.
    Gateway,
    /// `cf-access-jwt-assertion`, which an access proxy sets.
    AccessHeader,
    /// The cookie of an access proxy.
    AccessCookie,
    /// `cf-access-token`, which command line clients set.
    AccessToken,
    /// A header, or a query parameter, in which providers expect their keys.
    ProviderKey,
}

/// The tokens of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct WebTokens(Vec<(Slot, Secret<Box<str>>)>);

impl WebTokens {
    /// Takes a token down.
    pub(crate) fn add(&mut self, slot: Slot, value: &[u8]) {
        let Ok(text) = std::str::from_utf8(value) else { return };
        if text.is_empty() {
            return;
        }
        let place = self.0.partition_point(|(known, _)| *known <= slot);
        self.0.insert(place, (slot, Secret::new(text.into())));
        self.0.truncate(MOST);
    }

    /// Takes over those of another part of the request.
    pub(crate) fn append(&mut self, other: Self) {
        for (slot, token) in other.0 {
            self.add(slot, token.expose().as_bytes());
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tokens, most telling first. They are credentials: only their checking may read them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, token)| &**token.expose())
    }
}

/// Whether a value is a token of one of an account's issuers, disabled ones too: then it is for us,
/// not for a provider, whatever it is worth.
pub(crate) fn is_of_account(value: &[u8], snapshot: &Snapshot, account: &str) -> bool {
    let mut issuers = snapshot.configuration().issuers.of(account).peekable();
    if issuers.peek().is_none() {
        return false;
    }
    let claimed = jwt::claimed_issuer(value);
    claimed.is_some_and(|claimed| issuers.any(|issuer| issuer.issuer == claimed))
}

/// The values of cookies in which access proxies keep a user's token.
pub(crate) fn in_cookies(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b';').filter_map(|cookie| {
        let at = cookie.iter().position(|byte| *byte == b'=')?;
        let (name, value) = cookie.split_at(at);
        (name.trim_ascii() == b"CF_Authorization").then(|| value[1..].trim_ascii())
    })
}

#[cfg(test)]
mod tests;
