//! Where a custom provider may lie (spec: management-api 7, data-plane 1.7).

use std::net::IpAddr;

use http::Uri;
use weir_llm::catalogue::join_custom;

use crate::error::ApiError;

/// Refuses what the data plane could not, or must not, call. Plain http and this very machine are
/// for operators who asked for them.
pub(super) fn check(url: &str, allow_http: bool) -> Result<(), ApiError> {
    let refuse = |reason: &str| Err(ApiError::body("base_url", format!("base_url {reason}")));
    let Ok(uri) = url.parse::<Uri>() else { return refuse("is not a URL") };
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    if authority.contains('@') {
        return refuse("must not hold a user name or a password; use headers for credentials");
    }
    if url.contains(['?', '#']) {
        return refuse("must not have a query or a fragment");
    }
    if authority.rsplit_once(':').is_some_and(|(_, port)| {
        !port.ends_with(']') && !port.parse::<u16>().is_ok_and(|port| port > 0)
    }) {
        return refuse("has a port that is not a number from 1 to 65535");
    }
    if join_custom(url, "").is_err() {
        return refuse("must begin with https:// and a host, and be plain ASCII");
    }
    if allow_http {
        return Ok(());
    }
    if uri.scheme_str() != Some("https") {
        return refuse(
            "must begin with https:// (http is for addresses that the operator lists in egress.allow)",
        );
    }
    if uri.host().is_some_and(is_here) {
        return refuse("names this machine (the operator can permit local providers)");
    }
    Ok(())
}

/// Scheme, host and port, as far as the text says.
pub(in crate::v4) fn origin(url: &str) -> Option<(String, String, u16)> {
    let uri: Uri = url.parse().ok()?;
    let scheme = uri.scheme_str()?.to_owned();
    let port = uri.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
    Some((scheme, uri.host()?.to_lowercase(), port))
}

/// Names and addresses that always mean this machine. Names that merely resolve to it are caught
/// when they are called.
fn is_here(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_lowercase();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(address) => {
            let address = address.to_canonical();
            address.is_loopback() || address.is_unspecified()
        }
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_accepted_can_be_called_and_is_no_surprise(
            text in "(https?://)?(u@)?([a-z.]{1,8}|127\\.0\\.0\\.1|\\[::1\\])(:[0-9]{0,6})?(/[a-z@]{0,4}){0,2}([?#]x)?"
        ) {
            if check(&text, false).is_ok() {
                let (base, _) = join_custom(&text, "v1").unwrap();
                prop_assert!(base.starts_with("https://") && !base.contains(['@', '?', '#']));
                let (_, host, port) = origin(&text).unwrap();
                prop_assert!(!is_here(&host) && port > 0);
                prop_assert!(check(&text, true).is_ok());
            }
        }
    }
}
