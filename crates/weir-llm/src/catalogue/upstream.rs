//! The ways in which the rest of a path becomes an upstream URL.

use super::Provider;
use super::route::{Route, RouteContext, RouteError};

/// How a provider's URLs are built.
#[derive(Debug)]
pub(super) enum Upstream {
    /// The path goes to the origin as it is.
    Verbatim { origin: &'static str },
    /// The path goes under `base`. A leading form of the base that the client sent itself
    /// (`strip`, longest first) is not doubled; after one of `keep` nothing is added.
    Versioned {
        origin: &'static str,
        base: &'static str,
        strip: &'static [&'static str],
        keep: &'static [&'static str],
    },
    /// `{resource}/{deployment}/{operation}`, or the versionless `{resource}/openai/v1/...`.
    Azure,
    /// `bedrock-runtime/{region}/...` or `bedrock-mantle/{region}/...`.
    Bedrock,
    /// The location in the path names the host.
    Vertex,
    /// Models under `run/`, the OpenAI surface under `v1/`, both under the account.
    WorkersAi,
    /// `v1/...` on the shared host, `model/{id}` on the model's own.
    Baseten,
    /// `v1/...` on the router, models on the inference host.
    HuggingFace,
    /// `fal.run`, or the target a header names.
    Fal,
}

const LABEL: &str = "a-z, 0-9 and '-', 1 to 63 characters";

/// Applies a row's rule to the rest of a path.
pub(super) fn route<'a>(
    provider: &'static Provider,
    upstream: &Upstream,
    rest: &'a str,
    cx: &RouteContext<'a>,
) -> Result<Route<'a>, RouteError> {
    match *upstream {
        Upstream::Verbatim { origin } => Ok(fixed(origin, under("", rest))),
        Upstream::Versioned { origin, base, strip, keep } => {
            Ok(fixed(origin, versioned(base, strip, keep, rest)))
        }
        Upstream::Azure => azure(provider, rest),
        Upstream::Bedrock => bedrock(provider, rest),
        Upstream::Vertex => vertex(provider, rest),
        Upstream::WorkersAi => workers_ai(provider, rest, cx.account_id),
        Upstream::Baseten => baseten(provider, rest),
        Upstream::HuggingFace if after_segments(rest, "v1").is_some() => {
            Ok(fixed("https://router.huggingface.co", under("", rest)))
        }
        Upstream::HuggingFace => {
            Ok(fixed("https://api-inference.huggingface.co", under("/models", rest)))
        }
        Upstream::Fal => match cx.fal_target {
            None => Ok(fixed("https://fal.run", under("", rest))),
            Some(target) => fal(target),
        },
    }
}

const fn fixed<'a>(origin: &'static str, path: String) -> Route<'a> {
    Route { origin_template: origin, variables: Vec::new(), path, rename_bearer_to: None }
}

/// `base`, a slash, and `rest`; a rest that is nothing but a query gets no slash after a base.
fn under(base: &str, rest: &str) -> String {
    let bare = rest.is_empty() || rest.starts_with('?');
    let slash = if bare && !base.is_empty() { "" } else { "/" };
    [base, slash, rest].concat()
}

fn versioned(base: &str, strip: &[&str], keep: &[&str], rest: &str) -> String {
    if let Some(after) = strip.iter().find_map(|lead| after_segments(rest, lead)) {
        return [base, after].concat();
    }
    if keep.iter().any(|lead| after_segments(rest, lead).is_some()) {
        return under("", rest);
    }
    under(base, rest)
}

/// What follows `lead` when `rest` begins with it as whole segments: nothing, or a text that
/// begins with `/` or `?`.
fn after_segments<'a>(rest: &'a str, lead: &str) -> Option<&'a str> {
    let after = rest.strip_prefix(lead)?;
    (after.is_empty() || after.starts_with(['/', '?'])).then_some(after)
}

/// The first segment, and what follows it: nothing, or a text that begins with `/` or `?`.
fn segment(rest: &str) -> (&str, &str) {
    rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()))
}

/// A part that becomes a piece of a host name.
fn host_part<'a>(
    provider: &Provider,
    part: &'static str,
    value: &'a str,
    shape: &'static str,
    allowed: impl Fn(u8) -> bool,
) -> Result<&'a str, RouteError> {
    let (slug, expects) = (provider.slug, provider.expects);
    if value.is_empty() {
        return Err(RouteError::Missing { provider: slug, part, expects });
    }
    if value.len() > 63 || !value.bytes().all(allowed) {
        let value = value.chars().filter(|c| !c.is_control()).take(80).collect::<String>();
        return Err(RouteError::Invalid {
            provider: slug,
            part,
            value: value.into(),
            shape,
            expects,
        });
    }
    Ok(value)
}

fn label<'a>(
    provider: &Provider,
    part: &'static str,
    value: &'a str,
) -> Result<&'a str, RouteError> {
    host_part(provider, part, value, LABEL, |b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn azure<'a>(provider: &'static Provider, rest: &'a str) -> Result<Route<'a>, RouteError> {
    let (resource, after) = segment(rest);
    let resource = label(provider, "resource", resource)?;
    let missing =
        |part| RouteError::Missing { provider: provider.slug, part, expects: provider.expects };
    let after = after.strip_prefix('/').ok_or_else(|| missing("deployment"))?;
    // Two forms have the provider's own path already: the versionless API, and the long form that
    // its SDK builds under any base URL.
    let own =
        ["openai/v1", "openai/deployments"].iter().any(|it| after_segments(after, it).is_some());
    let path = if own {
        under("", after)
    } else {
        let (deployment, operation) = segment(after);
        if deployment.is_empty() {
            return Err(missing("deployment"));
        }
        if !operation.starts_with('/') {
            return Err(missing("operation"));
        }
        let query = operation.split_once('?').map_or("", |(_, query)| query);
        if !query.split('&').any(|it| it.starts_with("api-version=")) {
            return Err(missing("api-version in its query"));
        }
        under("/openai/deployments", after)
    };
    Ok(Route {
        origin_template: "https://{resource}.openai.azure.com",
        variables: vec![("resource", resource)],
        path,
        rename_bearer_to: None,
    })
}

fn bedrock<'a>(provider: &'static Provider, rest: &'a str) -> Result<Route<'a>, RouteError> {
    let (service, after) = segment(rest);
    // The mantle speaks Anthropic's dialect and wants its key where Anthropic has it.
    let (origin_template, rename_bearer_to) = match service {
        "bedrock-runtime" => ("https://bedrock-runtime.{region}.amazonaws.com", None),
        "bedrock-mantle" => ("https://bedrock-mantle.{region}.api.aws", Some("x-api-key")),
        _ => {
            let shape = "bedrock-runtime or bedrock-mantle";
            return Err(host_part(provider, "service", service, shape, |_| false).err().unwrap_or(
                RouteError::Missing {
                    provider: provider.slug,
                    part: "service",
                    expects: provider.expects,
                },
            ));
        }
    };
    let (region, after) = segment(after.strip_prefix('/').unwrap_or_default());
    let region = label(provider, "region", region)?;
    Ok(Route {
        origin_template,
        variables: vec![("service", service), ("region", region)],
        path: under("", after.strip_prefix('/').unwrap_or(after)),
        rename_bearer_to,
    })
}

fn vertex<'a>(provider: &'static Provider, rest: &'a str) -> Result<Route<'a>, RouteError> {
    let path = rest.split('?').next().unwrap_or_default();
    let mut segments = path.split('/').skip(1);
    let location = match (segments.next(), segments.next(), segments.next(), segments.next()) {
        // Without a project there is no location either: the global host serves those.
        (Some("publishers"), ..) => "global",
        (Some("projects"), Some(_), Some("locations"), Some(location)) => location,
        _ => "",
    };
    let location = label(provider, "location", location)?;
    let origin_template = if location == "global" {
        "https://aiplatform.googleapis.com"
    } else {
        "https://{location}-aiplatform.googleapis.com"
    };
    Ok(Route {
        origin_template,
        variables: vec![("location", location)],
        path: under("", rest),
        rename_bearer_to: None,
    })
}

fn workers_ai<'a>(
    provider: &'static Provider,
    rest: &'a str,
    account: &'a str,
) -> Result<Route<'a>, RouteError> {
    let shape = "letters, digits, '-' and '_', 1 to 63 characters";
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let account = host_part(provider, "account", account, shape, allowed)?;
    let own = ["run", "v1"].iter().any(|lead| after_segments(rest, lead).is_some());
    let base = ["/client/v4/accounts/", account, if own { "/ai" } else { "/ai/run" }].concat();
    let mut route = fixed("https://api.cloudflare.com", under(&base, rest));
    route.variables.push(("account", account));
    Ok(route)
}

fn baseten<'a>(provider: &'static Provider, rest: &'a str) -> Result<Route<'a>, RouteError> {
    let Some(after) = after_segments(rest, "model").and_then(|after| after.strip_prefix('/'))
    else {
        let path = versioned("/v1", &["v1"], &[], rest);
        return Ok(fixed("https://inference.baseten.co", path));
    };
    let (id, after) = segment(after);
    let id = host_part(
        provider,
        "model id",
        id,
        "a-z and 0-9, 1 to 63 characters",
        |b| matches!(b, b'a'..=b'z' | b'0'..=b'9'),
    )?;
    let path = if after.starts_with('/') {
        after.to_owned()
    } else {
        ["/production/predict", after].concat()
    };
    Ok(Route {
        origin_template: "https://model-{id}.api.baseten.co",
        variables: vec![("id", id)],
        path,
        rename_bearer_to: None,
    })
}

/// The whole target from the header. Anything but plain https to fal's own hosts is refused, or a
/// key could be sent to a stranger.
fn fal(target: &str) -> Result<Route<'_>, RouteError> {
    let after = target.strip_prefix("https://").ok_or(RouteError::ForeignTarget)?;
    let (host, path) = segment(after);
    let clean = |b: u8| b.is_ascii_graphic() && !matches!(b, b'#' | b'\\');
    let labels = host.split('.').all(|label| {
        !label.is_empty() && label.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    });
    let own = ["fal.run", "fal.ai"].iter().any(|domain| {
        host.strip_suffix(domain).is_some_and(|sub| sub.is_empty() || sub.ends_with('.'))
    });
    if !labels || !own || host.len() > 253 || !path.bytes().all(clean) {
        return Err(RouteError::ForeignTarget);
    }
    Ok(Route {
        origin_template: "https://{host}",
        variables: vec![("host", host)],
        path: under("", path.strip_prefix('/').unwrap_or(path)),
        rename_bearer_to: None,
    })
}
