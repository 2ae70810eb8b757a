use serde_json::{Value, json};

use super::{Field, Schema};

const RULE: Schema = Schema::Object(&[
    Field::required("limit", Schema::Number { min: 0.0, max: f64::INFINITY }, ""),
    Field::optional("window", Schema::integer(1, 60), ""),
]);
const SETTINGS: Schema = Schema::Object(&[
    Field::required("ttl", Schema::Nullable(&Schema::integer(0, i64::MAX)), "Seconds."),
    Field::optional("mode", Schema::Choice(&["a", "b"]), ""),
    Field::optional("rules", Schema::Array { items: &RULE, max: 2 }, ""),
    Field::read_only("created_at", Schema::TIME, ""),
    Field::write_only("secret", Schema::text(1, 8), ""),
]);

fn refusals(value: &Value) -> Vec<(String, String)> {
    let found = SETTINGS.check(value, "body").refusals;
    found.into_iter().map(|refusal| (refusal.path.join("."), refusal.message)).collect()
}

fn refused(value: &Value, path: &str, message: &str) {
    assert_eq!(refusals(value), [(path.to_owned(), message.to_owned())], "{value}");
}

#[test]
fn every_bound_is_named_with_its_place() {
    refused(&json!({}), "body.ttl", "ttl is required");
    refused(&json!({"ttl": -1}), "body.ttl", "ttl must be a whole number of at least 0");
    refused(&json!({"ttl": 1.5}), "body.ttl", "ttl must be a whole number of at least 0");
    refused(&json!({"ttl": 1, "mode": "c"}), "body.mode", "mode must be one of a, b");
    refused(
        &json!({"ttl": 1, "rules": [{"limit": 1}, {"limit": 1, "window": 61}]}),
        "body.rules.1.window",
        "window must be a whole number from 1 to 60",
    );
    refused(
        &json!({"ttl": 1, "rules": [{"limit": -1}]}),
        "body.rules.0.limit",
        "limit must be a number of at least 0",
    );
    refused(
        &json!({"ttl": 1, "rules": [1, 2, 3]}),
        "body.rules",
        "rules may have 2 elements at most",
    );
    refused(&json!([]), "body", "body must be an object");
    refused(
        &json!({"ttl": null, "secret": ""}),
        "body.secret",
        "secret must have a length from 1 to 8 characters",
    );
    assert!(refusals(&json!({"ttl": null, "created_at": 17})).is_empty());
}

#[test]
fn unknown_fields_are_noted_and_the_nearest_is_named() {
    let found =
        SETTINGS.check(&json!({"ttl": 1, "mod": "a", "rules": [{"limit": 1, "x": 1}]}), "body");
    assert!(found.refusals.is_empty());
    assert_eq!(
        found.ignored,
        ["rules.0.x is unknown and was ignored", "mod is unknown and was ignored; mode is known"]
    );
}

#[test]
fn answers_may_hold_nothing_undeclared_and_nothing_secret() {
    assert!(
        SETTINGS.check_answer(&json!({"ttl": 1, "created_at": "2026-01-01T00:00:00Z"})).is_empty()
    );
    assert_eq!(SETTINGS.check_answer(&json!({"ttl": 1, "secret": "k"})).len(), 1);
    assert_eq!(SETTINGS.check_answer(&json!({"ttl": 1, "more": 1})).len(), 1);
}

#[test]
fn the_document_says_the_same() {
    let input = SETTINGS.to_json(true);
    assert_eq!(input["required"], json!(["ttl"]));
    assert_eq!(input["properties"]["mode"], json!({"type": "string", "enum": ["a", "b"]}));
    assert!(input["properties"].get("created_at").is_none());
    let answer = SETTINGS.to_json(false);
    assert!(answer["properties"].get("secret").is_none());
    assert_eq!(answer["properties"]["rules"]["maxItems"], 2);
}
