//! The host that a request was sent to.

use std::borrow::Cow;

use http::{HeaderMap, Uri, header};

/// The name of the host in small letters, without a port and without the dot that ends a full name.
/// None where it is missing, or said twice: nobody is to guess which one is meant.
pub(crate) fn name<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<Cow<'a, str>> {
    let said = match uri.authority() {
        // HTTP/2, and requests that name their host in the first line, which then counts.
        Some(authority) => authority.host(),
        None => {
            let mut hosts = headers.get_all(header::HOST).iter();
            let host = hosts.next()?.to_str().ok()?;
            if hosts.next().is_some() {
                return None;
            }
            without_port(host)
        }
    };
    let name = said.strip_suffix('.').unwrap_or(said);
    if name.is_empty() {
        return None;
    }
    Some(match name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(name.to_ascii_lowercase()),
        false => Cow::Borrowed(name),
    })
}

/// Custom domains are names, so addresses of the sixth version may lose more than their port.
fn without_port(host: &str) -> &str {
    host.split_once(':').map_or(host, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(uri: &str, hosts: &[&'static str]) -> Option<String> {
        let uri: Uri = uri.parse().unwrap();
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, http::HeaderValue::from_static(host));
        }
        name(&uri, &headers).map(Cow::into_owned)
    }

    #[test]
    fn a_host_has_one_spelling() {
        for host in
            ["ai.example.com", "AI.Example.com:8787", "ai.example.com.", "ai.example.com.:1"]
        {
            assert_eq!(found("/x", &[host]).as_deref(), Some("ai.example.com"), "{host}");
        }
        let absolute = found("http://AI.example.com:80/x", &["other.example.com"]);
        assert_eq!(absolute.as_deref(), Some("ai.example.com"));
    }

    #[test]
    fn no_host_is_guessed() {
        assert_eq!(found("/x", &[]), None);
        assert_eq!(found("/x", &[""]), None);
        assert_eq!(found("/x", &["."]), None);
        assert_eq!(found("/x", &["ai.example.com", "ai.example.com"]), None);
    }
}
