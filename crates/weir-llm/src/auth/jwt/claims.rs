//! From the claims of a token to what policies, limits and log rows know of a caller.

use serde_json::{Map, Value};
use weir_core::access::ClaimNames;
use weir_core::policy::Claims;

use super::token::Token;

/// Claims about the token itself, which are nobody's business but the checker's.
const OF_THE_TOKEN: [&str; 7] = ["iss", "aud", "exp", "nbf", "iat", "jti", "custom"];

/// What a token that was checked says of its holder. Everything may be missing: a token for a program
/// names no user (spec: data-plane 2.7).
pub fn caller_claims(token: &Token<'_>, names: &ClaimNames) -> Claims {
    let text = |name: &str| find(&token.claims, name).and_then(text);
    let mut custom: Map<String, Value> = token.claims.clone();
    custom.retain(|name, _| !OF_THE_TOKEN.contains(&name.as_str()));
    // Where an access proxy puts what the identity provider said beyond the usual.
    if let Some(Value::Object(more)) = token.claims.get("custom") {
        custom.extend(more.clone());
    }
    Claims {
        user_id: text(&names.user_id),
        user_email: text(&names.email),
        user_groups: find(&token.claims, &names.groups).map(groups),
        country: text(&names.country),
        custom,
    }
}

/// A claim by its name, or by a path of names with dots between. The whole name comes first: names
/// that are URLs hold dots.
pub(super) fn find<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(name) {
        return Some(value);
    }
    let mut names = name.split('.');
    let first = claims.get(names.next()?)?;
    names.try_fold(first, |value, name| value.as_object()?.get(name))
}

/// A text that is not empty. Some issuers number their users.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Names of groups: a list of them, or of objects with a `name`, or a single one.
fn groups(value: &Value) -> Vec<String> {
    let name = |group: &Value| match group {
        Value::Object(members) => members.get("name").and_then(text),
        other => text(other),
    };
    match value {
        Value::Array(groups) => groups.iter().filter_map(name).collect(),
        single => name(single).into_iter().collect(),
    }
}
