//! The provider key: present, and not one that says of itself that it is bad.

mod sigv4;
#[cfg(test)]
mod tests;

use http::{HeaderMap, StatusCode};

use super::fault::{Family, Fault};
use super::handler::Asked;

/// Headers that may carry a key, in the order in which each family looks for it. Anthropic's
/// clients may put a foreign token into `authorization`, so there it comes last.
const fn places(family: Family) -> [&'static str; 4] {
    match family {
        Family::Anthropic => ["x-api-key", "authorization", "api-key", "x-goog-api-key"],
        Family::Gemini { .. } => ["x-goog-api-key", "authorization", "x-api-key", "api-key"],
        _ => ["authorization", "api-key", "x-api-key", "x-goog-api-key"],
    }
}

/// Accepts any key that is not empty and does not begin with `bad`, and of AWS any signature in
/// good form; that of the simulator's own key pair must be right too.
///
/// # Errors
/// In the manner of the family.
pub(super) fn check(family: Family, asked: &Asked<'_>) -> Result<(), Fault> {
    match family {
        // The assertion in the body is the credential.
        Family::OAuth => return Ok(()),
        // Bedrock has paths in the dialects of Anthropic and OpenAI too, signed like its own.
        Family::Bedrock | Family::Anthropic | Family::OpenAi if sigv4::is_signed(asked.headers) => {
            return sigv4::check(asked);
        }
        _ => {}
    }
    let key = match family {
        // Others have no use for a key in `x-goog-api-key`.
        Family::Bedrock | Family::Vertex { .. } | Family::Cohere | Family::WorkersAi => {
            bearer(asked.headers)
        }
        Family::Gemini { .. } => in_headers(family, asked.headers).or_else(|| in_query(asked)),
        _ => in_headers(family, asked.headers),
    };
    match key {
        None => Err(missing(family)),
        Some(key) if key.starts_with("bad") => Err(invalid(family)),
        Some(_) => Ok(()),
    }
}

fn in_headers(family: Family, headers: &HeaderMap) -> Option<&str> {
    places(family)
        .iter()
        .filter_map(|name| headers.get(*name)?.to_str().ok())
        .map(key_of)
        .find(|key| !key.is_empty())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get("authorization")?.to_str().ok()?;
    let (scheme, key) = value.trim().split_once(' ')?;
    let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token");
    (known && !key.trim().is_empty()).then(|| key.trim())
}

fn in_query<'a>(asked: &Asked<'a>) -> Option<&'a str> {
    let mut pairs = asked.uri.query()?.split('&');
    pairs.find_map(|pair| pair.strip_prefix("key=")).filter(|key| !key.is_empty())
}

/// The key in a header value, without its scheme if it has one.
fn key_of(value: &str) -> &str {
    let value = value.trim();
    let (scheme, key) = value.split_once(' ').unwrap_or((value, ""));
    let known = ["bearer", "api-key", "token"].iter().any(|it| scheme.eq_ignore_ascii_case(it));
    if known { key.trim() } else { value }
}

fn missing(family: Family) -> Fault {
    match family {
        Family::Bedrock => Fault::new(StatusCode::FORBIDDEN, "Missing Authentication Token")
            .with_code("MissingAuthenticationTokenException"),
        Family::Gemini { .. } => Fault::new(
            StatusCode::FORBIDDEN,
            "This method does not take callers without an identity. Send an API key in \
             `x-goog-api-key`, as the query parameter `key`, or a bearer token.",
        ),
        Family::Vertex { .. } | Family::Cohere | Family::WorkersAi => Fault::new(
            StatusCode::UNAUTHORIZED,
            "No credential in this request. Send `authorization: Bearer TOKEN`.",
        ),
        _ => Fault::new(
            StatusCode::UNAUTHORIZED,
            "No API key in this request. Send one as `authorization: Bearer KEY` or in the header \
             of this provider, such as `x-api-key`.",
        ),
    }
}

fn invalid(family: Family) -> Fault {
    let (status, message, code) = match family {
        Family::Bedrock => (
            StatusCode::FORBIDDEN,
            "The security token included in the request is invalid.",
            "UnrecognizedClientException",
        ),
        // Google's Gemini API calls a bad key a bad argument.
        Family::Gemini { .. } => {
            (StatusCode::BAD_REQUEST, "The API key is not valid.", "API_KEY_INVALID")
        }
        Family::Vertex { .. } => {
            (StatusCode::UNAUTHORIZED, "The access token is not valid.", "ACCESS_TOKEN_INVALID")
        }
        _ => (
            StatusCode::UNAUTHORIZED,
            "The API key in this request is not valid.",
            "invalid_api_key",
        ),
    };
    Fault::new(status, message).with_code(code)
}
