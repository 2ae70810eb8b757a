//! Google's schemas, a part of OpenAPI's, as JSON schemas.

use serde_json::{Map, Value, json};

use super::fields::camel;

/// Counts, which Google's writers put in quotes.
const COUNTS: &[&str] =
    &["minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"];

/// Type names become small, `nullable` becomes a type, and what JSON schemas have no word for goes.
pub(super) fn json_schema(schema: Value) -> Value {
    let Value::Object(given) = schema else { return schema };
    let mut out = Map::new();
    let mut nullable = false;
    for (name, value) in given {
        match camel(&name).as_str() {
            "type" => drop(kind(&value).map(|kind| out.insert("type".to_owned(), kind))),
            "nullable" => nullable = value == Value::Bool(true),
            // An order for the model, and `enum` as a format: nothing that a schema could hold to.
            "propertyOrdering" => {}
            "format" if value == "enum" => {}
            "properties" => drop(out.insert("properties".to_owned(), each_member(value))),
            "items" => drop(out.insert("items".to_owned(), json_schema(value))),
            "additionalProperties" => {
                out.insert("additionalProperties".to_owned(), json_schema(value));
            }
            "anyOf" => drop(out.insert("anyOf".to_owned(), each_item(value))),
            "ref" => drop(out.insert("$ref".to_owned(), value)),
            "defs" => drop(out.insert("$defs".to_owned(), each_member(value))),
            known if COUNTS.contains(&known) => drop(out.insert(known.to_owned(), count(value))),
            _ => drop(out.insert(name, value)),
        }
    }
    if nullable {
        permit_null(&mut out);
    }
    Value::Object(out)
}

fn kind(value: &Value) -> Option<Value> {
    match value.as_str() {
        Some("TYPE_UNSPECIFIED") => None,
        Some(word) => Some(Value::String(word.to_lowercase())),
        None => Some(value.clone()),
    }
}

fn each_member(members: Value) -> Value {
    match members {
        Value::Object(members) => {
            members.into_iter().map(|(name, schema)| (name, json_schema(schema))).collect()
        }
        other => other,
    }
}

fn each_item(items: Value) -> Value {
    match items {
        Value::Array(items) => items.into_iter().map(json_schema).collect(),
        other => other,
    }
}

fn count(value: Value) -> Value {
    value.as_str().and_then(|text| text.parse::<u64>().ok()).map_or(value, Value::from)
}

fn permit_null(schema: &mut Map<String, Value>) {
    if let Some(kind) = schema.get_mut("type").filter(|kind| kind.is_string()) {
        *kind = json!([kind.take(), "null"]);
    } else if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.push(json!({"type": "null"}));
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.push(Value::Null);
    }
}
