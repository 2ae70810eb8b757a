//! Unified model names: `{provider}/{model}` (spec: data-plane 1.4).

use super::{Provider, find};

/// What a unified name means.
#[derive(Clone, Copy, Debug)]
pub enum Named<'a> {
    /// A model of a provider of the catalogue.
    Listed {
        /// The provider.
        provider: &'static Provider,
        /// Everything after the first slash.
        model: &'a str,
    },
    /// A model of a custom provider.
    Custom {
        /// The provider's slug with `custom-` before it.
        provider: &'a str,
        /// Everything after the first slash.
        model: &'a str,
    },
    /// `dynamic/{route}`.
    Route(&'a str),
    /// `cloudflare/auto`.
    Auto,
}

/// Why a name means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameError {
    /// There is no slash, or nothing on one of its sides.
    NoPrefix,
    /// The prefix is no provider, or one that the unified endpoints do not serve.
    UnknownPrefix,
}

/// Reads a unified name.
///
/// # Errors
/// When it has no prefix, or one that nothing is known by.
pub fn named(name: &str) -> Result<Named<'_>, NameError> {
    let (prefix, model) = name.split_once('/').ok_or(NameError::NoPrefix)?;
    if prefix.is_empty() || model.is_empty() {
        return Err(NameError::NoPrefix);
    }
    if prefix.starts_with("custom-") {
        return Ok(Named::Custom { provider: prefix, model });
    }
    match (prefix, model) {
        ("dynamic", route) => return Ok(Named::Route(route)),
        ("cloudflare", "auto") => return Ok(Named::Auto),
        _ => {}
    }
    let provider = find(prefix).ok_or(NameError::UnknownPrefix)?;
    if !provider.serves.is_unified() {
        return Err(NameError::UnknownPrefix);
    }
    Ok(Named::Listed { provider, model })
}
