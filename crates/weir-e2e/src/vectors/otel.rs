//! Exported spans: the mock is the collector (spec: data-plane 12.5).

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

use super::matching::{Mismatch, subset};
use super::world::World;
use crate::upstream::Upstream;

/// The mock's prefix for exports.
pub(super) const SLUG: &str = "otel";

/// How long an export may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Gateway settings with their exporters pointed at the mock.
pub(super) fn redirected(settings: &Value, upstream: &Upstream) -> Value {
    let mut settings = settings.clone();
    let exporters = settings.get_mut("otel").and_then(Value::as_array_mut);
    for exporter in exporters.into_iter().flatten().filter_map(Value::as_object_mut) {
        exporter.insert("url".to_owned(), json!(format!("{}/{SLUG}/v1/traces", upstream.base())));
    }
    settings
}

/// Compares `expect.otel` with the exported span.
pub(super) async fn check(world: &World, expected: &Value, out: &mut Vec<Mismatch>) -> Result<()> {
    let Some(span) = exported(world).await else {
        out.push(Mismatch::new("otel", expected, "no span"));
        return Ok(());
    };
    let attributes = attributes(&span);
    for (key, expected) in expected.as_object().context("expect.otel")? {
        let place = format!("otel.{key}");
        match key.as_str() {
            "attributes" => subset(&place, expected, Some(&attributes), out),
            "absent_attributes" => {
                for name in expected.as_array().into_iter().flatten().filter_map(Value::as_str) {
                    subset(&format!("{place}.{name}"), &Value::Null, attributes.get(name), out);
                }
            }
            _ => subset(&place, expected, span.get(camel_case(key)), out),
        }
    }
    Ok(())
}

async fn exported(world: &World) -> Option<Value> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        let calls = world.upstream.calls();
        let found = calls.iter().filter(|call| call.provider == SLUG && call.body_complete);
        let span = found
            .map(|call| call.json())
            .find_map(|export| export.pointer("/resourceSpans/0/scopeSpans/0/spans/0").cloned());
        if span.is_some() {
            return span;
        }
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    None
}

/// `trace_id` in the vector is `traceId` in OTLP.
fn camel_case(key: &str) -> String {
    let mut words = key.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut name, word| {
        let mut letters = word.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.extend(letters);
        name
    })
}

/// OTLP's list of `{key, value: {stringValue: ..}}` as an object.
fn attributes(span: &Value) -> Value {
    let list = span.get("attributes").and_then(Value::as_array);
    let pair = |attribute: &Value| {
        let key = attribute.get("key")?.as_str()?.to_owned();
        let value = attribute.get("value")?.as_object()?.values().next()?.clone();
        Some((key, value))
    };
    Value::Object(list.into_iter().flatten().filter_map(pair).collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn otlp_attributes_become_an_object() {
        let span = json!({"attributes": [{"key": "team", "value": {"stringValue": "x"}}]});
        assert_eq!(attributes(&span), json!({"team": "x"}));
        assert_eq!(camel_case("parent_span_id"), "parentSpanId");
    }
}
