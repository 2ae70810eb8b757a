//! Providers that an account defines itself.

use super::overrides::split_base;
use super::route::RouteError;
use super::serves::{self, Serves};

/// What a custom provider is taken to serve at the unified endpoints: OpenAI's dialect (spec:
/// data-plane 1.4).
pub const CUSTOM: &Serves = &serves::CUSTOM;

/// The URL of a custom provider's request: its base URL and the rest of the path with exactly one
/// slash between them, the query kept (spec: data-plane 1.7). Returns origin and path.
///
/// # Errors
///
/// When the base URL is not an http or https URL, or has a query. Whether plain http is permitted
/// is the caller's question.
pub fn join_custom(base_url: &str, rest: &str) -> Result<(String, String), RouteError> {
    let (origin, prefix) = split_base(base_url)?;
    let rest = rest.trim_start_matches('/');
    let bare = rest.is_empty() || rest.starts_with('?');
    let slash = if bare && !prefix.is_empty() { "" } else { "/" };
    Ok((origin.to_owned(), [prefix, slash, rest].concat()))
}
