//! Scheme, host and port: what a connection is made to, and what a credential is bound to.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use http::uri::PathAndQuery;
use http::{HeaderValue, Uri};

/// The place a request goes to. Two origins are equal when scheme, host and port are.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Origin(Arc<Parts>);

#[derive(PartialEq, Eq, Hash)]
struct Parts {
    https: bool,
    host: String,
    port: u16,
}

/// A text that names no origin.
#[derive(Debug, thiserror::Error)]
#[error("`{text}` is not an origin: {reason}")]
pub struct OriginError {
    text: String,
    reason: &'static str,
}

impl OriginError {
    /// Whether it holds a user name, which could be a secret.
    pub(crate) fn holds_user(&self) -> bool {
        self.reason == USER
    }
}

const USER: &str = "user information is not permitted";

impl Origin {
    /// Reads `scheme://host[:port]`, with nothing after it but a possible `/`.
    ///
    /// User info, paths and schemes other than http and https are refused: an origin is compared
    /// when secrets are released, so it must have one spelling.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let refuse = |reason| OriginError { text: text.to_owned(), reason };
        let (https, rest) = if let Some(rest) = text.strip_prefix("https://") {
            (true, rest)
        } else if let Some(rest) = text.strip_prefix("http://") {
            (false, rest)
        } else {
            return Err(refuse("it must begin with https:// or http://"));
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains('@') {
            return Err(refuse(USER));
        }
        if authority.contains(['/', '?', '#', '\\']) {
            return Err(refuse("only scheme, host and port are permitted"));
        }
        let (host, port) =
            split_port(authority).ok_or_else(|| refuse("the port is not a number"))?;
        let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
        let valid = match bare {
            Some(inner) => inner.parse::<std::net::Ipv6Addr>().is_ok(),
            None => {
                !host.is_empty()
                    && host
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
            }
        };
        if !valid {
            return Err(refuse("the host is not a name or an address"));
        }
        let port = port.unwrap_or(if https { 443 } else { 80 });
        Ok(Self(Arc::new(Parts { https, host: host.to_ascii_lowercase(), port })))
    }

    /// Reads a whole URL: its origin, and path and query below it.
    pub(crate) fn of_url(url: &str) -> Result<(Self, PathAndQuery), OriginError> {
        let refuse = |reason| OriginError { text: url.to_owned(), reason };
        let uri: Uri = url.parse().map_err(|_| refuse("it is not a URL"))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(refuse("it has no scheme or no host"));
        };
        let origin = Self::parse(&format!("{scheme}://{authority}"))?;
        let path = uri.path_and_query().cloned();
        Ok((origin, path.unwrap_or_else(|| PathAndQuery::from_static("/"))))
    }

    /// Whether it is spoken to over TLS.
    pub fn is_https(&self) -> bool {
        self.0.https
    }

    /// Host name or address, lower case; IPv6 addresses without brackets.
    pub fn host(&self) -> &str {
        self.0.host.trim_start_matches('[').trim_end_matches(']')
    }

    /// Port number.
    pub fn port(&self) -> u16 {
        self.0.port
    }

    /// The host as an address, when it is written as one.
    pub fn address(&self) -> Option<IpAddr> {
        self.host().parse().ok()
    }

    /// `host` or `host:port` when the port is not the scheme's own.
    pub fn authority(&self) -> String {
        let own = if self.0.https { 443 } else { 80 };
        if self.0.port == own {
            self.0.host.clone()
        } else {
            format!("{}:{}", self.0.host, self.0.port)
        }
    }

    /// The `host` header for this origin.
    pub(super) fn host_header(&self) -> HeaderValue {
        // The characters were checked in `parse`; an empty header would be refused upstream.
        HeaderValue::try_from(self.authority()).unwrap_or(HeaderValue::from_static(""))
    }
}

fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let after_address = authority.rfind(']').map_or(0, |at| at + 1);
    match authority[after_address..].rfind(':') {
        None => Some((authority, None)),
        Some(at) => {
            let at = after_address + at;
            let port = authority[at + 1..].parse().ok()?;
            Some((&authority[..at], Some(port)))
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.0.https { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority())
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_for_one_origin() {
        for (text, shown) in [
            ("https://api.openai.com", "https://api.openai.com"),
            ("https://API.OpenAI.com:443/", "https://api.openai.com"),
            ("http://127.0.0.1:18080", "http://127.0.0.1:18080"),
            ("http://[::1]:80", "http://[::1]"),
        ] {
            assert_eq!(Origin::parse(text).unwrap().to_string(), shown);
        }
        assert_eq!(Origin::parse("http://[::1]:9").unwrap().host(), "::1");
    }

    #[test]
    fn tricks_are_refused() {
        for text in [
            "ftp://x",
            "https://user@api.openai.com",
            "https://api.openai.com/path",
            "https://api.openai.com\\@evil",
            "https://a b",
            "https://",
            "https://h:99999",
            "https://[::1",
            "https://h?x",
        ] {
            assert!(Origin::parse(text).is_err(), "{text}");
        }
    }
}
