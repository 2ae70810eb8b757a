use serde_json::{Value, json};

use super::{clean, of_arguments};

fn check(schema: &Value, expected: &Value) {
    assert_eq!(clean(schema), *expected);
}

#[test]
fn what_is_not_known_goes_into_the_description() {
    check(
        &json!({"type": "integer", "minimum": 1, "maximum": 9, "description": "A digit."}),
        &json!({"type": "integer", "description": "A digit.\n\nMust hold: maximum: 9; minimum: 1"}),
    );
    check(
        &json!({"type": "string", "format": "phone"}),
        &json!({"type": "string", "description": "Must hold: format: \"phone\""}),
    );
    check(
        &json!({"type": "string", "format": "date"}),
        &json!({"type": "string", "format": "date"}),
    );
}

#[test]
fn objects_are_closed() {
    check(
        &json!({"$schema": "x", "type": "object", "properties": {"a": {"type": "array", "minItems": 1,
            "items": {"type": "object", "properties": {}, "additionalProperties": true}}},
            "required": ["a"]}),
        &json!({"type": "object", "properties": {"a": {"type": "array", "minItems": 1,
            "items": {"type": "object", "properties": {}, "additionalProperties": false}}},
            "required": ["a"], "additionalProperties": false}),
    );
}

#[test]
fn a_list_of_types_becomes_variants() {
    check(
        &json!({"type": ["string", "null"], "maxLength": 3, "description": "d"}),
        &json!({"description": "d", "anyOf": [
            {"type": "string", "description": "Must hold: maxLength: 3"}, {"type": "null"}]}),
    );
    check(&json!({"type": ["string", "null"], "enum": ["a", null]}), &json!({"enum": ["a", null]}));
}

#[test]
fn references_and_definitions_stay() {
    check(
        &json!({"$ref": "#/$defs/a", "$defs": {"a": {"type": "number", "minimum": 0}}}),
        &json!({"$ref": "#/$defs/a",
            "$defs": {"a": {"type": "number", "description": "Must hold: minimum: 0"}}}),
    );
    check(
        &json!({"oneOf": [{"const": 1}, {"type": "string"}]}),
        &json!({"anyOf": [{"const": 1}, {"type": "string"}]}),
    );
}

#[test]
fn arguments_are_an_object() {
    assert_eq!(of_arguments(None), json!({"type": "object", "properties": {}}));
    assert_eq!(
        of_arguments(Some(&json!({"properties": {"a": {}}}))),
        json!({"type": "object", "properties": {"a": {}}})
    );
}

#[test]
fn repeated_types_do_not_multiply() {
    let inside = |inner: Value| json!({"type": ["object", "object"], "properties": {"a": inner}});
    let schema = (0..50).fold(json!({"type": "string"}), |inner, _| inside(inner));
    assert!(clean(&schema).to_string().len() < 10_000);
}
