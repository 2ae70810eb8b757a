//! What of an account cannot come along.

use serde_json::Value;
use weir_core::mask::MASKED;

use crate::config::Problem;
use crate::declared::{Document, Fields, Kind, Observed, Place};

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

/// Takes out what is refused here, the field or else the object, and notes each refusal in `left`.
/// `false` when there was nothing to take out, so that trying again would not help.
pub(crate) fn leave_out(
    document: &mut Document,
    problems: &[Problem],
    left: &mut Vec<String>,
) -> bool {
    let mut removed: Vec<String> = Vec::new();
    for problem in problems {
        left.push(format!("{problem} (so it is not taken over)"));
        if removed.iter().any(|removed| within(&problem.place, removed).is_some()) {
            continue;
        }
        // What belongs to others comes later in the order: the innermost object is meant.
        let mut places = document.objects.keys().rev();
        let found = places.find_map(|place| {
            let rest = within(&problem.place, &place.to_string())?;
            Some((place.clone(), rest.split(['.', '[']).next().unwrap_or_default()))
        });
        let Some((place, field)) = found else { continue };
        let fields = document.objects.get_mut(&place);
        if fields.and_then(|fields| fields.shift_remove(field)).is_some() {
            removed.push(format!("{place}.{field}"));
            continue;
        }
        removed.push(place.to_string());
        let is_inside = |other: &Place| other.parent().as_ref() == Some(&place);
        document.objects.retain(|other, _| *other != place && !is_inside(other));
    }
    !removed.is_empty()
}

/// What of `path` comes after `place`, if it is there or within.
fn within<'a>(path: &'a str, place: &str) -> Option<&'a str> {
    match path.strip_prefix(place)? {
        "" => Some(""),
        rest if rest.starts_with(['.', '[']) => Some(rest.trim_start_matches('.')),
        _ => None,
    }
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

    #[test]
    fn what_is_refused_stays_behind_and_nothing_else() {
        let mut document = Document::default();
        let fields = |value: Value| value.as_object().unwrap().clone();
        for (place, object) in [
            (Place::top(Kind::Gateway, "g"), json!({ "cache_ttl": 1, "retry_delay": -1 })),
            (Place::within("g", Kind::Route, "bad"), json!({ "elements": [] })),
            (Place::within("g", Kind::Route, "badly"), json!({ "elements": [] })),
            (Place::top(Kind::Gateway, "h"), json!({})),
            (Place::within("h", Kind::Route, "r"), json!({})),
        ] {
            document.objects.insert(place, fields(object));
        }
        let refused = [
            "gateways.g.retry_delay",
            "gateways.g.routes.bad.elements[0].id",
            "gateways.g.routes.bad.elements[1].id",
            "gateways.h.id",
            "gateways.h.name",
        ];
        let problems = refused.map(|place| Problem::new(place, "is wrong"));
        let mut left = Vec::new();
        assert!(leave_out(&mut document, &problems, &mut left));
        assert_eq!(left.len(), refused.len());
        let places: Vec<_> = document.objects.keys().map(ToString::to_string).collect();
        assert_eq!(places, ["gateways.g", "gateways.g.routes.bad", "gateways.g.routes.badly"]);
        let gateway = &document.objects[&Place::top(Kind::Gateway, "g")];
        assert_eq!(Value::Object(gateway.clone()), json!({ "cache_ttl": 1 }));
        // The route is refused again, now as a whole.
        let again = [Problem::new("gateways.g.routes.bad.elements", "is required")];
        assert!(leave_out(&mut document, &again, &mut left));
        assert_eq!(document.objects.len(), 2);
        let elsewhere = [Problem::new("installation", "cannot be read")];
        assert!(!leave_out(&mut document, &elsewhere, &mut left));
    }
}
