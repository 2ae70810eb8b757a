//! Errors inside answers, in all the forms providers give them.

use serde_json::Value;
use weir_core::log::LogError;

/// Longest message that is kept, in bytes.
const MAX_MESSAGE: usize = 2048;

/// The value of a key `error`: an object, or a plain text. Null, false and empty are no error.
pub(super) fn of_value(raw: &[u8]) -> Option<LogError> {
    of(&serde_json::from_slice(raw).ok()?)
}

/// The first of a list of errors.
pub(super) fn of_list(raw: &[u8]) -> Option<LogError> {
    match serde_json::from_slice(raw).ok()? {
        Value::Array(list) => list.first().and_then(of),
        value => of(&value),
    }
}

/// A frame or event whose kind says that it is an error, with whatever document it carries.
pub(super) fn of_document(code: &str, document: &[u8]) -> LogError {
    let value: Value = serde_json::from_slice(document).unwrap_or(Value::Null);
    let inner = ["message", "Message", "error", "detail"].iter().find_map(|key| value.get(key));
    let message = match inner.or(Some(&value)) {
        Some(Value::String(text)) => cut(text),
        Some(inner) if inner.get("message").is_some() => {
            return of(inner).unwrap_or_else(|| plain(code, document));
        }
        _ => return plain(code, document),
    };
    LogError { code: code.into(), message }
}

fn plain(code: &str, document: &[u8]) -> LogError {
    LogError { code: code.into(), message: cut(&String::from_utf8_lossy(document)) }
}

fn of(value: &Value) -> Option<LogError> {
    match value {
        Value::String(text) if !text.is_empty() => {
            Some(LogError { code: "error".into(), message: cut(text) })
        }
        Value::Object(object) if !object.is_empty() => {
            let get = |key: &str| object.get(key).filter(|value| !value.is_null());
            // A word says more than a number; Google's word is its status.
            let code = get("code")
                .filter(|code| code.is_string())
                .or_else(|| get("status").filter(|status| status.is_string()))
                .or_else(|| get("type"))
                .or_else(|| get("code"));
            let code = match code {
                Some(Value::String(text)) if !text.is_empty() => cut(text),
                Some(Value::Number(number)) => number.to_string().into(),
                _ => "error".into(),
            };
            let message = match get("message").or_else(|| get("detail")) {
                Some(Value::String(text)) => cut(text),
                _ => cut(&value.to_string()),
            };
            Some(LogError { code, message })
        }
        _ => None,
    }
}

/// A code beside a message: a word or a number.
pub(super) fn word(raw: &[u8]) -> Option<Box<str>> {
    text(raw).or_else(|| {
        serde_json::from_slice::<serde_json::Number>(raw).ok().map(|n| n.to_string().into())
    })
}

/// A JSON string, cut to the length that is kept.
pub(super) fn text(raw: &[u8]) -> Option<Box<str>> {
    super::collector::text(raw).map(|text| cut(&text))
}

fn cut(text: &str) -> Box<str> {
    text[..text.floor_char_boundary(MAX_MESSAGE)].into()
}
