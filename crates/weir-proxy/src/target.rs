//! Which provider a path means, and where its requests go.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName};
use weir_core::gateway::Hidden;
use weir_core::{CustomProvider, Error, Kind, ProviderSlug, Snapshot};
use weir_llm::catalogue::{self, Provider, Route, RouteContext};
use weir_llm::request::model_from_path;

use crate::diagnose;
use crate::upstream::origin::Origin;
use crate::upstream::{Endpoint, NO_ANSWER, Upstream};

/// A provider's place, ready to be called.
#[derive(Clone)]
pub(crate) struct Target {
    /// Name in the path, and in the log.
    pub(crate) slug: ProviderSlug,
    /// Catalogue row; none for a custom provider.
    pub(crate) provider: Option<&'static Provider>,
    /// Where to connect.
    pub(crate) endpoint: Arc<Endpoint>,
    /// Where it would be by the catalogue, or by the word of its account.
    pub(crate) declared: Origin,
    /// The operator put another place in its stead.
    pub(crate) is_overridden: bool,
    /// Path and query to send.
    pub(crate) path: PathAndQuery,
    /// Header that a bearer credential moves to.
    pub(crate) bearer_moves_to: Option<HeaderName>,
    /// The custom provider's own headers.
    pub(crate) own_headers: Vec<(HeaderName, Hidden)>,
}

/// Finds targets: the catalogue, the account's custom providers, and the operator's overrides.
pub(crate) struct Targets {
    /// Origin templates by slug, from the configuration (`[providers.SLUG] origin`).
    overrides: HashMap<String, String>,
    /// Account id for `workers-ai` upstream when it is not the caller's.
    workers_ai_account: Option<String>,
    /// Slugs of the catalogue, made once so that a log row shares them.
    slugs: HashMap<&'static str, ProviderSlug>,
    /// Endpoints of providers that have one place for all requests, by slug and origin.
    places: RwLock<HashMap<(&'static str, &'static str), Place>>,
}

/// Where all requests of a provider go.
struct Place {
    endpoint: Arc<Endpoint>,
    declared: Origin,
    /// Put before every path.
    prefix: String,
}

impl Targets {
    pub(crate) fn new(
        overrides: HashMap<String, String>,
        workers_ai_account: Option<String>,
    ) -> Self {
        let slugs = catalogue::all().iter().map(|row| (row.slug, row.slug.into())).collect();
        Self { overrides, workers_ai_account, slugs, places: RwLock::default() }
    }

    /// The target that `{provider}/{rest}` means for an account.
    pub(crate) fn find(
        &self,
        account: &str,
        provider: &str,
        rest: &str,
        headers: &HeaderMap,
        snapshot: &Snapshot,
        upstream: &Upstream,
    ) -> Result<Target, Error> {
        if climbs(rest) {
            return Err(Error::new(Kind::BadRequest, "Invalid provider path")
                .with_hint("its '..' would leave the place of the provider"));
        }
        if let Some(slug) = provider.strip_prefix("custom-")
            && let Some(custom) = snapshot.custom_provider(account, slug)
            && custom.enable
        {
            return self.custom(custom, provider, rest, upstream);
        }
        let Some(row) = catalogue::find(provider) else {
            let custom = snapshot.custom_providers(account).map(|custom| custom.slug.as_str());
            return Err(Error::new(Kind::UnknownProvider, "Invalid provider")
                .with_hint(diagnose::unknown_provider(provider, custom)));
        };
        self.listed(row, account, rest, headers, upstream)
    }

    fn listed(
        &self,
        row: &'static Provider,
        account: &str,
        rest: &str,
        headers: &HeaderMap,
        upstream: &Upstream,
    ) -> Result<Target, Error> {
        // What cannot be read names no host, and is refused as such.
        let fal_target =
            headers.get("x-fal-target-url").map(|value| value.to_str().unwrap_or_default());
        let account_id = self.workers_ai_account.as_deref().unwrap_or(account);
        let context = RouteContext { account_id, fal_target };
        let path = fal_target.filter(|_| row.slug == FAL).map_or(rest, after_host);
        if names_another_model(row.slug, path) {
            return Err(Error::new(Kind::BadRequest, "Invalid provider path")
                .with_hint("its '..' would name another model than the one before it"));
        }
        let route = row.route(rest, &context).map_err(|refusal| {
            Error::new(Kind::BadRequest, "Invalid provider path")
                .with_hint(diagnose::ascii(&refusal.to_string()))
        })?;
        let bearer_moves_to = route.rename_bearer_to.map(HeaderName::from_static);
        let slug = self.slugs.get(row.slug).cloned().unwrap_or_else(|| row.slug.into());
        let (endpoint, declared, path) = self.place(row.slug, route, upstream)?;
        Ok(Target {
            slug,
            provider: Some(row),
            endpoint,
            declared,
            is_overridden: self.overrides.contains_key(row.slug),
            path: path_and_query(path)?,
            bearer_moves_to,
            own_headers: Vec::new(),
        })
    }

    /// Endpoint, declared origin and path of a route. Where a provider has one place for all, that is found once.
    fn place(
        &self,
        slug: &'static str,
        route: Route<'_>,
        upstream: &Upstream,
    ) -> Result<(Arc<Endpoint>, Origin, String), Error> {
        let template = self.overrides.get(slug).map(String::as_str);
        let fixed = route.variables.is_empty() && template.is_none_or(|text| !text.contains('{'));
        let key = (slug, route.origin_template);
        if fixed {
            let known = self.places.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(place) = known.get(&key) {
                return Ok((
                    Arc::clone(&place.endpoint),
                    place.declared.clone(),
                    format!("{}{}", place.prefix, route.path),
                ));
            }
        }
        let own_path = route.path.len();
        let declared = Origin::parse(&route.origin()).map_err(unusable)?;
        let (origin, path) = match template {
            Some(template) => catalogue::apply_override(&route, template).map_err(unusable)?,
            None => (route.origin().into_owned(), route.path),
        };
        let endpoint = upstream.endpoint_of(slug, &Origin::parse(&origin).map_err(unusable)?);
        if fixed {
            let prefix = path[..path.len() - own_path].to_owned();
            let (endpoint, declared) = (Arc::clone(&endpoint), declared.clone());
            let place = Place { endpoint, declared, prefix };
            self.places.write().unwrap_or_else(PoisonError::into_inner).insert(key, place);
        }
        Ok((endpoint, declared, path))
    }

    fn custom(
        &self,
        custom: &CustomProvider,
        provider: &str,
        rest: &str,
        upstream: &Upstream,
    ) -> Result<Target, Error> {
        let (own_origin, path) =
            catalogue::join_custom(&custom.base_url, rest).map_err(unusable)?;
        let declared = Origin::parse(&own_origin).map_err(unusable)?;
        let is_overridden = self.overrides.contains_key(provider);
        let (origin, path) = match self.overrides.get(provider) {
            Some(place) => {
                let route = Route {
                    origin_template: "",
                    variables: Vec::new(),
                    path,
                    rename_bearer_to: None,
                };
                catalogue::apply_override(&route, place).map_err(unusable)?
            }
            None => (own_origin, path),
        };
        let own_headers = custom.headers.iter().filter_map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            Some((name, value.clone()))
        });
        Ok(Target {
            slug: provider.into(),
            provider: None,
            endpoint: upstream.endpoint_of(provider, &Origin::parse(&origin).map_err(unusable)?),
            declared,
            is_overridden,
            path: path_and_query(path)?,
            bearer_moves_to: None,
            own_headers: own_headers.collect(),
        })
    }
}

/// Whether a path leaves the base that it is put below, in the eyes of a server that resolves `..`,
/// encoded or not: a key may be good for more there than for what the base is for.
fn climbs(rest: &str) -> bool {
    let path = rest.split('?').next().unwrap_or_default();
    if !path.contains("..") && !path.contains("%2") {
        return false;
    }
    let path = path.to_ascii_lowercase().replace("%2e", ".");
    let path = path.replace("%2f", "/").replace("%5c", "/");
    let mut depth = 0_i32;
    path.split(['/', '\\']).any(|segment| {
        depth += match segment {
            "" | "." => 0,
            ".." => -1,
            _ => 1,
        };
        depth < 0
    })
}

/// The provider whose clients name in a header what they call.
const FAL: &str = "fal";

/// What a call asks for after its provider: its path, or at one provider what a header says.
pub(crate) fn asked_path(target: &Target, headers: &HeaderMap) -> Option<Box<str>> {
    if target.slug.as_str() != FAL {
        return None;
    }
    let named = headers.get("x-fal-target-url")?.to_str().ok()?;
    Some(after_host(named).into())
}

/// The path and query of a URL, without the slash that they begin with.
fn after_host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    rest[end..].strip_prefix('/').unwrap_or(&rest[end..])
}

/// Whether a path that names a model climbs out of it again, which some servers resolve: then limits
/// would be asked for one model, and another one would run.
fn names_another_model(slug: &str, rest: &str) -> bool {
    let path = rest.split('?').next().unwrap_or_default();
    if !path.contains("..") && !path.contains("%2") {
        return false;
    }
    let plain = path.to_ascii_lowercase().replace("%2e", ".").replace("%2f", "/");
    let climbs = plain.replace("%5c", "/").split(['/', '\\']).any(|segment| segment == "..");
    climbs && model_from_path(slug, path).is_some()
}

fn unusable(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    let hint = diagnose::ascii(&source.to_string());
    Error::new(Kind::UpstreamFailed, NO_ANSWER).with_hint(hint).because(source)
}

fn path_and_query(path: String) -> Result<PathAndQuery, Error> {
    PathAndQuery::from_maybe_shared(bytes::Bytes::from(path))
        .map_err(|source| Error::new(Kind::BadRequest, "Invalid provider path").because(source))
}

#[cfg(test)]
mod tests;
