//! The provider key: present, and not one that says of itself that it is bad.

use http::{HeaderMap, StatusCode};

use super::fault::{Family, Fault};

/// Headers that may carry a key, in the order in which each family looks for it. Anthropic's
/// clients may put a foreign token into `authorization`, so there it comes last.
const fn places(family: Family) -> [&'static str; 4] {
    match family {
        Family::OpenAi => ["authorization", "api-key", "x-api-key", "x-goog-api-key"],
        Family::Anthropic => ["x-api-key", "authorization", "api-key", "x-goog-api-key"],
    }
}

/// Accepts any key that is not empty and does not begin with `bad`.
///
/// # Errors
/// 401 in the manner of the family.
pub(super) fn check(family: Family, headers: &HeaderMap) -> Result<(), Fault> {
    let key = places(family)
        .iter()
        .filter_map(|name| headers.get(*name)?.to_str().ok())
        .map(key_of)
        .find(|key| !key.is_empty());
    match key {
        None => Err(Fault::new(
            StatusCode::UNAUTHORIZED,
            "No API key in this request. Send one as `authorization: Bearer KEY` or in the header \
             of this provider, such as `x-api-key`.",
        )),
        Some(key) if key.starts_with("bad") => {
            Err(Fault::new(StatusCode::UNAUTHORIZED, "The API key in this request is not valid.")
                .with_code("invalid_api_key"))
        }
        Some(_) => Ok(()),
    }
}

/// The key in a header value, without its scheme if it has one.
fn key_of(value: &str) -> &str {
    let value = value.trim();
    let (scheme, key) = value.split_once(' ').unwrap_or((value, ""));
    if scheme.eq_ignore_ascii_case("bearer") { key.trim() } else { value }
}
