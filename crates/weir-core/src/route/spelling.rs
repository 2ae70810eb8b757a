//! The documentation and the official clients spell some names of elements differently. Both are
//! read; what is stored and shown is the spelling of the clients (spec: data-plane 8.2).

use serde_json::{Map, Value};

/// The elements with the clients' names, all else as it was, in its order.
pub fn official(elements: Value) -> Value {
    match elements {
        Value::Array(elements) => elements.into_iter().map(element).collect(),
        other => other,
    }
}

fn element(mut element: Value) -> Value {
    let old = match element["type"].as_str() {
        Some("rate_limit" | "rate") => ("interval", "window"),
        Some("conditional") => ("condition", "conditions"),
        _ => return element,
    };
    if element["type"] == "rate_limit" {
        element["type"] = "rate".into();
    }
    if let Some(Value::Object(properties)) = element.get_mut("properties") {
        rename(properties, old);
    }
    element
}

/// Renames a field in its place. One that is there under both names is left alone: reading the
/// elements refuses it.
fn rename(fields: &mut Map<String, Value>, (old, new): (&str, &str)) {
    if !fields.contains_key(old) || fields.contains_key(new) {
        return;
    }
    *fields = std::mem::take(fields)
        .into_iter()
        .map(|(name, value)| (if name == old { new.to_owned() } else { name }, value))
        .collect();
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_names_change() {
        let documented = json!([
            {"type": "rate_limit", "id": "r", "position": {"x": 1.0}, "properties":
                {"limitType": "cost", "interval": 3600, "technique": "fixed", "limit": 1e-3}},
            {"id": "c", "type": "conditional", "properties":
                {"a": 1, "condition": {"metadata.condition": "interval"}}},
            {"id": "m", "type": "model", "properties": {"interval": 1, "condition": 2}}
        ]);
        let expected = documented
            .to_string()
            .replace("\"rate_limit\"", "\"rate\"")
            .replace("\"interval\":3600", "\"window\":3600")
            .replace("\"condition\":{", "\"conditions\":{");
        let official = official(documented);
        assert_eq!(official.to_string(), expected);
        assert_eq!(super::official(official).to_string(), expected);
    }

    #[test]
    fn what_is_no_list_of_elements_stays() {
        for other in [json!(null), json!({"type": "rate_limit"}), json!([1, [], {"type": 2}])] {
            assert_eq!(official(other.clone()), other);
        }
    }
}
