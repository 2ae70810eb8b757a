//! One pass over the client's headers: what is for us, what is for the provider, what is for
//! nobody (spec: data-plane 2.2, 3.1, 3.3).

use std::sync::Arc;

use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue};
use weir_core::{ApiToken, Snapshot};
use weir_llm::auth::jwt;

use super::web_tokens::{Slot, WebTokens, in_cookies, is_of_account};
use crate::explain;
use crate::options::RawOptions;

/// What the gateway credential turned out to be.
#[derive(Clone, Debug, Default)]
pub(crate) enum Presented {
    /// None was sent.
    #[default]
    Nothing,
    /// Text that stands for a forgotten value, such as `Bearer undefined`.
    Placeholder,
    /// A value that is no token of ours.
    Unknown,
    /// A token that was issued here, dead or alive, of whatever account.
    Token(Arc<ApiToken>),
}

/// The client's headers, sorted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sifted {
    /// To forward, without credentials.
    pub(crate) forward: HeaderMap,
    /// To forward to the provider and nobody else.
    pub(crate) credentials: Vec<(HeaderName, HeaderValue)>,
    /// The `cf-aig-*` options and `weir-explain`, unparsed.
    pub(crate) options: RawOptions,
    /// The gateway credential.
    pub(crate) presented: Presented,
    /// Tokens of users, which may be the gateway credential, too.
    pub(crate) web_tokens: WebTokens,
    /// The provider key is text that stands for a forgotten value.
    pub(crate) placeholder_key: bool,
    /// The request asks to change protocol.
    pub(crate) upgrade: bool,
}

/// Headers that hold a provider's key at one provider or another (spec: data-plane 1.3).
const CREDENTIALS: [&str; 5] =
    ["authorization", "x-api-key", "api-key", "x-goog-api-key", "xi-api-key"];

/// Who may be meant by a credential.
#[derive(Clone, Copy)]
pub(crate) struct Issued<'a> {
    /// Holds the tokens that were issued here, and the issuers of others.
    pub(crate) snapshot: &'a Snapshot,
    /// The account whose issuers count.
    pub(crate) account: &'a str,
}

/// How the names of an access proxy's cookies begin.
const ACCESS_COOKIES: [&str; 3] = ["CF_A", "CF_Session", "CF_Binding"];

/// Sorts the headers of a request.
pub(crate) fn sift(headers: HeaderMap, issued: Issued<'_>) -> Sifted {
    let mut sifted =
        Sifted { forward: HeaderMap::with_capacity(headers.len()), ..Sifted::default() };
    let named_by_connection = connection_names(&headers);
    let signed_by_client = headers
        .get(header::AUTHORIZATION)
        .is_some_and(|value| value.as_bytes().starts_with(b"AWS4-HMAC-SHA256"));
    let mut name: Option<HeaderName> = None;
    for (next, value) in headers {
        // A repeated header comes without its name after the first time.
        if next.is_some() {
            name = next;
        }
        let Some(name) = &name else { continue };
        sifted.take(name, value, issued, &named_by_connection, signed_by_client);
    }
    sifted
}

impl Sifted {
    /// At the API host `authorization` is for us alone: what is no token of ours is a wrong one, and
    /// nothing of it goes on (spec: data-plane 2.1).
    pub(crate) fn keep_no_credentials(&mut self) {
        if !self.credentials.is_empty() && matches!(self.presented, Presented::Nothing) {
            self.presented = Presented::Unknown;
        }
        for (_, value) in &self.credentials {
            let bare = without_scheme(value.as_bytes());
            if jwt::is_shaped(bare) {
                self.web_tokens.add(Slot::ProviderKey, bare);
            }
        }
        self.credentials.clear();
    }

    /// Headers that go along and may make the same request another one: keys wherever they stand,
    /// cookies, what an account's own provider may have named in its own way, and where to go.
    pub(crate) fn telling(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        let keys = self.credentials.iter().map(|(name, value)| (name, value));
        keys.chain(self.forward.iter().filter(|(name, _)| is_telling(name.as_str())))
    }

    fn take(
        &mut self,
        name: &HeaderName,
        value: HeaderValue,
        issued: Issued<'_>,
        named_by_connection: &[HeaderName],
        signed_by_client: bool,
    ) {
        let text = name.as_str();
        if text == "cf-aig-authorization" {
            self.present(without_scheme(value.as_bytes()), issued.snapshot);
            return;
        }
        let slot = match text {
            "cf-access-jwt-assertion" => Some(Slot::AccessHeader),
            "cf-access-token" => Some(Slot::AccessToken),
            _ => None,
        };
        if let Some(slot) = slot {
            self.web_tokens.add(slot, without_scheme(value.as_bytes()));
            return;
        }
        if let Some(option) = text.strip_prefix("cf-aig-") {
            self.options.set(option, value);
            return;
        }
        if text == explain::NAME {
            self.options.set_explain(&value);
            return;
        }
        if text.starts_with("cf-") && self.options.set_old(text, &value) {
            return;
        }
        if is_dropped(name) || named_by_connection.contains(name) {
            self.upgrade |= *name == header::UPGRADE;
            return;
        }
        let bare = without_scheme(value.as_bytes());
        if let Some(token) = issued.snapshot.token(bare) {
            // An explicit gateway credential wins, but no token of ours goes on, ever.
            if matches!(self.presented, Presented::Nothing | Presented::Placeholder) {
                self.presented = Presented::Token(Arc::clone(token));
            }
            return;
        }
        if CREDENTIALS.contains(&text) {
            if bare.is_empty() {
                return;
            }
            if has_marker(bare) {
                self.placeholder_key = true;
                return;
            }
            // Providers have keys of this form, too; only those of the account's issuers are for us.
            if is_of_account(bare, issued.snapshot, issued.account) {
                self.web_tokens.add(Slot::ProviderKey, bare);
                return;
            }
            self.placeholder_key |= is_placeholder(bare);
            let mut value = value;
            value.set_sensitive(true);
            self.credentials.push((name.clone(), value));
            return;
        }
        // Wherever else a token of the account's issuers stands, it opens nothing and goes nowhere.
        if is_of_account(bare, issued.snapshot, issued.account) {
            return;
        }
        let value = if *name == header::COOKIE {
            in_cookies(value.as_bytes())
                .for_each(|token| self.web_tokens.add(Slot::AccessCookie, token));
            let Some(kept) = without_access_cookies(&value) else { return };
            kept
        } else if *name == header::ACCEPT_ENCODING && !signed_by_client {
            readable_encoding(&value)
        } else {
            value
        };
        self.forward.append(name.clone(), value);
    }

    fn present(&mut self, bare: &[u8], snapshot: &Snapshot) {
        self.presented = if bare.is_empty() {
            return;
        } else if let Some(token) = snapshot.token(bare) {
            Presented::Token(Arc::clone(token))
        } else if is_placeholder(bare) || has_marker(bare) {
            match std::mem::take(&mut self.presented) {
                Presented::Token(token) => Presented::Token(token),
                _ => Presented::Placeholder,
            }
        } else {
            if jwt::is_shaped(bare) {
                self.web_tokens.add(Slot::Gateway, bare);
            }
            Presented::Unknown
        };
    }
}

/// Whether a header's name promises something that only its sender may have, whose account is meant,
/// or which target. Others, such as a number of each try, would keep equal calls apart for nothing.
fn is_telling(name: &str) -> bool {
    const WORDS: [&str; 9] = [
        "auth",
        "cookie",
        "secret",
        "token",
        "password",
        "signature",
        "-organization",
        "-project",
        "-target-url",
    ];
    let is_key = name.ends_with("key") && name != "idempotency-key";
    is_key || WORDS.iter().any(|word| name.contains(word))
}

/// Headers that end here: hop-by-hop ones, those rewritten on the way, and the edge's own.
fn is_dropped(name: &HeaderName) -> bool {
    const DROPPED: [HeaderName; 11] = [
        header::CONNECTION,
        header::HOST,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::TE,
        header::TRAILER,
        header::UPGRADE,
        header::EXPECT,
        header::PROXY_AUTHENTICATE,
        header::PROXY_AUTHORIZATION,
        header::FORWARDED,
    ];
    if DROPPED.contains(name) {
        return true;
    }
    let text = name.as_str();
    match text.as_bytes().first() {
        Some(b'c') => text.starts_with("cf-"),
        Some(b'k') => text == "keep-alive",
        Some(b'p') => matches!(text, "proxy-connection" | "payment-method" | "payment-signature"),
        Some(b'w') => text.starts_with("weir-"),
        Some(b'x') => text.starts_with("x-forwarded-"),
        _ => false,
    }
}

/// The headers that `connection` declares to be for this hop only.
pub(crate) fn connection_names(headers: &HeaderMap) -> Vec<HeaderName> {
    headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|name| {
            !name.eq_ignore_ascii_case("keep-alive") && !name.eq_ignore_ascii_case("close")
        })
        .filter_map(|name| HeaderName::from_bytes(name.as_bytes()).ok())
        .collect()
}

/// A credential without its scheme word: `Bearer T`, `Key T`, `Token T`, `Api-Key T` or bare `T`.
pub(crate) fn without_scheme(value: &[u8]) -> &[u8] {
    let value = value.trim_ascii();
    for scheme in [&b"bearer"[..], b"key", b"token", b"api-key"] {
        if value.len() >= scheme.len() && value[..scheme.len()].eq_ignore_ascii_case(scheme) {
            let rest = &value[scheme.len()..];
            if rest.is_empty() {
                return rest;
            }
            if matches!(rest[0], b' ' | b'\t') {
                return rest.trim_ascii_start();
            }
        }
    }
    value
}

/// A client library's stand-in for "no key", which it is meant to strip itself (spec: data-plane 1.12).
fn has_marker(bare: &[u8]) -> bool {
    bare.windows(13).any(|window| window == b"CF_TEMP_TOKEN")
}

/// Text that a program or a person leaves where a value belongs.
pub(crate) fn is_placeholder(bare: &[u8]) -> bool {
    const WORDS: [&str; 12] = [
        "undefined",
        "null",
        "none",
        "nil",
        "nan",
        "token",
        "your_token",
        "your-token",
        "your_api_key",
        "your-api-key",
        "changeme",
        "[object object]",
    ];
    let lower = bare.to_ascii_lowercase();
    let wrapped = |open: u8, close: u8| {
        lower.first() == Some(&open) && lower.last() == Some(&close) && lower.len() > 1
    };
    WORDS.iter().any(|word| word.as_bytes() == lower)
        || wrapped(b'<', b'>')
        || wrapped(b'{', b'}')
        || lower.starts_with(b"$")
        || (!lower.is_empty() && lower.iter().all(|byte| matches!(byte, b'x' | b'*' | b'.')))
}

/// The cookies without those of an access proxy, or nothing when none are left. Bytes, because
/// cookies hold any: one that is no text must not save another from being cut out.
fn without_access_cookies(value: &HeaderValue) -> Option<HeaderValue> {
    let is_access = |cookie: &&[u8]| {
        let name = cookie.trim_ascii_start();
        ACCESS_COOKIES.iter().any(|beginning| name.starts_with(beginning.as_bytes()))
    };
    let mut cookies = value.as_bytes().split(|byte| *byte == b';');
    if !cookies.any(|cookie| is_access(&cookie)) {
        return Some(value.clone());
    }
    let cookies = value.as_bytes().split(|byte| *byte == b';');
    let kept: Vec<&[u8]> = cookies.filter(|cookie| !is_access(cookie)).collect();
    let kept = kept.join(&b';');
    let kept = kept.trim_ascii();
    if kept.is_empty() { None } else { HeaderValue::from_bytes(kept).ok() }
}

/// Asks the provider only for encodings that the log can read beside the client.
fn readable_encoding(value: &HeaderValue) -> HeaderValue {
    let takes_gzip = value.to_str().is_ok_and(|text| {
        text.split(',').any(|item| {
            let mut parts = item.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let refused = parts.any(|p| matches!(p, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
            (name.eq_ignore_ascii_case("gzip") || name == "*") && !refused
        })
    });
    HeaderValue::from_static(if takes_gzip { "gzip" } else { "identity" })
}

#[cfg(test)]
mod tests;
