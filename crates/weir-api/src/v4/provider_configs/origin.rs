//! Where a stored key may be sent, as it is put on record when the key is stored: whoever may move a
//! provider but not see its keys must not have them sent elsewhere.

use weir_core::config::Configuration;
use weir_core::secrets::ProviderConfig;
use weir_core::{AccountId, CustomProvider};
use weir_llm::catalogue;

use crate::error::ApiError;
use crate::v4::custom_providers::origin as parts;

/// The origin to put on record for a key of a provider; `None` where calls name the host and nobody
/// chose one. A wish counts where it is the provider's own.
pub(super) fn of_key(
    now: &Configuration,
    account: &AccountId,
    slug: &str,
    wish: Option<&str>,
) -> Result<Option<String>, ApiError> {
    let row = catalogue::find(slug);
    let own = match slug.strip_prefix("custom-") {
        Some(custom) => {
            let mut providers = now.of::<CustomProvider>(account);
            let found = providers.find(|provider| provider.slug == custom);
            found.and_then(|provider| written(&provider.base_url))
        }
        None => row.and_then(catalogue::Provider::fixed_origin).map(ToOwned::to_owned),
    };
    let Some(wish) = wish else { return Ok(own) };
    let refuse = |reason: String| Err(ApiError::body("origin", reason));
    let Some(wished) = written(wish).filter(|it| it.len() >= wish.trim_end_matches('/').len())
    else {
        return refuse("origin must be a scheme and a host, e.g. https://h.example".to_owned());
    };
    if let Some(own) = own {
        return match wished == own {
            true => Ok(Some(own)),
            false => refuse(format!("calls of {slug} go to {own}: leave origin out")),
        };
    }
    let host = parts(&wished).map(|(_, host, _)| host).unwrap_or_default();
    if !wished.starts_with("https://") || !row.is_some_and(|row| row.owns(&host)) {
        return refuse(format!("{wished} is not a place of {slug}"));
    }
    Ok(Some(wished))
}

/// Whether the origin of a provider's keys is chosen by who stores them.
pub(super) fn is_chosen(slug: &str) -> bool {
    catalogue::find(slug).is_some_and(|row| row.fixed_origin().is_none())
}

/// Refuses a secret for another origin than it is used for already. Where calls name the host, the
/// provider is all that is known of it, and must be the same.
pub(super) fn refuse_other(
    now: &Configuration,
    account: &AccountId,
    secret_id: &str,
    (slug, origin): (&str, Option<&str>),
) -> Result<(), ApiError> {
    let others = now.of::<ProviderConfig>(account);
    let mut others = others.filter(|other| &*other.secret_id == secret_id);
    let differs = |other: &&std::sync::Arc<ProviderConfig>| match other.origin.as_deref() {
        Some(of_other) => Some(of_other) != origin,
        None => other.provider_slug != slug,
    };
    match others.find(differs) {
        None => Ok(()),
        Some(other) => {
            let text = format!(
                "secret {secret_id} is a key for {} (gateway {}, alias {}): store the key anew for \
                 another place",
                other.origin.as_deref().unwrap_or(&other.provider_slug),
                other.gateway_id,
                other.alias
            );
            Err(ApiError::body("secret_id", text))
        }
    }
}

/// The origin of a URL in its one spelling.
fn written(url: &str) -> Option<String> {
    let (scheme, host, port) = parts(url)?;
    let own = if scheme == "https" { 443 } else { 80 };
    Some(if port == own {
        format!("{scheme}://{host}")
    } else {
        format!("{scheme}://{host}:{port}")
    })
}
