//! Rules of spend limits on their way into the settings of a gateway.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::error::ApiError;

/// Fills in what a rule may leave out, so that it reads back complete.
///
/// Buckets go by the id of a rule, so a rule that is sent without one keeps the id it had, and with
/// it what was spent: the id of the former rule that says the same, else the id of the one at its
/// place.
///
/// # Errors
/// A rule that names its limit's type in no spelling.
pub(super) fn complete(limits: &mut Value, former: &Value) -> Result<(), ApiError> {
    let Some(limits) = limits.as_object_mut() else { return Ok(()) };
    limits.entry("enabled").or_insert(json!(false));
    limits.entry("rules").or_insert(json!([]));
    let rules = limits.get_mut("rules").and_then(Value::as_array_mut);
    let mut rules: Vec<_> = rules.into_iter().flatten().filter_map(Value::as_object_mut).collect();
    for (place, rule) in rules.iter_mut().enumerate() {
        if !rule.contains_key("limitType") && !rule.contains_key("limit_type") {
            let path = ["body", "spend_limits", "rules", &place.to_string(), "limitType"];
            return Err(ApiError::input(&path, "limitType is required"));
        }
        rule.entry("enabled").or_insert(json!(true));
        rule.entry("technique").or_insert(json!("sliding"));
    }
    let former = former.get("rules").and_then(Value::as_array);
    let former: Vec<_> = former.into_iter().flatten().filter_map(Value::as_object).collect();
    name(&mut rules, &former);
    Ok(())
}

fn name(rules: &mut [&mut Map<String, Value>], former: &[&Map<String, Value>]) {
    let mut taken: BTreeSet<String> = rules.iter().filter_map(|rule| id_of(rule)).collect();
    for rule in rules.iter_mut().filter(|rule| !rule.contains_key("id")) {
        let same = former.iter().filter(|other| says_the_same(rule, other));
        if let Some(id) = same.filter_map(|other| id_of(other)).find(|id| !taken.contains(id)) {
            rule.insert("id".to_owned(), id.as_str().into());
            taken.insert(id);
        }
    }
    for (place, rule) in rules.iter_mut().enumerate() {
        if !rule.contains_key("id") {
            let there = former.get(place).and_then(|other| id_of(other));
            let id = there.filter(|id| !taken.contains(id)).unwrap_or_else(fresh);
            rule.insert("id".to_owned(), id.as_str().into());
            taken.insert(id);
        }
    }
}

fn id_of(rule: &Map<String, Value>) -> Option<String> {
    rule.get("id").and_then(Value::as_str).map(str::to_owned)
}

fn says_the_same(rule: &Map<String, Value>, other: &Map<String, Value>) -> bool {
    let fields = |rule: &Map<String, Value>| rule.keys().filter(|name| *name != "id").count();
    fields(rule) == fields(other)
        && rule.iter().all(|(name, value)| name == "id" || other.get(name) == Some(value))
}

/// Eight hex digits.
fn fresh() -> String {
    let mut id = Uuid::new_v4().simple().to_string();
    id.truncate(8);
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(rules: &Value, former: &Value) -> Value {
        let mut limits = json!({ "rules": rules });
        complete(&mut limits, &json!({ "rules": former })).unwrap();
        limits["rules"].clone()
    }

    fn ids(rules: &Value) -> Vec<&str> {
        rules.as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect()
    }

    #[test]
    fn rules_without_ids_keep_those_they_had() {
        let rule = |limit: u64| json!({"limit": limit, "limitType": "cost", "window": 60});
        let first = completed(&json!([rule(1), rule(2), rule(3)]), &json!([]));
        assert!(ids(&first).iter().all(|id| id.len() == 8));
        assert_eq!(completed(&json!([rule(1), rule(2), rule(3)]), &first), first);
        // Moved, and one of them gone.
        let moved = completed(&json!([rule(3), rule(1)]), &first);
        assert_eq!(ids(&moved), [ids(&first)[2], ids(&first)[0]]);
        // Changed where it stands.
        let changed = completed(&json!([rule(1), rule(9), rule(3)]), &first);
        assert_eq!(ids(&changed), ids(&first));
        // A copy is another rule.
        let twice = completed(&json!([rule(1), rule(1)]), &json!([first[0]]));
        assert_eq!(ids(&twice)[0], ids(&first)[0]);
        assert_ne!(ids(&twice)[1], ids(&first)[0]);
        // An id that is sent counts first.
        let mut named = rule(5);
        named["id"] = first[0]["id"].clone();
        let named = completed(&json!([rule(7), named]), &first);
        assert_eq!(ids(&named)[1], ids(&first)[0]);
        assert_ne!(ids(&named)[0], ids(&first)[0]);
    }

    #[test]
    fn the_type_of_the_limit_is_said_in_one_spelling() {
        let mut missing = json!({"rules": [{"limit": 1, "window": 60}]});
        assert!(complete(&mut missing, &Value::Null).is_err());
        let other =
            completed(&json!([{"limit": 1, "window": 60, "limit_type": "cost"}]), &json!([]));
        assert_eq!((&other[0]["limit_type"], other[0].get("limitType")), (&json!("cost"), None));
    }
}
