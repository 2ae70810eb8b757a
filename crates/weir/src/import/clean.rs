//! What of an account cannot come along.

use serde_json::Value;
use weir_core::mask::MASKED;

use crate::declared::{Document, Fields, Kind, Observed};

/// What no API tells, whatever the account.
const NEVER: [&str; 4] = [
    "API tokens: make new ones with `weir token create`",
    "logs, analytics and evaluations: they are no configuration",
    "billing: credits, spending and invoices",
    "audit records",
];

/// The document without the credentials that the other side masked, and everything that stays
/// behind, each by name.
pub(crate) fn clean(observed: Observed) -> (Document, Vec<String>) {
    let Observed { mut document, mut left, .. } = observed;
    // Ids of accounts differ; what is imported goes where the caller says.
    document.account = None;
    for (place, fields) in &mut document.objects {
        let dropped = match place.kind {
            Kind::Gateway => gateway(fields),
            Kind::CustomProvider => headers(fields),
            _ => Vec::new(),
        };
        let note = |what: String| format!("{place}.{what}: a credential, which is not told");
        left.extend(dropped.into_iter().map(note));
    }
    left.extend(NEVER.iter().map(|what| (*what).to_owned()));
    (document, left)
}

fn is_masked(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text == MASKED || is_all_stars(text))
}

/// Other servers may mask in other lengths.
fn is_all_stars(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'*')
}

fn gateway(fields: &mut Fields) -> Vec<String> {
    let mut dropped = Vec::new();
    let exporters = fields.get_mut("otel").and_then(Value::as_array_mut);
    for (place, exporter) in exporters.into_iter().flatten().enumerate() {
        let Some(exporter) = exporter.as_object_mut() else { continue };
        if exporter.get("authorization").is_some_and(is_masked) {
            exporter.shift_remove("authorization");
            dropped.push(format!("otel[{place}].authorization"));
        }
        for header in headers(exporter) {
            dropped.push(format!("otel[{place}].{header}"));
        }
    }
    // It cannot be without its credential.
    if fields.get("stripe").is_some_and(|stripe| is_masked(&stripe["authorization"])) {
        fields.shift_remove("stripe");
        dropped.push("stripe".to_owned());
    }
    dropped
}

fn headers(fields: &mut Fields) -> Vec<String> {
    let mut dropped = Vec::new();
    if let Some(Value::Object(headers)) = fields.get_mut("headers") {
        headers.retain(|name, value| {
            if is_masked(value) {
                dropped.push(format!("headers.{name}"));
            }
            !is_masked(value)
        });
    }
    dropped
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::declared::Place;

    #[test]
    fn masked_credentials_stay_behind_by_name() {
        let mut observed = Observed::default();
        let fields = |value: Value| value.as_object().unwrap().clone();
        observed.document.objects.insert(
            Place::top(Kind::Gateway, "g"),
            fields(json!({
                "otel": [{ "url": "https://o", "authorization": MASKED,
                           "headers": { "a": MASKED, "b": "clear" } }],
                "stripe": { "authorization": MASKED, "usage_events": [] },
                "cache_ttl": 5
            })),
        );
        observed.document.objects.insert(
            Place::top(Kind::CustomProvider, "p"),
            fields(json!({ "headers": { "x-key": MASKED } })),
        );
        let (document, left) = clean(observed);
        let gateway = &document.objects[&Place::top(Kind::Gateway, "g")];
        let clean = json!({ "otel": [{ "url": "https://o", "headers": { "b": "clear" } }],
            "cache_ttl": 5 });
        assert_eq!(Value::Object(gateway.clone()), clean);
        for part in [
            "gateways.g.otel[0].authorization:",
            "gateways.g.otel[0].headers.a:",
            "gateways.g.stripe:",
            "custom_providers.p.headers.x-key:",
            "billing",
        ] {
            assert!(left.iter().any(|line| line.starts_with(part)), "{part} {left:#?}");
        }
    }
}
