//! Pictures in an answer, as `ai/run` shows them: `{"image": ...}`.

use bytes::Bytes;
use serde_json::{Value, json};

/// The first picture of an answer: a data URL, or the address where it lies. `None` when the answer
/// has none; it is then shown as it came.
pub(super) fn of(answer: &[u8]) -> Option<Bytes> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    let text = |place: &str| answer.pointer(place).and_then(Value::as_str).map(ToOwned::to_owned);
    let base64 = || text("/data/0/b64_json").map(|bytes| format!("data:image/png;base64,{bytes}"));
    let image = text("/data/0/url").or_else(base64).or_else(|| inline(&answer));
    image.map(|image| json!({"image": image}).to_string().into())
}

/// Gemini's picture among the parts of an answer.
fn inline(answer: &Value) -> Option<String> {
    let parts = answer.pointer("/candidates/0/content/parts")?.as_array()?;
    parts.iter().find_map(|part| {
        let data = part.get("inlineData").or_else(|| part.get("inline_data"))?;
        let media_type = data.get("mimeType").or_else(|| data.get("mime_type"));
        let media_type = media_type.and_then(Value::as_str).unwrap_or("image/png");
        Some(format!("data:{media_type};base64,{}", data.get("data")?.as_str()?))
    })
}
