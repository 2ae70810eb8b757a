//! The bodies of the API's calls.

use serde_json::Value;

use crate::declared::vocabulary::{ISSUER, SECRET, STORE};
use crate::declared::{Fields, Kind, Place};

/// The body that creates an object.
pub(super) fn body(place: &Place, fields: &Fields) -> Value {
    let mut body = fields.clone();
    let name = Value::from(place.name.as_str());
    match place.kind {
        Kind::SecretsStore | Kind::Route | Kind::Dataset | Kind::Issuer | Kind::Budget => {
            body.insert("name".to_owned(), name);
        }
        Kind::Cost | Kind::Policy => {
            if let Some(field) = place.kind.name_field() {
                body.entry(field).or_insert(name);
            }
        }
        Kind::CustomProvider => {
            body.insert("slug".to_owned(), name);
            // The API takes them as JSON in a text.
            if let Some(headers) = body.get_mut("headers").filter(|headers| headers.is_object()) {
                *headers = headers.to_string().into();
            }
        }
        Kind::CustomDomain => {
            body.remove(ISSUER);
            body.insert("hostname".to_owned(), name);
            body.insert("gateway_id".to_owned(), place.parent_name().into());
        }
        Kind::Price | Kind::GatewayPrice => {
            let day = fields.get("valid_from").and_then(Value::as_str).unwrap_or_default();
            let dated = place.name.strip_suffix(day).and_then(|name| name.strip_suffix('@'));
            let name = dated.unwrap_or(&place.name);
            let (provider, model) = name.split_once('/').unwrap_or((name, ""));
            body.insert("provider".to_owned(), provider.into());
            body.insert("model".to_owned(), model.into());
        }
        Kind::Gateway => {
            body.remove(STORE);
            body.insert("id".to_owned(), name);
        }
        Kind::ProviderConfig => {
            body.remove(SECRET);
            let (slug, alias) = place.name.split_once('/').unwrap_or((&place.name, "default"));
            body.insert("provider_slug".to_owned(), slug.into());
            body.insert("alias".to_owned(), alias.into());
        }
    }
    Value::Object(body)
}

/// The body that changes an object: what it had and shall not have any more is cleared.
pub(super) fn changed_body(place: &Place, fields: &Fields, former: &Fields) -> Value {
    let mut body = body(place, fields);
    if let Value::Object(body) = &mut body {
        for name in former.keys().filter(|name| !matches!(name.as_str(), STORE | SECRET | ISSUER)) {
            body.entry(name.as_str()).or_insert(Value::Null);
        }
    }
    body
}
