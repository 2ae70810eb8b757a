//! From the head of an HTTP request to the facts the pipeline works with.

pub(crate) mod door;
pub(crate) mod edge;
pub(crate) mod headers;
pub(crate) mod host;
pub(crate) mod query;
pub(crate) mod web_tokens;

use weir_core::access::CustomDomain;
use weir_core::{Error, Kind};

use self::door::Door;

/// What a path asks for (spec: data-plane 1.1).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DataPath<'a> {
    pub(crate) account: &'a str,
    /// None at the API host, where a header names the gateway.
    pub(crate) gateway: Option<&'a str>,
    pub(crate) place: Place<'a>,
    /// Everything after the gateway, with the query, byte for byte; for the log.
    pub(crate) shown: &'a str,
}

/// What it leads to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    /// `{provider}/{rest}`: a provider's own path.
    Native {
        /// Empty when the path ends after the gateway.
        provider: &'a str,
        /// Everything after `{provider}/`, with the query, byte for byte.
        rest: &'a str,
    },
    /// A unified endpoint.
    Door(Door),
    /// `/v1/{account}/{gateway}`: a list of steps.
    Universal,
}

/// Takes path and query of a call apart, which came in at a custom domain or not.
pub(crate) fn parse<'a>(
    target: &'a str,
    domain: Option<&'a CustomDomain>,
) -> Result<DataPath<'a>, Error> {
    match domain {
        Some(domain) => parse_domain_path(target, domain),
        None => parse_path(target),
    }
}

/// Takes a path and query apart. `target` begins with `/`.
fn parse_path(target: &str) -> Result<DataPath<'_>, Error> {
    if let Some(after) = target.strip_prefix("/client/v4/accounts/") {
        return parse_rest(target, after);
    }
    let after = target.strip_prefix("/v1/").ok_or_else(|| no_such_path(target))?;
    let (path_length, _) = after.split_once('?').map_or((after.len(), ""), |(p, q)| (p.len(), q));
    let mut segments = after[..path_length].splitn(3, '/');
    let account = segments.next().unwrap_or_default();
    let gateway = segments.next().unwrap_or_default();
    if account.is_empty() || gateway.is_empty() {
        return Err(no_such_path(target));
    }
    let shown = after.get(account.len() + 1 + gateway.len()..).unwrap_or_default();
    let shown = shown.strip_prefix('/').unwrap_or(shown);
    let place = place(shown).ok_or_else(|| no_such_path(target))?;
    Ok(DataPath { account, gateway: Some(gateway), place, shown })
}

/// Takes path and query of a call at a custom domain apart: they begin at the provider (spec:
/// data-plane 1.8). `target` begins with `/`.
fn parse_domain_path<'a>(target: &'a str, domain: &'a CustomDomain) -> Result<DataPath<'a>, Error> {
    let refuse = || {
        let hint = "this host is one gateway's: the path begins at the provider, /openai/... or \
                    /compat/..., without /v1/{account}/{gateway}";
        Error::new(Kind::NotFound, "No such path").with_hint(hint)
    };
    let shown = target.strip_prefix('/').unwrap_or(target);
    let first = shown.split(['/', '?']).next().unwrap_or_default();
    // What else this process serves is not served here, nor are other gateways.
    if matches!(first, "v1" | "client") {
        return Err(refuse());
    }
    let (account, gateway) = (domain.account_id.as_str(), domain.gateway_id.as_str());
    let place = place(shown).ok_or_else(refuse)?;
    Ok(DataPath { account, gateway: Some(gateway), place, shown })
}

/// Where a path after the gateway leads; none for one of no unified endpoint.
fn place(shown: &str) -> Option<Place<'_>> {
    let end = shown.find(['/', '?']).unwrap_or(shown.len());
    // With a path after the provider the slash is passed over; without one the query follows.
    let (provider, rest) = shown.split_at(end);
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let door = match provider {
        "compat" => Some(rest),
        // As in the built-in base URL of a client library.
        "openai" => rest.strip_prefix("compat/"),
        _ => None,
    };
    Some(match door {
        Some(rest) => Place::Door(Door::compat(rest)?),
        None if provider == "run" && rest.split('?').next() == Some("") => {
            Place::Door(Door::preview_run())
        }
        None if provider.is_empty() => Place::Universal,
        None => Place::Native { provider, rest },
    })
}

/// `{account}/ai/...` of the API host.
fn parse_rest<'a>(target: &str, after: &'a str) -> Result<DataPath<'a>, Error> {
    let (account, rest) = after.split_once('/').ok_or_else(|| no_such_path(target))?;
    let shown = rest.strip_prefix("ai/").ok_or_else(|| no_such_path(target))?;
    let door = Door::rest(shown).ok_or_else(|| no_such_path(target))?;
    Ok(DataPath { account, gateway: None, place: Place::Door(door), shown })
}

/// Whether a path of the API host is one of ours, not one of the management API.
pub(crate) fn is_inference(path: &str) -> bool {
    let Some(after) = path.strip_prefix("/client/v4/accounts/") else { return false };
    let Some((_, rest)) = after.split_once("/ai/") else { return false };
    let first = rest.split('/').next().unwrap_or_default();
    matches!(first, "run" | "v1") && !after.split('/').next().unwrap_or_default().is_empty()
}

/// The answer to a path that is nothing here, with a guess at what was meant.
pub(crate) fn no_such_path(target: &str) -> Error {
    let path = target.split('?').next().unwrap_or_default();
    let error = Error::new(Kind::NotFound, "No such path");
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let hint = match segments.as_slice() {
        ["v1"] | ["v1", _] => {
            "the path is /v1/{account}/{gateway}/{provider}/..., and this one ends too early"
                .to_owned()
        }
        [first, ..] if *first != "v1" && segments.len() >= 3 => {
            format!("the base URL lacks /v1: try /v1{path}")
        }
        _ => "the path is /v1/{account}/{gateway}/{provider}/...".to_owned(),
    };
    error.with_hint(crate::diagnose::ascii(&hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(target: &str) -> (&str, &str, &str, &str) {
        let path = parse_path(target).unwrap();
        let Place::Native { provider, rest } = path.place else { panic!("{target}") };
        (path.account, path.gateway.unwrap(), provider, rest)
    }

    #[test]
    fn rest_and_query_are_kept_byte_for_byte() {
        for (target, expected) in [
            ("/v1/a/g/openai/chat/completions", ("a", "g", "openai", "chat/completions")),
            ("/v1/a/g/openai/x?y=1&y=2", ("a", "g", "openai", "x?y=1&y=2")),
            ("/v1/a/g/openai?x=/v1/b", ("a", "g", "openai", "?x=/v1/b")),
            ("/v1/a/g/openai//a//%2F:b", ("a", "g", "openai", "/a//%2F:b")),
            ("/v1/a/g/workers-ai/@cf/m/n", ("a", "g", "workers-ai", "@cf/m/n")),
            ("/v1/a/g/openai/", ("a", "g", "openai", "")),
            ("/v1/a/g/openai", ("a", "g", "openai", "")),
        ] {
            assert_eq!(parts(target), expected, "{target}");
        }
    }

    #[test]
    fn without_a_provider_it_is_universal() {
        for target in ["/v1/a/g", "/v1/a/g/", "/v1/a/g?x=1"] {
            assert_eq!(parse_path(target).unwrap().place, Place::Universal, "{target}");
        }
    }

    #[test]
    fn at_a_custom_domain_the_path_begins_at_the_provider() {
        let domain = CustomDomain {
            id: "d1".into(),
            account_id: "acc1".into(),
            gateway_id: "gw1".into(),
            hostname: "ai.example.com".to_owned(),
            status: weir_core::access::DomainStatus::Active,
            issuer_id: None,
            created_at: weir_core::Timestamp::from_millis(0),
            modified_at: weir_core::Timestamp::from_millis(0),
        };
        let at = |target: &'static str| parse_domain_path(target, &domain);
        let path = at("/openai/v1/chat/completions?x=1").unwrap();
        assert_eq!((path.account, path.gateway), ("acc1", Some("gw1")));
        let native = Place::Native { provider: "openai", rest: "v1/chat/completions?x=1" };
        assert_eq!((path.place, path.shown), (native, "openai/v1/chat/completions?x=1"));
        assert!(matches!(at("/compat/chat/completions").unwrap().place, Place::Door(_)));
        assert_eq!(at("/").unwrap().place, Place::Universal);
        assert_eq!(at("/?x=1").unwrap().place, Place::Universal);
        for other in ["/v1/acc1/gw2/openai/x", "/client/v4/accounts/acc1/ai/run", "/compat/nothing"]
        {
            assert_eq!(at(other).unwrap_err().kind(), Kind::NotFound, "{other}");
        }
    }

    #[test]
    fn what_is_no_data_path_says_what_one_looks_like() {
        let hint = |target: &str| parse_path(target).unwrap_err().hint().unwrap().to_owned();
        assert!(hint("/acc1/gw1/openai/chat/completions").contains("lacks /v1: try /v1/acc1/gw1"));
        assert!(hint("/v1/acc1").contains("ends too early"));
        assert!(hint("/").contains("/v1/{account}"));
    }
}
