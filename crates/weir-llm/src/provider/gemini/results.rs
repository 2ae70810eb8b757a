//! What a tool said, as the object that Gemini wants.

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::canonical::ToolResult;

#[derive(Serialize)]
enum Wrapped<'a> {
    #[serde(rename = "result")]
    Text(&'a str),
    #[serde(rename = "result")]
    Json(&'a RawValue),
    #[serde(rename = "error")]
    ErrorText(&'a str),
    #[serde(rename = "error")]
    ErrorJson(&'a RawValue),
}

/// An object stays as it is; a list or a text is wrapped, an error always.
pub(super) fn response(result: &ToolResult) -> Box<RawValue> {
    let text = result.joined_text();
    let raw = serde_json::from_str::<&RawValue>(&text).ok();
    let structured = raw.filter(|raw| raw.get().starts_with(['{', '[']));
    let wrapped = match (structured, result.is_error) {
        (Some(raw), false) if raw.get().starts_with('{') => return raw.to_owned(),
        (Some(raw), false) => Wrapped::Json(raw),
        (Some(raw), true) => Wrapped::ErrorJson(raw),
        (None, false) => Wrapped::Text(&text),
        (None, true) => Wrapped::ErrorText(&text),
    };
    // Texts and valid JSON can always be written.
    to_raw_value(&wrapped).unwrap_or_else(|_| RawValue::NULL.to_owned())
}
