//! The fields that objects of each kind may have, at any depth, as the API itself declares them.

use serde_json::{Map, Value, json};
use weir_core::text::nearest;

use super::text::key;
use super::{Document, Fields, Kind, Place};
use crate::config::Problem;

/// Field of a gateway: the secrets store of its keys, by name. The API has its id instead.
pub(super) const STORE: &str = "secrets_store";

/// Field of a provider configuration: its secret as `STORE/NAME`. The API has its id, or the key
/// itself, which no file should hold.
pub(super) const SECRET: &str = "secret_name";

/// Field of a custom domain: the issuer whose users may call there, by name. The API has its id.
pub(super) const ISSUER: &str = "issuer_name";

/// The forms of all kinds.
#[derive(Debug)]
pub(crate) struct Vocabulary(Vec<Form>);

#[derive(Debug)]
struct Form {
    kind: Kind,
    /// JSON schemas by field.
    fields: Map<String, Value>,
    /// Fields of answers. Those that are not in `fields` only the server sets.
    shown: Map<String, Value>,
}

impl Vocabulary {
    /// Reads the API's description of itself.
    pub(crate) fn read(openapi: &Value) -> Self {
        Self(Kind::EVERY.into_iter().map(|kind| Form::read(openapi, kind)).collect())
    }

    fn form(&self, kind: Kind) -> Option<&Form> {
        self.0.iter().find(|form| form.kind == kind)
    }

    /// The names of the fields of a kind.
    pub(super) fn names(&self, kind: Kind) -> impl Iterator<Item = &str> {
        self.form(kind).into_iter().flat_map(|form| form.fields.keys().map(String::as_str))
    }

    /// Whether a field of an answer is known, be it to no end.
    pub(super) fn is_shown(&self, kind: Kind, name: &str) -> bool {
        self.form(kind).is_some_and(|form| form.shown.contains_key(name))
    }

    /// Reports every field of a document that is none.
    pub(crate) fn check(&self, document: &Document) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (place, fields) in &document.objects {
            if let Some(form) = self.form(place.kind) {
                form.check(place, fields, &mut problems);
            }
        }
        problems
    }
}

impl Form {
    fn read(openapi: &Value, kind: Kind) -> Self {
        const GATEWAYS: &str = "/accounts/{account_id}/ai-gateway/gateways";
        let of_gateway = |list| format!("{GATEWAYS}/{{gateway_id}}/{list}");
        let path = match kind {
            Kind::SecretsStore => "/accounts/{account_id}/secrets_store/stores".to_owned(),
            Kind::CustomProvider => "/accounts/{account_id}/ai-gateway/custom-providers".to_owned(),
            Kind::Cost => "/accounts/{account_id}/ai-gateway/custom-providers/costs".to_owned(),
            Kind::Gateway => GATEWAYS.to_owned(),
            Kind::Price => "/accounts/{account_id}/ai-gateway/pricing".to_owned(),
            Kind::GatewayPrice => of_gateway("pricing"),
            Kind::ProviderConfig | Kind::Route | Kind::Policy | Kind::Dataset => {
                of_gateway(kind.section())
            }
            Kind::Issuer => "/accounts/{account_id}/ai-gateway/issuers".to_owned(),
            Kind::CustomDomain => "/accounts/{account_id}/ai-gateway/custom-domains".to_owned(),
            Kind::Budget => "/accounts/{account_id}/ai-gateway/budgets".to_owned(),
        };
        // Prices are set as lists, and have no call that makes one.
        let is_price = matches!(kind, Kind::Price | Kind::GatewayPrice);
        let method = if is_price { "put" } else { "post" };
        let call = &openapi["paths"][path][method];
        let content = |part: &Value| part["content"]["application/json"]["schema"].clone();
        let body = content(&call["requestBody"]);
        let answer = content(&call["responses"]["200"]);
        let result = &answer["properties"]["result"];
        let (mut fields, shown) = if is_price {
            (properties(&body["properties"]["models"]["items"]), properties(&result["items"]))
        } else {
            (properties(&body), properties(result))
        };
        adapt(kind, &mut fields);
        Self { kind, fields, shown }
    }

    fn check(&self, place: &Place, fields: &Fields, problems: &mut Vec<Problem>) {
        for (name, value) in fields {
            let path = format!("{place}.{}", key(name));
            match self.fields.get(name) {
                Some(schema) => within(schema, value, &path, problems),
                None => {
                    let mut known: Vec<&str> = self.fields.keys().map(String::as_str).collect();
                    for child in place.kind.children() {
                        known.push(child.section());
                    }
                    problems.push(Problem::new(path, crate::config::unknown(name, &known)));
                }
            }
        }
    }
}

/// Where a document differs from the body of the API's call.
fn adapt(kind: Kind, fields: &mut Map<String, Value>) {
    let (left_out, added): (&[&str], &[(&str, Value)]) = match kind {
        Kind::SecretsStore => (&["name"], &[]),
        // The API takes the headers as JSON in a text, and the logo in changes only.
        Kind::CustomProvider => {
            (&["slug"], &[("headers", json!({ "type": "object" })), ("logo", json!({}))])
        }
        Kind::Cost => (&["account_provider_id"], &[]),
        Kind::Price | Kind::GatewayPrice => {
            (&["provider", "model", "gateway_id", "id", "source", "modified_at"], &[])
        }
        Kind::Gateway => (&["id", "store_id"], &[(STORE, json!({}))]),
        Kind::ProviderConfig => (
            // The origin is put on record anew where the key is stored.
            &["alias", "origin", "provider_slug", "secret", "secret_id", "secret_ref"],
            &[(SECRET, json!({ "type": "string" }))],
        ),
        Kind::Route | Kind::Dataset | Kind::Issuer | Kind::Budget => (&["name"], &[]),
        Kind::CustomDomain => {
            (&["hostname", "gateway_id", "issuer_id"], &[(ISSUER, json!({ "type": "string" }))])
        }
        Kind::Policy => (&[], &[]),
    };
    for name in left_out {
        fields.remove(*name);
    }
    for (name, schema) in added {
        fields.insert((*name).to_owned(), schema.clone());
    }
}

fn properties(schema: &Value) -> Map<String, Value> {
    schema["properties"].as_object().cloned().unwrap_or_default()
}

/// Looks for unknown fields inside a value. Values of the wrong type are the API's to refuse.
fn within(schema: &Value, value: &Value, path: &str, problems: &mut Vec<Problem>) {
    if let Some(forms) = schema["anyOf"].as_array() {
        // The form that fits best: fewest unknown fields, and of the same type.
        let tried = forms.iter().filter(|form| may_be(form, value)).map(|form| {
            let mut found = Vec::new();
            within(form, value, path, &mut found);
            found
        });
        problems.extend(tried.min_by_key(Vec::len).unwrap_or_default());
        return;
    }
    match value {
        Value::Object(fields) => {
            let known = schema["properties"].as_object();
            for (name, value) in fields {
                let path = format!("{path}.{}", key(name));
                match known.map(|known| known.get(name)) {
                    Some(Some(schema)) => within(schema, value, &path, problems),
                    Some(None) => {
                        let names = known.into_iter().flat_map(Map::keys).map(String::as_str);
                        problems.push(Problem::new(path, unknown_field(name, names)));
                    }
                    // Free names, or anything at all.
                    None => within(&schema["additionalProperties"], value, &path, problems),
                }
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                within(&schema["items"], item, &format!("{path}[{place}]"), problems);
            }
        }
        _ => {}
    }
}

fn may_be(schema: &Value, value: &Value) -> bool {
    match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("null") => value.is_null(),
        _ => true,
    }
}

fn unknown_field<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<_> = known.collect();
    match nearest(name, known.iter().copied()) {
        Some(_) => crate::config::unknown(name, &known),
        None if known.is_empty() => "unknown key; none are known here".to_owned(),
        None => crate::config::unknown(name, &known),
    }
}
