//! What routing needs and gives.

use std::borrow::Cow;

use super::overrides::expand;

/// Facts of a request that some rows need besides the path.
#[derive(Clone, Copy, Debug, Default)]
pub struct RouteContext<'a> {
    /// The account of the gateway; Workers AI has it in its path.
    pub account_id: &'a str,
    /// Value of the header `x-fal-target-url`, which names fal's whole target.
    pub fal_target: Option<&'a str>,
}

/// Where a request goes: origin, path and what else the destination asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route<'a> {
    /// Scheme and host, with `{name}` where a variable goes.
    pub origin_template: &'static str,
    /// Variables of this request, all of them checked: they are safe inside a host name.
    pub variables: Vec<(&'static str, &'a str)>,
    /// Path and query, beginning with `/`.
    pub path: String,
    /// Send the bearer token in this header instead, without its scheme.
    pub rename_bearer_to: Option<&'static str>,
}

impl Route<'_> {
    /// Scheme and host, e.g. `https://api.openai.com`.
    pub fn origin(&self) -> Cow<'static, str> {
        if self.variables.is_empty() {
            Cow::Borrowed(self.origin_template)
        } else {
            Cow::Owned(expand(self.origin_template, &self.variables))
        }
    }
}

/// Why a path leads nowhere. The text is safe to show to the client.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RouteError {
    /// A part of the path is not there.
    #[error("{provider}: the path has no {part}; expected {provider}/{expects}")]
    Missing {
        /// Slug of the provider.
        provider: &'static str,
        /// Name of the part.
        part: &'static str,
        /// What the whole path looks like.
        expects: &'static str,
    },
    /// A part of the path cannot be what it stands for.
    #[error("{provider}: '{value}' is not a valid {part} ({shape}); expected {provider}/{expects}")]
    Invalid {
        /// Slug of the provider.
        provider: &'static str,
        /// Name of the part.
        part: &'static str,
        /// What was sent, shortened.
        value: Box<str>,
        /// What it may look like.
        shape: &'static str,
        /// What the whole path looks like.
        expects: &'static str,
    },
    /// `x-fal-target-url` points elsewhere than to fal.
    #[error("x-fal-target-url must be https and name fal.run, fal.ai or a host under them")]
    ForeignTarget,
    /// An operator's override or base URL cannot be used.
    #[error("'{url}' cannot be used as an upstream: {reason}")]
    BadUpstream {
        /// The text as configured.
        url: Box<str>,
        /// What is wrong with it.
        reason: &'static str,
    },
}
