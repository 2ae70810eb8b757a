//! An operator's own place for a provider: a proxy, a private endpoint, or a test server.

use super::route::{Route, RouteError};

/// Puts variables into a template: `{name}` becomes the value of `name`. Unknown names stay as they
/// are.
pub fn expand(template: &str, variables: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        text.push_str(&rest[..open]);
        rest = &rest[open..];
        let value = rest.find('}').and_then(|close| {
            let name = &rest[1..close];
            let (_, value) = variables.iter().find(|(known, _)| *known == name)?;
            Some((*value, close + 1))
        });
        let (piece, used) = value.unwrap_or(("{", 1));
        text.push_str(piece);
        rest = &rest[used..];
    }
    text.push_str(rest);
    text
}

/// Sends a route elsewhere: scheme and host become those of the override, and a path in it is put
/// before the route's own.
///
/// `http://127.0.0.1:18080/openai` and `/v1/models` give `http://127.0.0.1:18080` and
/// `/openai/v1/models`. The override may use the route's variables, e.g.
/// `http://mock/{resource}`. Returns the origin and the path.
///
/// # Errors
///
/// When the override is not an http or https URL, has a query, or uses an unknown variable.
pub fn apply_override(
    route: &Route<'_>,
    override_template: &str,
) -> Result<(String, String), RouteError> {
    let (origin, prefix) = split_base(override_template)?;
    let origin = expand(origin, &route.variables);
    let prefix = expand(prefix, &route.variables);
    if origin.contains(['{', '}']) || prefix.contains(['{', '}']) {
        return Err(bad(override_template, "it uses a variable that this path does not have"));
    }
    Ok((origin, prefix + &route.path))
}

/// Splits a configured base URL into origin and path prefix, the latter without trailing slashes.
pub(super) fn split_base(url: &str) -> Result<(&str, &str), RouteError> {
    let scheme = ["https://", "http://"]
        .iter()
        .find(|scheme| url.starts_with(**scheme))
        .ok_or_else(|| bad(url, "it does not begin with https:// or http://"))?;
    if url.contains(['?', '#']) {
        return Err(bad(url, "it has a query or a fragment"));
    }
    if !url.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(bad(url, "it holds a space or a character outside ASCII"));
    }
    let host_end = url[scheme.len()..].find('/').map_or(url.len(), |at| scheme.len() + at);
    let (origin, prefix) = url.split_at(host_end);
    let host = &origin[scheme.len()..];
    if host.is_empty() || host.starts_with(':') {
        return Err(bad(url, "it has no host"));
    }
    if host.contains('@') {
        return Err(bad(url, "it has user information before the host"));
    }
    Ok((origin, prefix.trim_end_matches('/')))
}

fn bad(url: &str, reason: &'static str) -> RouteError {
    RouteError::BadUpstream { url: url.into(), reason }
}
