//! Gemini's own requests name their model in the path, and some repeat it in the body.

#[cfg(test)]
mod tests;

use serde_json::value::RawValue;

use crate::fault::Fault;
use crate::json::{Edits, Object};

/// Sets the model wherever the body names one; what names none stays as it is. Gemini refuses a
/// body that names another model than the path.
///
/// # Errors
/// When the body is no JSON object.
pub fn set_gemini_model(body: &[u8], model: &str) -> Result<Vec<u8>, Fault> {
    let object = Object::read(body)?;
    let mut edits = Edits::default();
    if object.get::<Box<RawValue>>("model")?.is_some() {
        edits.set_text("model", &format!("models/{model}"));
    }
    // `countTokens` holds a whole request of `generateContent`, `batchEmbedContents` many.
    if let Some(inner) = object.get::<Box<RawValue>>("generateContentRequest")? {
        edits.set("generateContentRequest", set_gemini_model(inner.get().as_bytes(), model)?);
    }
    if let Some(requests) = object.get::<Vec<Box<RawValue>>>("requests")? {
        let mut list = b"[".to_vec();
        for (at, request) in requests.iter().enumerate() {
            if at > 0 {
                list.push(b',');
            }
            list.extend(set_gemini_model(request.get().as_bytes(), model)?);
        }
        list.push(b']');
        edits.set("requests", list);
    }
    if edits.is_empty() { Ok(body.to_vec()) } else { edits.apply(body) }
}
