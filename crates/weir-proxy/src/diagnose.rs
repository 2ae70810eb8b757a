//! The classic mistakes, and what to do about each.
//!
//! A refusal of our own carries its hint in `description` and in the header `weir-hint`; beside a
//! provider's error, whose body stays untouched, the header stands alone. All texts are here.

use std::borrow::Cow;
use std::net::IpAddr;

use weir_llm::catalogue::{self, Provider};

use crate::auth::Refusal;
use crate::auth::users::UserRefusal;

type Hint = Cow<'static, str>;

/// A header may hold only visible ASCII, and hints may quote what the client sent.
pub(crate) fn ascii(text: &str) -> String {
    const LONGEST: usize = 600;
    let shown = text.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' });
    shown.take(LONGEST).collect()
}

/// Why the gateway itself refused the caller.
pub(crate) fn refusal(reason: &Refusal, has_provider_key: bool) -> Hint {
    Cow::Borrowed(match reason {
        Refusal::Nothing if has_provider_key => {
            "a provider key arrived, but no gateway token: add the header \
             'cf-aig-authorization: Bearer <gateway token>' (make one with 'weir token create')"
        }
        Refusal::Nothing => {
            "no gateway token arrived: add the header 'cf-aig-authorization: Bearer <gateway \
             token>', or use the gateway token as the client's API key (make one with 'weir token \
             create')"
        }
        Refusal::Placeholder => {
            "the gateway token is a placeholder such as 'undefined': the variable that should \
             hold it is empty where the client runs"
        }
        Refusal::Unknown => {
            "the gateway token is not known here: check for a cut-off or foreign value, or make \
             a new one with 'weir token create'"
        }
        Refusal::OtherAccount => {
            "the gateway token belongs to another account than the one in the path"
        }
        Refusal::Revoked => "the gateway token was revoked: make a new one",
        Refusal::Disabled => "the gateway token is disabled: enable it",
        Refusal::NotYet => "the gateway token is not valid yet",
        Refusal::Expired => "the gateway token has expired: make a new one",
        Refusal::LacksRun => "the gateway token lacks the permission 'AI Gateway Run'",
        Refusal::OtherGateways => "the gateway token is restricted to other gateways",
        Refusal::Address(seen) => return address(*seen).into(),
        Refusal::UserNeeded => {
            "this host is for users of an identity provider: a gateway token alone does not open \
             it; sign in, or call the gateway at its usual address"
        }
        Refusal::User(reason) => return user(*reason),
    })
}

/// Why an address is not let in. The list itself is nobody's business.
fn address(seen: Option<IpAddr>) -> String {
    match seen {
        Some(address) => format!("calls from {address} are not allowed"),
        None => {
            "calls are allowed from some addresses only, and the proxy in front did not say in \
                 a readable form where this one is from"
                .to_owned()
        }
    }
}

/// Why a user is not let in.
fn user(reason: UserRefusal) -> Hint {
    Cow::Borrowed(match reason {
        UserRefusal::Token(fault) => {
            return format!("the JSON web token is refused: {fault}").into();
        }
        UserRefusal::UnknownIssuer => {
            "the JSON web token is of an issuer (iss) that this account has not configured"
        }
        UserRefusal::DisabledIssuer => {
            "the JSON web token is of an issuer that is disabled: enable it"
        }
        UserRefusal::OtherIssuer => {
            "the JSON web token is of another issuer than the one whose users may use this host"
        }
        UserRefusal::OtherGateways => {
            "the JSON web token is of an issuer whose users may call other gateways only"
        }
        UserRefusal::KeysAway => {
            "the JSON web token cannot be checked: its issuer's keys cannot be fetched now"
        }
    })
}

/// No such gateway. Ids of others are told only to callers of the account.
pub(crate) fn unknown_gateway<'a>(
    account: &str,
    gateway: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Hint {
    if account == "v1" {
        return "the path begins with /v1 twice: remove one from the base URL".into();
    }
    match weir_core::text::nearest(gateway, known) {
        Some(near) => {
            ascii(&format!("there is no gateway '{gateway}'; did you mean '{near}'?")).into()
        }
        None => ascii(&format!(
            "there is no gateway '{gateway}' in account '{account}': only 'default' is made by \
             itself, others are created first"
        ))
        .into(),
    }
}

/// No such provider, with what was probably meant.
pub(crate) fn unknown_provider<'a>(slug: &str, custom: impl IntoIterator<Item = &'a str>) -> Hint {
    let custom: Vec<&str> = custom.into_iter().collect();
    if let Some(wanted) = slug.strip_prefix("custom-") {
        return match weir_core::text::nearest(wanted, custom.iter().copied()) {
            Some(near) if near == wanted => {
                ascii(&format!("the custom provider '{wanted}' is disabled: enable it")).into()
            }
            Some(near) => ascii(&format!(
                "there is no custom provider '{wanted}'; did you mean 'custom-{near}'?"
            ))
            .into(),
            None => {
                ascii(&format!("there is no custom provider '{wanted}' in this account")).into()
            }
        };
    }
    if custom.contains(&slug) {
        return ascii(&format!("custom providers are reached with a prefix: 'custom-{slug}'"))
            .into();
    }
    if matches!(slug, "v1" | "chat" | "messages" | "responses" | "embeddings" | "models") {
        return ascii(&format!(
            "the path names no provider before '{slug}': put one after the gateway, e.g. \
             /openai/{slug}"
        ))
        .into();
    }
    match catalogue::nearest(&slug.to_ascii_lowercase()) {
        Some(near) => {
            ascii(&format!("there is no provider '{slug}'; did you mean '{near}'?")).into()
        }
        None => ascii(&format!(
            "there is no provider '{slug}': use a slug such as 'openai', or 'custom-' and the \
             slug of a custom provider"
        ))
        .into(),
    }
}

/// What is known when a provider has answered with an error.
#[derive(Debug)]
pub(crate) struct ProviderError<'a> {
    /// The provider's status.
    pub(crate) status: u16,
    /// Its catalogue row; none for a custom provider.
    pub(crate) provider: Option<&'static Provider>,
    /// Its name in the path.
    pub(crate) slug: &'a str,
    /// Path after the slug, with the query.
    pub(crate) rest: &'a str,
    /// The caller was let in by a gateway token.
    pub(crate) gateway_token: bool,
    /// A key for the provider went along.
    pub(crate) provider_key: bool,
    /// That key is a placeholder.
    pub(crate) placeholder_key: bool,
    /// Model named in the request.
    pub(crate) model: Option<&'a str>,
}

type Rule = fn(&ProviderError<'_>) -> Option<Hint>;

/// The rules, most telling first.
const RULES: [Rule; 6] = [
    placeholder_key,
    no_provider_key,
    doubled_version,
    missing_version,
    missing_api_version,
    foreign_model_prefix,
];

/// The first rule that explains a provider's error.
pub(crate) fn provider_error(facts: &ProviderError<'_>) -> Option<Hint> {
    if facts.status < 400 {
        return None;
    }
    RULES.iter().find_map(|rule| rule(facts))
}

fn placeholder_key(facts: &ProviderError<'_>) -> Option<Hint> {
    let refused = matches!(facts.status, 400 | 401 | 403);
    (refused && facts.placeholder_key).then(|| {
        ascii(&format!(
            "the key sent for {} is a placeholder such as 'undefined': the variable that should \
             hold it is empty where the client runs",
            facts.slug
        ))
        .into()
    })
}

fn no_provider_key(facts: &ProviderError<'_>) -> Option<Hint> {
    if !matches!(facts.status, 400 | 401 | 403) || facts.provider_key {
        return None;
    }
    let header = match facts.provider {
        Some(row) => {
            let name = row.credential_headers.first().copied().unwrap_or("authorization");
            format!("'{name}: {}<key>'", row.credential_scheme)
        }
        None => "the header this provider expects".to_owned(),
    };
    let hint = if facts.gateway_token {
        format!(
            "the gateway token was accepted, but no key for {} came along: send it in {header}, \
             and the gateway token in 'cf-aig-authorization'",
            facts.slug
        )
    } else {
        format!("no key for {} came along: send it in {header}", facts.slug)
    };
    Some(ascii(&hint).into())
}

fn doubled_version(facts: &ProviderError<'_>) -> Option<Hint> {
    let path = facts.rest.split('?').next().unwrap_or_default();
    let doubled = ["v1/v1/", "v1beta/v1beta/", "v2/v2/"].iter().find(|d| path.starts_with(**d))?;
    let version = doubled.split('/').next().unwrap_or_default();
    (facts.status == 404).then(|| {
        ascii(&format!(
            "the path begins with '{doubled}': the client adds '/{version}' itself, so remove it \
             from the base URL"
        ))
        .into()
    })
}

fn missing_version(facts: &ProviderError<'_>) -> Option<Hint> {
    let versions: &[&str] = match facts.slug {
        "anthropic" => &["v1"],
        "google-ai-studio" | "google" => &["v1beta", "v1", "v1alpha"],
        "google-vertex-ai" => &["v1", "v1beta1"],
        "cohere" => &["v2", "v1"],
        "deepgram" | "elevenlabs" | "ideogram" => &["v1"],
        _ => return None,
    };
    let first = facts.rest.split(['/', '?']).next().unwrap_or_default();
    if facts.status != 404 || versions.contains(&first) {
        return None;
    }
    Some(
        ascii(&format!(
            "paths of {} begin with '{}/': the base URL ends too early, or the client is another \
             provider's",
            facts.slug, versions[0]
        ))
        .into(),
    )
}

fn missing_api_version(facts: &ProviderError<'_>) -> Option<Hint> {
    let azure = facts.provider.is_some_and(|row| row.slug == "azure-openai");
    let versionless = facts.rest.split('/').nth(1) == Some("openai");
    (azure
        && matches!(facts.status, 400 | 404)
        && !versionless
        && !crate::front::query::has_value(facts.rest, "api-version"))
    .then_some(Cow::Borrowed("azure-openai needs the query parameter 'api-version'"))
}

fn foreign_model_prefix(facts: &ProviderError<'_>) -> Option<Hint> {
    if !matches!(facts.status, 400 | 404 | 422) {
        return None;
    }
    // Providers whose own model names have such prefixes would be advised wrongly.
    let own_prefixes =
        ["openrouter", "groq", "baseten", "huggingface", "replicate", "fal", "workers-ai"];
    if own_prefixes.contains(&facts.slug) || facts.provider.is_none() {
        return None;
    }
    let (prefix, bare) = facts.model?.split_once('/')?;
    let known = catalogue::find(prefix).is_some()
        || matches!(prefix, "google" | "xai" | "perplexity" | "custom" | "dynamic" | "meta-llama")
        || prefix.starts_with("custom-");
    known.then(|| {
        ascii(&format!(
            "the model '{prefix}/{bare}' carries a provider prefix, which belongs to the unified \
             endpoints; on /{} send a bare name such as '{bare}'",
            facts.slug
        ))
        .into()
    })
}

#[cfg(test)]
mod tests;
