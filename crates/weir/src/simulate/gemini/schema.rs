//! Google's own schema: a part of OpenAPI, with the types in capitals.

use serde_json::Value;

/// The keywords it has. JSON Schema's others are unknown fields to it.
const KEYWORDS: [&str; 23] = [
    "type",
    "format",
    "title",
    "description",
    "nullable",
    "enum",
    "maxItems",
    "minItems",
    "properties",
    "required",
    "minProperties",
    "maxProperties",
    "minLength",
    "maxLength",
    "pattern",
    "example",
    "anyOf",
    "propertyOrdering",
    "default",
    "items",
    "minimum",
    "maximum",
    "additionalProperties",
];
const TYPES: [&str; 7] = ["STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL"];

/// A keyword as Google writes it by itself; it takes snake_case too.
fn camel(keyword: &str) -> String {
    let mut words = keyword.split('_');
    let mut name = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

/// Says what is wrong with a schema, if anything.
pub(super) fn fault(schema: &Value) -> Option<String> {
    let Some(fields) = schema.as_object() else {
        return Some("a schema must be an object".to_owned());
    };
    if let Some(unknown) = fields.keys().find(|key| !KEYWORDS.contains(&&*camel(key))) {
        return Some(format!("Unknown name \"{unknown}\": Cannot find field."));
    }
    let kind = match fields.get("type") {
        None => "",
        Some(Value::String(kind)) => kind.as_str(),
        Some(_) => return Some("type: a schema has one type, not a list".to_owned()),
    };
    let kind = kind.to_ascii_uppercase();
    if !kind.is_empty() && !TYPES.contains(&kind.as_str()) {
        return Some(format!("type: `{kind}` is no type"));
    }
    if kind == "ARRAY" && !fields.contains_key("items") {
        return Some("items: missing field".to_owned());
    }
    if fields.contains_key("enum") && kind != "STRING" {
        return Some("enum: only allowed for STRING type".to_owned());
    }
    let properties = fields.get("properties").and_then(Value::as_object);
    let missing = fields.get("required").and_then(Value::as_array).into_iter().flatten();
    for name in missing.filter_map(Value::as_str) {
        if !properties.is_some_and(|properties| properties.contains_key(name)) {
            return Some(format!("required: property `{name}` is not defined"));
        }
    }
    let inner = properties.into_iter().flat_map(|properties| properties.values());
    let options = fields.get("anyOf").or_else(|| fields.get("any_of"));
    let options = options.and_then(Value::as_array).into_iter().flatten();
    inner.chain(options).chain(fields.get("items")).find_map(fault)
}

/// Writes the types and keywords as JSON Schema does.
pub(super) fn lower(schema: &mut Value) {
    let Some(fields) = schema.as_object_mut() else { return };
    let mut written = serde_json::Map::new();
    for (key, mut value) in std::mem::take(fields) {
        match (key.as_str(), &mut value) {
            ("type", Value::String(kind)) => kind.make_ascii_lowercase(),
            ("properties", Value::Object(properties)) => {
                properties.values_mut().for_each(lower);
            }
            ("anyOf" | "any_of", Value::Array(options)) => options.iter_mut().for_each(lower),
            ("items", items) => lower(items),
            _ => {}
        }
        written.insert(camel(&key), value);
    }
    *fields = written;
}
