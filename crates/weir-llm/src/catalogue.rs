//! The providers Weir knows by name: one table of rows, one interpreter of the rows.
//!
//! A provider differs from the next in where it lives, how its paths are built and which header
//! carries its key. All of that is data (`rows`); the few ways in which a path can become a URL are
//! the variants of one enum (`upstream`). Nothing here knows a dialect: bodies are read by their
//! shape (`crate::answer`), never by the provider's name.

mod custom;
mod key_check;
mod names;
mod origins;
mod overrides;
mod rest_names;
mod route;
mod rows;
mod serves;
mod upstream;

#[cfg(test)]
mod tests;

pub use custom::{CUSTOM, join_custom};
pub use names::{NameError, Named, named};
pub use overrides::{apply_override, expand};
pub use rest_names::{RestModel, RestNames, is_author};
pub use route::{Route, RouteContext, RouteError};
pub use serves::Serves;

use upstream::Upstream;

/// One provider: a row of the table (spec: data-plane 1.3, 2.6).
#[derive(Debug)]
pub struct Provider {
    /// The path segment that selects it, e.g. `google-ai-studio`.
    pub slug: &'static str,
    /// Other path segments that mean the same provider.
    pub aliases: &'static [&'static str],
    /// Name for people.
    pub name: &'static str,
    /// Headers that may carry a key, lower case; the first is where a stored key goes.
    pub credential_headers: &'static [&'static str],
    /// Query parameter that may carry a key.
    pub credential_query: Option<&'static str>,
    /// What stands before a stored key in its header, with its space: `"Bearer "`, `"Key "`, or
    /// nothing.
    pub credential_scheme: &'static str,
    /// How unified model names begin that mean this provider, e.g. `openai/`.
    pub model_prefix: Option<&'static str>,
    /// What may follow the slug in a path, for messages.
    pub expects: &'static str,
    /// Streamed chats tell their usage only when asked; see [`crate::stream_usage`].
    pub usage_on_request: bool,
    /// What it serves at the unified endpoints.
    pub serves: &'static Serves,
    upstream: Upstream,
}

/// Every provider, sorted by slug.
pub fn all() -> &'static [Provider] {
    rows::PROVIDERS
}

/// The provider of a path segment: a slug or an alias, exactly as written.
///
/// Called for every request: a pass over some thirty short names, which rarely gets past comparing
/// lengths.
pub fn find(slug_or_alias: &str) -> Option<&'static Provider> {
    all()
        .iter()
        .find(|row| row.slug == slug_or_alias)
        .or_else(|| all().iter().find(|row| row.aliases.contains(&slug_or_alias)))
}

/// The slug that was probably meant by an unknown one.
pub fn nearest(slug: &str) -> Option<&'static str> {
    let names = all().iter().flat_map(|row| std::iter::once(&row.slug).chain(row.aliases));
    let name = weir_core::text::nearest(slug, names.copied())?;
    find(name).map(|row| row.slug)
}

impl Provider {
    /// Where a request goes.
    ///
    /// `rest` is everything after `{provider}/`, the raw query included; path and query come out
    /// byte for byte, but for the prefix the provider needs (spec: data-plane 1.2, 1.3).
    ///
    /// # Errors
    ///
    /// When a part of `rest` that becomes a host name is missing or not of its strict shape, or a
    /// redirecting header names a foreign host.
    pub fn route<'a>(
        &'static self,
        rest: &'a str,
        cx: &RouteContext<'a>,
    ) -> Result<Route<'a>, RouteError> {
        upstream::route(self, &self.upstream, rest, cx)
    }
}
