//! Takes credentials out of JSON that is about to be shown.

use serde_json::Value;

/// Stands in for a credential.
pub const MASKED: &str = "********";

/// Fields whose text is a credential, or derived from one, wherever they stand.
const HIDDEN: [&str; 3] = ["authorization", "hash", "sealed"];

/// Masks every credential in the stored form of an object: texts under the names above, and every
/// value of a `headers` object, because services name their key headers as they like.
pub fn mask(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if HIDDEN.contains(&name.as_str()) => {
                        MASKED.clone_into(text);
                    }
                    Value::Object(headers) if name == "headers" => {
                        headers.values_mut().for_each(|header| *header = MASKED.into());
                    }
                    other => mask(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        _ => {}
    }
}

/// Puts the credentials of `before` back where `after` holds the mask, so that an object can be
/// written back as it was read (spec: management-api 2).
///
/// Array elements are paired by their `url` or `id` where they have one, else by their place: a
/// credential must not move to another destination.
pub fn unmask(after: &mut Value, before: &Value) {
    match (after, before) {
        (Value::Object(after), Value::Object(before)) => {
            for (name, field) in after {
                if let Some(former) = before.get(name) {
                    unmask(field, former);
                }
            }
        }
        (Value::Array(after), Value::Array(before)) => {
            for (place, item) in after.iter_mut().enumerate() {
                let name = ["url", "id"].into_iter().find(|name| item.get(name).is_some());
                let former = match name {
                    Some(name) => before.iter().find(|former| former.get(name) == item.get(name)),
                    None => before.get(place),
                };
                if let Some(former) = former {
                    unmask(item, former);
                }
            }
        }
        (Value::String(text), Value::String(former)) if text == MASKED => {
            former.clone_into(text);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn credentials_are_masked_at_any_depth_and_come_back() {
        let clear = json!([{
            "url": "https://otel.example", "authorization": "Bearer k", "content_type": "json",
            "headers": { "x-team-key": "k", "n": "v" }
        }]);
        let mut shown = clear.clone();
        mask(&mut shown);
        let masked = json!([{
            "url": "https://otel.example", "authorization": "********", "content_type": "json",
            "headers": { "x-team-key": "********", "n": "********" }
        }]);
        assert_eq!(shown, masked);
        unmask(&mut shown, &clear);
        assert_eq!(shown, clear);
    }

    #[test]
    fn a_mask_never_takes_the_credential_of_another_destination() {
        let before = json!([{"url": "https://a.example", "authorization": "a"}]);
        let mut after = json!([{"url": "https://evil.example", "authorization": "********"}]);
        unmask(&mut after, &before);
        assert_eq!(after[0]["authorization"], "********");
    }
}
