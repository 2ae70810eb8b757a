//! The model's name inside bodies of Gemini's own dialect.

#[cfg(test)]
mod tests;

use crate::json::{Object, Raw, push_string};

/// Puts the provider's name of the model where a body repeats the path's: counts of tokens and
/// vectors do, and Google refuses what differs. Every other byte stays as it is; a body of another
/// form passes, for the provider to judge.
pub fn set_gemini_model(body: &[u8], model: &str) -> Vec<u8> {
    let places = places(body).unwrap_or_default();
    let mut name = Vec::with_capacity(model.len() + 10);
    let prefix = if model.contains('/') { "" } else { "models/" };
    push_string(&mut name, &format!("{prefix}{model}"));
    let mut out = Vec::with_capacity(body.len() + name.len());
    let mut copied = 0;
    for place in places {
        let at = place.as_ptr() as usize - body.as_ptr() as usize;
        out.extend_from_slice(&body[copied..at]);
        out.extend_from_slice(&name);
        copied = at + place.len();
    }
    out.extend_from_slice(&body[copied..]);
    out
}

/// The values to replace, in their order.
fn places(body: &[u8]) -> Option<Vec<&str>> {
    let mut found: Vec<&str> = Vec::new();
    let whole = Object::read(body).ok()?;
    found.extend(model(&whole));
    for (name, value) in whole.rest() {
        match name {
            "generateContentRequest" | "generate_content_request" => {
                let inner = Object::read(value.get().as_bytes()).ok()?;
                found.extend(model(&inner));
            }
            "requests" => {
                let requests: Vec<Raw<'_>> = serde_json::from_str(value.get()).ok()?;
                for request in requests {
                    let request = Object::read(request.get().as_bytes()).ok()?;
                    found.extend(model(&request));
                }
            }
            _ => {}
        }
    }
    found.sort_by_key(|value| value.as_ptr());
    Some(found)
}

fn model<'a>(object: &Object<'a>) -> Vec<&'a str> {
    let named = object.rest().filter(|(name, _)| *name == "model");
    named.map(|(_, value)| value.get()).collect()
}
