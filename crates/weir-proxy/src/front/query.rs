//! The query string, where some clients put a credential.

use weir_core::{Snapshot, token::ApiToken};

use std::borrow::Cow;
use std::sync::Arc;

/// Removes every query parameter whose value is one of our tokens (spec: data-plane 2.2), and
/// hands out the last such token. Without one the text comes back as it was.
pub(crate) fn take_tokens<'a>(
    rest: &'a str,
    snapshot: &Snapshot,
) -> (Cow<'a, str>, Option<Arc<ApiToken>>) {
    let Some((path, query)) = rest.split_once('?') else { return (Cow::Borrowed(rest), None) };
    let token_in = |parameter: &str| {
        let (_, value) = parameter.split_once('=')?;
        snapshot.token(value.as_bytes()).cloned()
    };
    let Some(token) = query.split('&').filter_map(token_in).next_back() else {
        return (Cow::Borrowed(rest), None);
    };
    let kept: Vec<&str> = query.split('&').filter(|p| token_in(p).is_none()).collect();
    let cleaned =
        if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) };
    (Cow::Owned(cleaned), Some(token))
}

/// Whether a parameter of that name has a value.
pub(crate) fn has_value(rest: &str, name: &str) -> bool {
    let Some((_, query)) = rest.split_once('?') else { return false };
    query
        .split('&')
        .filter_map(|parameter| parameter.split_once('='))
        .any(|(key, value)| key == name && !value.is_empty())
}

/// The path and query as the log may show them: values of parameters that hold keys are cut out
/// (spec: observability 1.2).
pub(crate) fn redact(rest: &str) -> Cow<'_, str> {
    const SECRET: [&str; 9] = [
        "key",
        "api_key",
        "apikey",
        "api-key",
        "token",
        "access_token",
        "x-goog-api-key",
        "x-amz-signature",
        "x-amz-security-token",
    ];
    let Some((path, query)) = rest.split_once('?') else { return Cow::Borrowed(rest) };
    let is_secret = |parameter: &str| {
        parameter
            .split_once('=')
            .is_some_and(|(name, _)| SECRET.iter().any(|secret| name.eq_ignore_ascii_case(secret)))
    };
    if !query.split('&').any(is_secret) {
        return Cow::Borrowed(rest);
    }
    let shown: Vec<Cow<'_, str>> = query
        .split('&')
        .map(|parameter| match parameter.split_once('=') {
            Some((name, _)) if is_secret(parameter) => Cow::Owned(format!("{name}=[redacted]")),
            _ => Cow::Borrowed(parameter),
        })
        .collect();
    Cow::Owned(format!("{path}?{}", shown.join("&")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_cut_out_and_the_rest_stays() {
        assert_eq!(redact("v1beta/m:g?alt=sse&key=AIza"), "v1beta/m:g?alt=sse&key=[redacted]");
        assert_eq!(redact("x?Api_Key=1&y"), "x?Api_Key=[redacted]&y");
        assert_eq!(
            redact("x?X-Amz-Security-Token=s&X-Amz-Date=1"),
            "x?X-Amz-Security-Token=[redacted]&X-Amz-Date=1"
        );
        assert_eq!(redact("x?monkey=1"), "x?monkey=1");
        assert_eq!(redact("x"), "x");
    }

    #[test]
    fn a_value_is_looked_for_by_whole_name() {
        assert!(has_value("x?a=1&key=AIza", "key"));
        assert!(!has_value("x?monkey=1", "key"));
        assert!(!has_value("x?key=", "key"));
        assert!(!has_value("key=1", "key"));
    }
}
