//! The query string, where some clients put a credential.

use std::borrow::Cow;
use std::sync::Arc;

use weir_core::token::ApiToken;

use super::headers::Issued;
use super::web_tokens::{Slot, WebTokens, is_of_account};

/// What was taken out of a path and its query.
pub(crate) struct Taken<'a> {
    /// What is left; the text as it came when nothing was taken.
    pub(crate) rest: Cow<'a, str>,
    /// The last token of ours.
    pub(crate) token: Option<Arc<ApiToken>>,
    /// Tokens of the account's issuers.
    pub(crate) web_tokens: WebTokens,
}

/// Removes every query parameter whose value is one of our tokens (spec: data-plane 2.2), or one of
/// the account's issuers.
pub(crate) fn take_tokens<'a>(rest: &'a str, issued: Issued<'_>) -> Taken<'a> {
    let mut taken =
        Taken { rest: Cow::Borrowed(rest), token: None, web_tokens: WebTokens::default() };
    let Some((path, query)) = rest.split_once('?') else { return taken };
    let mut kept: Vec<&str> = Vec::new();
    let mut found = false;
    for parameter in query.split('&') {
        let value = parameter.split_once('=').map_or("", |(_, value)| value).as_bytes();
        if let Some(token) = issued.snapshot.token(value) {
            taken.token = Some(Arc::clone(token));
            found = true;
        } else if is_of_account(value, issued.snapshot, issued.account) {
            taken.web_tokens.add(Slot::ProviderKey, value);
            found = true;
        } else {
            kept.push(parameter);
        }
    }
    if found {
        let left =
            if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) };
        taken.rest = Cow::Owned(left);
    }
    taken
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
