//! JSON schemas for providers that take a part of the language only.
//!
//! Anthropic's structured outputs know types, `properties`, `items`, `enum`, `const`, `anyOf`, `allOf`,
//! `$ref` and a few formats, and want every object closed. What they do not know is not lost: it is
//! told to the model in the description, as Anthropic's own clients do (spec: providers 4.1).

use std::collections::HashSet;

use serde_json::{Map, Value, json};

const FORMATS: &[&str] =
    &["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"];
/// Say nothing about values.
const NOTES: &[&str] = &["$schema", "$id", "$comment", "$anchor"];
/// Belong to one type each; a union of types is split by them.
const OF_TYPES: &[(&str, &[&str])] = &[
    (
        "object",
        &[
            "properties",
            "required",
            "additionalProperties",
            "patternProperties",
            "propertyNames",
            "minProperties",
            "maxProperties",
        ],
    ),
    ("array", &["items", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems"]),
    ("string", &["format", "pattern", "minLength", "maxLength"]),
    ("number", &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
    ("integer", &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
];

/// The schema in the part of the language that structured outputs take.
pub(super) fn clean(schema: &Value) -> Value {
    let Value::Object(schema) = schema else { return schema.clone() };
    let mut rest = schema.clone();
    let mut out = Map::new();
    for name in ["$defs", "definitions"] {
        if let Some(Value::Object(definitions)) = rest.remove(name) {
            let cleaned = definitions.iter().map(|(key, value)| (key.clone(), clean(value)));
            out.insert(name.to_owned(), Value::Object(cleaned.collect()));
        }
    }
    if let Some(reference) = rest.remove("$ref") {
        out.insert("$ref".to_owned(), reference);
        return Value::Object(out);
    }
    for name in NOTES {
        rest.remove(*name);
    }
    for name in ["description", "title"] {
        if let Some(value) = rest.remove(name) {
            out.insert(name.to_owned(), value);
        }
    }
    kind(&mut rest, &mut out);
    if !rest.is_empty() {
        describe(&rest, &mut out);
    }
    Value::Object(out)
}

/// What values the schema is for.
fn kind(rest: &mut Map<String, Value>, out: &mut Map<String, Value>) {
    let literal = |value: &Value| !value.is_object() && !value.is_array();
    for name in ["enum", "const"] {
        let simple = match rest.get(name) {
            Some(Value::Array(values)) => !values.is_empty() && values.iter().all(literal),
            Some(value) => name == "const" && literal(value),
            None => false,
        };
        if simple && let Some(value) = rest.remove(name) {
            // The literals say their type themselves.
            rest.remove("type");
            out.insert(name.to_owned(), value);
        }
    }
    for (name, becomes) in [("anyOf", "anyOf"), ("oneOf", "anyOf"), ("allOf", "allOf")] {
        if let Some(Value::Array(variants)) = rest.remove(name) {
            let variants: Vec<Value> = variants.iter().map(clean).collect();
            out.insert(becomes.to_owned(), variants.into());
        }
    }
    match rest.remove("type") {
        Some(Value::Array(types)) => union(&types, rest, out),
        Some(Value::String(one)) => typed(&one, rest, out),
        _ if rest.contains_key("properties") => typed("object", rest, out),
        _ if rest.contains_key("items") => typed("array", rest, out),
        _ => {}
    }
}

/// A list of types: one variant for each, with the keywords of its own type.
fn union(types: &[Value], rest: &mut Map<String, Value>, out: &mut Map<String, Value>) {
    // Each once: a variant holds a copy of all that is inside, so repeated types inside of repeated
    // types would grow without end.
    let mut types: Vec<&str> = types.iter().filter_map(Value::as_str).collect();
    let mut known = HashSet::new();
    types.retain(|one| known.insert(*one));
    if let [one] = types[..] {
        return typed(one, rest, out);
    }
    let variants = types.iter().map(|one| {
        let keywords = OF_TYPES.iter().find(|(of, _)| of == one).map_or(&[][..], |(_, own)| own);
        let mut variant: Map<String, Value> = rest
            .iter()
            .filter(|(key, _)| keywords.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        variant.insert("type".to_owned(), json!(one));
        clean(&Value::Object(variant))
    });
    let variants: Vec<Value> = variants.collect();
    rest.retain(|key, _| !OF_TYPES.iter().any(|(_, own)| own.contains(&key.as_str())));
    out.insert("anyOf".to_owned(), variants.into());
}

fn typed(one: &str, rest: &mut Map<String, Value>, out: &mut Map<String, Value>) {
    out.insert("type".to_owned(), json!(one));
    match one {
        "object" => object(rest, out),
        "array" => {
            if let Some(items) = rest.remove("items") {
                out.insert("items".to_owned(), clean(&items));
            }
            if matches!(rest.get("minItems").and_then(Value::as_u64), Some(0 | 1))
                && let Some(least) = rest.remove("minItems")
            {
                out.insert("minItems".to_owned(), least);
            }
        }
        "string" => {
            let known = rest.get("format").and_then(Value::as_str);
            if known.is_some_and(|format| FORMATS.contains(&format))
                && let Some(format) = rest.remove("format")
            {
                out.insert("format".to_owned(), format);
            }
        }
        _ => {}
    }
}

fn object(rest: &mut Map<String, Value>, out: &mut Map<String, Value>) {
    let properties = match rest.remove("properties") {
        Some(Value::Object(members)) => {
            members.iter().map(|(name, value)| (name.clone(), clean(value))).collect()
        }
        _ => Map::new(),
    };
    out.insert("properties".to_owned(), Value::Object(properties));
    if let Some(required) = rest.remove("required") {
        out.insert("required".to_owned(), required);
    }
    // Closed is the only kind of object there is; an open one is at least described.
    if rest.get("additionalProperties").is_none_or(Value::is_boolean) {
        rest.remove("additionalProperties");
    }
    out.insert("additionalProperties".to_owned(), json!(false));
}

/// Tells the model in words what the schema cannot say.
fn describe(rest: &Map<String, Value>, out: &mut Map<String, Value>) {
    let rules: Vec<String> = rest.iter().map(|(key, value)| format!("{key}: {value}")).collect();
    let rules = format!("Must hold: {}", rules.join("; "));
    let text = match out.get("description").and_then(Value::as_str) {
        Some(text) => format!("{text}\n\n{rules}"),
        None => rules,
    };
    out.insert("description".to_owned(), text.into());
}

/// A schema for the arguments of a tool: an object, even where the client left that out.
pub(super) fn of_arguments(parameters: Option<&Value>) -> Value {
    match parameters {
        Some(Value::Object(schema)) if schema.contains_key("type") => Value::Object(schema.clone()),
        Some(Value::Object(schema)) => {
            let mut schema = schema.clone();
            schema.insert("type".to_owned(), json!("object"));
            schema.entry("properties").or_insert_with(|| json!({}));
            Value::Object(schema)
        }
        _ => json!({"type": "object", "properties": {}}),
    }
}

#[cfg(test)]
mod tests;
