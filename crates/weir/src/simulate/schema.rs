//! A value that a JSON schema accepts: arguments of tool calls and structured answers.
//!
//! Covers what tool and answer schemas use: types, `enum`, `const`, `$ref` within the document,
//! `anyOf`, `oneOf`, `allOf`, string formats and simple bounds. Not `pattern` or conditionals.

use serde_json::{Map, Value, json};

#[cfg(test)]
mod tests;

/// Nesting beyond which optional properties are left out, so that recursive schemas end.
const OPTIONAL_DEPTH: usize = 4;
/// Nesting beyond which everything is null: the schema demands an endless value.
const MAX_DEPTH: usize = 32;

/// A value for `schema`, always the same one.
pub(super) fn sample(schema: &Value) -> Value {
    Sampler { root: schema }.value(schema, "value", 0)
}

struct Sampler<'a> {
    /// The document that references point into.
    root: &'a Value,
}

impl Sampler<'_> {
    /// `name` is the property the value is for; it makes strings plausible.
    fn value(&self, schema: &Value, name: &str, depth: usize) -> Value {
        if depth > MAX_DEPTH {
            return Value::Null;
        }
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let target = reference.strip_prefix('#').and_then(|path| self.root.pointer(path));
            return target.map_or(Value::Null, |target| self.value(target, name, depth + 1));
        }
        for key in ["const", "default"] {
            if let Some(value) = schema.get(key) {
                return value.clone();
            }
        }
        for key in ["enum", "examples"] {
            if let Some(value) = first(schema, key) {
                return value.clone();
            }
        }
        for key in ["anyOf", "oneOf"] {
            if let Some(schema) = first(schema, key) {
                return self.value(schema, name, depth + 1);
            }
        }
        if let Some(all) = schema.get("allOf").and_then(Value::as_array) {
            return self.all_of(schema, all, name, depth);
        }
        match kind(schema) {
            "object" => Value::Object(self.object(schema, depth)),
            "array" => self.array(schema, name, depth),
            "integer" => integer(schema),
            "number" => number(schema),
            "boolean" => Value::Bool(true),
            "null" => Value::Null,
            _ => Value::String(string(schema, name)),
        }
    }

    fn object(&self, schema: &Value, depth: usize) -> Map<String, Value> {
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .map(|names| names.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let properties = schema.get("properties").and_then(Value::as_object);
        properties
            .into_iter()
            .flatten()
            .filter(|(name, _)| depth < OPTIONAL_DEPTH || required.contains(&name.as_str()))
            .map(|(name, property)| (name.clone(), self.value(property, name, depth + 1)))
            .collect()
    }

    fn array(&self, schema: &Value, name: &str, depth: usize) -> Value {
        let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        let wanted = if depth < OPTIONAL_DEPTH { least.max(1) } else { least };
        let most = schema.get("maxItems").and_then(Value::as_u64).unwrap_or(u64::MAX);
        let any = json!({});
        let items = schema.get("items").unwrap_or(&any);
        // 100: a bound against schemas that ask for more than a test would.
        (0..wanted.min(most).min(100)).map(|_| self.value(items, name, depth + 1)).collect()
    }

    /// Objects are merged; of other values the first wins.
    fn all_of(&self, schema: &Value, all: &[Value], name: &str, depth: usize) -> Value {
        let mut merged = self.object(schema, depth);
        for part in all {
            match self.value(part, name, depth + 1) {
                Value::Object(fields) => merged.extend(fields),
                other if merged.is_empty() => return other,
                _ => {}
            }
        }
        Value::Object(merged)
    }
}

fn first<'a>(schema: &'a Value, key: &str) -> Option<&'a Value> {
    schema.get(key)?.as_array()?.first()
}

/// The type to make; of several the first that is not null.
fn kind(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null")
        }
        _ if schema.get("properties").is_some() => "object",
        _ if schema.get("items").is_some() => "array",
        _ => "string",
    }
}

fn integer(schema: &Value) -> Value {
    let bound = |key: &str| schema.get(key).and_then(Value::as_i64);
    let least = bound("minimum").or(bound("exclusiveMinimum").map(|least| least.saturating_add(1)));
    let most = bound("maximum").or(bound("exclusiveMaximum").map(|most| most.saturating_sub(1)));
    let step = bound("multipleOf").filter(|step| *step > 0).unwrap_or(1);
    let wanted = 1.max(least.unwrap_or(1)).min(most.unwrap_or(i64::MAX));
    let wanted = least.map_or(wanted, |least| wanted.max(least));
    // The next multiple that is not below; the one before it where that is too much.
    let up = wanted.saturating_add(step - 1).div_euclid(step).saturating_mul(step);
    json!(if most.is_some_and(|most| up > most) { up - step } else { up })
}

fn number(schema: &Value) -> Value {
    let bound = |keys: [&str; 2]| keys.iter().find_map(|key| schema.get(key)?.as_f64());
    let least = bound(["minimum", "exclusiveMinimum"]);
    let most = bound(["maximum", "exclusiveMaximum"]);
    json!(match (least, most) {
        (Some(least), Some(most)) => f64::midpoint(least, most),
        (Some(least), None) => least + 1.0,
        (None, Some(most)) => most - 1.0,
        (None, None) => 1.5,
    })
}

fn string(schema: &Value, name: &str) -> String {
    let mut text = match schema.get("format").and_then(Value::as_str) {
        Some("date-time") => "2026-01-01T00:00:00Z".to_owned(),
        Some("date") => "2026-01-01".to_owned(),
        Some("time") => "12:00:00Z".to_owned(),
        Some("email") => "someone@example.com".to_owned(),
        Some("uri" | "url") => "https://example.com/".to_owned(),
        Some("uuid") => "00000000-0000-4000-8000-000000000000".to_owned(),
        _ => plausible(name),
    };
    let length = |key| schema.get(key)?.as_u64().and_then(|length| usize::try_from(length).ok());
    if let Some(least) = length("minLength") {
        while text.chars().count() < least.min(10_000) {
            text.push('x');
        }
    }
    if let Some(most) = length("maxLength") {
        text = text.chars().take(most).collect();
    }
    text
}

fn plausible(name: &str) -> String {
    match name {
        "city" | "location" | "place" => "Paris".to_owned(),
        "country" => "France".to_owned(),
        "language" => "en".to_owned(),
        "unit" | "units" => "celsius".to_owned(),
        "currency" => "EUR".to_owned(),
        "timezone" => "UTC".to_owned(),
        other => format!("sample {other}"),
    }
}
