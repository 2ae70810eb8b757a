use super::*;

fn check(schema: &Value, expected: &Value) {
    assert_eq!(&sample(schema), expected, "{schema}");
}

#[test]
fn objects_get_all_their_properties() {
    check(
        &json!({"type": "object", "required": ["city"], "properties": {
            "city": {"type": "string"},
            "unit": {"type": "string", "enum": ["fahrenheit", "celsius"]},
            "days": {"type": "integer", "minimum": 3},
            "tags": {"type": "array", "items": {"type": "string"}, "minItems": 2},
            "exact": {"type": ["null", "boolean"]}
        }}),
        &json!({"city": "Paris", "unit": "fahrenheit", "days": 3,
               "tags": ["sample tags", "sample tags"], "exact": true}),
    );
    check(&json!({}), &json!("sample value"));
}

#[test]
fn bounds_are_kept() {
    check(&json!({"type": "integer", "maximum": -5}), &json!(-5));
    check(&json!({"type": "integer", "exclusiveMinimum": 4, "multipleOf": 5}), &json!(5));
    check(&json!({"type": "integer", "minimum": 10, "maximum": 19, "multipleOf": 10}), &json!(10));
    check(&json!({"type": "integer", "minimum": -9, "maximum": -3}), &json!(-3));
    check(&json!({"type": "number", "minimum": 0, "maximum": 1}), &json!(0.5));
    check(&json!({"type": "string", "maxLength": 3}), &json!("sam"));
    check(&json!({"type": "string", "format": "date", "minLength": 12}), &json!("2026-01-01xx"));
}

#[test]
fn references_and_alternatives_are_followed() {
    check(
        &json!({"$defs": {"n": {"const": 7}}, "properties": {"a": {"$ref": "#/$defs/n"},
               "b": {"anyOf": [{"type": "boolean"}, {"type": "null"}]}}}),
        &json!({"a": 7, "b": true}),
    );
    check(
        &json!({"allOf": [{"properties": {"a": {"type": "integer"}}},
                         {"properties": {"b": {"type": "boolean"}}}]}),
        &json!({"a": 1, "b": true}),
    );
}

#[test]
fn recursive_schemas_end() {
    let tree = json!({"type": "object", "properties": {
        "next": {"$ref": "#"}, "all": {"type": "array", "items": {"$ref": "#"}}}});
    assert!(sample(&tree).to_string().len() < 10_000);
    let endless =
        json!({"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#"}}});
    assert!(sample(&endless).to_string().len() < 10_000);
    check(&json!({"$ref": "#"}), &Value::Null);
}
