//! From a model's name to its provider (spec: data-plane 1.4, 1.6, 1.7).

use std::borrow::Cow;

use bytes::Bytes;
use weir_core::route::RouteTarget;
use weir_core::{Error, Kind, ProviderSlug, Snapshot};
use weir_llm::catalogue::{self, NameError, Named, Provider, is_author};
use weir_llm::operation::Operation;
use weir_llm::percent;

use super::{Asked, Owner, Unwanted, Wanted};
use crate::diagnose;
use crate::front::door::Family;
use crate::plane::Shared;

/// Longest name, in bytes.
const LONGEST: usize = 512;

/// A model that was found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) owner: Owner,
    pub(super) slug: ProviderSlug,
    pub(super) model: Box<str>,
    /// What it does, where the catalogue says it.
    pub(super) kind: Option<Box<str>>,
}

impl Found {
    fn listed(provider: &'static Provider, model: &str) -> Self {
        let (owner, slug) = (Owner::Listed(provider), provider.slug.into());
        Self { owner, slug, model: model.into(), kind: None }
    }

    pub(super) fn into_wanted(self, operation: Operation, body: Bytes) -> Wanted {
        let Self { owner, slug, model, .. } = self;
        Wanted {
            operation,
            owner,
            slug,
            model,
            body,
            stream: false,
            sse: true,
            run: None,
            workers_ai_path: None,
        }
    }
}

/// The model of a unified name.
pub(super) fn find(
    name: &str,
    operation: Operation,
    asked: &Asked<'_>,
    snapshot: &Snapshot,
    shared: &Shared,
) -> Result<Found, Unwanted> {
    if let Some(chosen) = asked.chosen {
        return Ok(of_target(chosen, asked, snapshot)?);
    }
    check(name)?;
    let name = alias(name, asked).map_or(Cow::Borrowed(name), Cow::Owned);
    let name = with_own_prefix(&name, operation);
    if name.starts_with('@') {
        return Ok(at_name(&name, asked)?);
    }
    let prefix = name.split('/').next().unwrap_or_default();
    // The API host has a catalogue of its own, in which names are exact; what none of its authors
    // made is named as on the data host.
    if asked.door.family == Family::Rest && is_author(prefix) {
        return Ok(in_catalogue(&name, shared)?);
    }
    match catalogue::named(&name) {
        Ok(Named::Listed { provider, model }) => Ok(Found::listed(provider, model)),
        Ok(Named::Custom { provider, model }) => {
            Ok(custom(provider, model, asked.account, snapshot)?)
        }
        Ok(Named::Route(route)) => Err(Unwanted::Route(route.into())),
        Ok(Named::Auto) => Err(Error::new(Kind::UnknownRoute, "No such dynamic route")
            .with_hint("this version has no auto router: name a model")
            .into()),
        Err(error) => Err(unknown(&name, error, asked, snapshot).into()),
    }
}

/// The model that a route chose: by the provider's slug and in its own word.
fn of_target(target: &RouteTarget, asked: &Asked<'_>, snapshot: &Snapshot) -> Result<Found, Error> {
    check(&target.model)?;
    let slug = target.provider.as_str();
    if slug.starts_with("custom-") {
        return custom(slug, &target.model, asked.account, snapshot);
    }
    catalogue::find(slug).map(|row| Found::listed(row, &target.model)).ok_or_else(|| {
        Error::new(Kind::UnknownProvider, "Invalid provider")
            .with_hint(diagnose::unknown_provider(slug, std::iter::empty()))
    })
}

/// What an operator lets the name stand for: the exact name, else the longest beginning of it that
/// is given with a `*`.
fn alias(name: &str, asked: &Asked<'_>) -> Option<String> {
    if let Some(exact) = asked.aliases.get(name) {
        return Some(exact.clone());
    }
    let covering = asked.aliases.iter().filter(|(pattern, _)| {
        pattern.strip_suffix('*').is_some_and(|beginning| name.starts_with(beginning))
    });
    covering.max_by_key(|(pattern, _)| pattern.len()).map(|(_, target)| target.clone())
}

/// Clients of a vendor's own dialect name its models without any prefix, and cannot always be told
/// otherwise.
fn with_own_prefix(name: &str, operation: Operation) -> Cow<'_, str> {
    let bare = !name.contains('/') && !name.starts_with('@');
    let prefix = match operation {
        Operation::Messages | Operation::CountTokens => "anthropic",
        Operation::Generate
        | Operation::GeminiCountTokens
        | Operation::EmbedContent
        | Operation::BatchEmbedContents => "google-ai-studio",
        _ => return Cow::Borrowed(name),
    };
    if bare { Cow::Owned(format!("{prefix}/{name}")) } else { Cow::Borrowed(name) }
}

/// `@cf/...`: Workers AI at the API host; on the data host it lacks its prefix.
fn at_name(name: &str, asked: &Asked<'_>) -> Result<Found, Error> {
    if asked.door.family == Family::Compat {
        return Err(Error::new(Kind::UnknownProvider, "Invalid provider")
            .with_hint(diagnose::ascii(&format!("write the model as 'workers-ai/{name}'"))));
    }
    catalogue::find("workers-ai")
        .map(|row| Found::listed(row, name))
        .ok_or_else(|| Error::new(Kind::Internal, "Workers AI is missing from the catalogue"))
}

fn in_catalogue(name: &str, shared: &Shared) -> Result<Found, Error> {
    let names = shared.rest_names();
    if let Some(found) = names.find(name) {
        let kind = Some(found.kind.clone());
        return Ok(Found { kind, ..Found::listed(found.provider, &found.model) });
    }
    let error = Error::new(Kind::UnknownModel, format!("Model not found: {}", shown(name)));
    Err(match names.nearest(name) {
        Some(near) => error.with_hint(diagnose::ascii(&format!("did you mean '{near}'?"))),
        None => error.with_hint(
            "names are those of GET /ai/v1/models; 'weir prices update' adds what is newer",
        ),
    })
}

/// What a name has to be: it becomes part of paths, log rows and headers.
pub(super) fn check(name: &str) -> Result<(), Error> {
    let reason = if name.len() > LONGEST {
        "is too long"
    } else if name.chars().any(char::is_control) {
        "has control characters"
    } else if name.split(['/', '\\']).any(|part| part == "..") {
        "has '..' in it"
    } else {
        return Ok(());
    };
    Err(Error::new(Kind::BadRequest, format!("model: {reason}")))
}

/// A name as a path has it: slashes part segments, everything else that means something in a URL is
/// encoded.
pub(super) fn in_path(name: &str) -> String {
    percent::encode(name, b"@/")
}

/// A name as an answer may show it.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(120).collect()
}

fn custom(provider: &str, model: &str, account: &str, snapshot: &Snapshot) -> Result<Found, Error> {
    let slug = provider.strip_prefix("custom-").unwrap_or(provider);
    match snapshot.custom_provider(account, slug) {
        Some(custom) if custom.enable => Ok(Found {
            owner: Owner::Custom(std::sync::Arc::clone(custom)),
            slug: provider.into(),
            model: model.into(),
            kind: None,
        }),
        _ => {
            let known = snapshot.custom_providers(account).map(|custom| custom.slug.as_str());
            Err(Error::new(Kind::UnknownProvider, "Invalid provider")
                .with_hint(diagnose::unknown_provider(provider, known)))
        }
    }
}

fn unknown(name: &str, error: NameError, asked: &Asked<'_>, snapshot: &Snapshot) -> Error {
    if asked.door.family == Family::Rest {
        return Error::new(Kind::UnknownModel, format!("Model not found: {}", shown(name)))
            .with_hint("a model is named '{author}/{model}' or '@cf/{author}/{model}'");
    }
    let hint = match error {
        NameError::NoPrefix => diagnose::ascii(&format!(
            "'{name}' names no provider: write the model as '{{provider}}/{{model}}', e.g. \
             'openai/gpt-4o-mini'"
        )),
        NameError::UnknownPrefix => {
            let prefix = name.split('/').next().unwrap_or_default();
            let custom = snapshot.custom_providers(asked.account).map(|it| it.slug.as_str());
            diagnose::unknown_provider(prefix, custom).into_owned()
        }
    };
    Error::new(Kind::UnknownProvider, "Invalid provider").with_hint(hint)
}

#[cfg(test)]
mod tests;
