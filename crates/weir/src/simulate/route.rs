//! Which endpoint a path names. Only its end counts, so any prefix may stand before it.

use http::{HeaderMap, Method};

use super::fault::Family;

/// An endpoint of a simulated provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint<'a> {
    ChatCompletions,
    Responses,
    Embeddings,
    ModelList,
    Model(&'a str),
    Messages,
    CountTokens,
}

/// Why a request has no endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoRoute {
    UnknownPath,
    WrongMethod,
}

impl Endpoint<'_> {
    /// The endpoint of `path`, whatever the method. A single `/` at the end is ignored.
    fn of_path(path: &str) -> Option<Endpoint<'_>> {
        let path = path.strip_suffix('/').unwrap_or(path);
        let ends = |tail: &str| path.ends_with(tail);
        if ends("/chat/completions") {
            Some(Endpoint::ChatCompletions)
        } else if ends("/v1/messages/count_tokens") {
            Some(Endpoint::CountTokens)
        } else if ends("/v1/messages") {
            Some(Endpoint::Messages)
        } else if ends("/responses") {
            Some(Endpoint::Responses)
        } else if ends("/embeddings") {
            Some(Endpoint::Embeddings)
        } else if ends("/models") {
            Some(Endpoint::ModelList)
        } else {
            let (_, id) = path.rsplit_once("/models/")?;
            (!id.is_empty()).then_some(Endpoint::Model(id))
        }
    }

    const fn method(self) -> Method {
        match self {
            Self::ModelList | Self::Model(_) => Method::GET,
            _ => Method::POST,
        }
    }

    const fn family(self) -> Family {
        match self {
            Self::Messages | Self::CountTokens => Family::Anthropic,
            _ => Family::OpenAi,
        }
    }
}

/// Finds the endpoint of a request and the family whose error shape its refusals take.
pub(super) fn find<'a>(
    method: &Method,
    path: &'a str,
    headers: &HeaderMap,
) -> (Family, Result<Endpoint<'a>, NoRoute>) {
    match Endpoint::of_path(path) {
        Some(endpoint) if endpoint.method() == *method => (endpoint.family(), Ok(endpoint)),
        Some(endpoint) => (endpoint.family(), Err(NoRoute::WrongMethod)),
        // An unknown path tells nothing; the version header is sent to Anthropic alone.
        None if headers.contains_key("anthropic-version") => {
            (Family::Anthropic, Err(NoRoute::UnknownPath))
        }
        None => (Family::OpenAi, Err(NoRoute::UnknownPath)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: &Method, path: &str, expected: Result<Endpoint<'_>, NoRoute>) {
        assert_eq!(find(method, path, &HeaderMap::new()).1, expected, "{path}");
    }

    #[test]
    fn only_the_end_of_the_path_counts() {
        for prefix in ["", "/v1", "/openai/v1", "/custom-x/anything/v1"] {
            let path = |tail: &str| format!("{prefix}{tail}");
            check(&Method::POST, &path("/chat/completions"), Ok(Endpoint::ChatCompletions));
            check(&Method::POST, &path("/responses"), Ok(Endpoint::Responses));
            check(&Method::POST, &path("/embeddings/"), Ok(Endpoint::Embeddings));
            check(&Method::GET, &path("/models"), Ok(Endpoint::ModelList));
            check(&Method::GET, &path("/models/gpt-4o"), Ok(Endpoint::Model("gpt-4o")));
            check(&Method::POST, &path("/v1/messages"), Ok(Endpoint::Messages));
            check(&Method::POST, &path("/v1/messages/count_tokens"), Ok(Endpoint::CountTokens));
        }
    }

    #[test]
    fn the_rest_is_refused() {
        check(&Method::GET, "/", Err(NoRoute::UnknownPath));
        check(&Method::POST, "/v1/completions", Err(NoRoute::UnknownPath));
        check(&Method::GET, "/v1/chat/completions", Err(NoRoute::WrongMethod));
    }
}
