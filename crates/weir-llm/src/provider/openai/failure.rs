//! Errors, in all the shapes that OpenAI-shaped providers give them.

use serde_json::{Map, Value};

use crate::canonical::Failure;

/// Longest text that is passed on as a message, in characters: an unknown body may be a web page.
const LONGEST: usize = 1000;

/// Reads the body of an error.
pub(in crate::provider) fn read(status: u16, body: &[u8]) -> Failure {
    match serde_json::from_slice(body) {
        Ok(value) => of_value(status, &value),
        Err(_) => Failure::new(status, foreign(body)),
    }
}

/// Reads an error object inside an answer that looked good; its status is the one it speaks of.
pub(super) fn inside(error: &Value) -> Failure {
    let code = error["code"].as_u64().or_else(|| error["status_code"].as_u64());
    let status = code.and_then(|code| u16::try_from(code).ok()).filter(|s| (400..600).contains(s));
    let status = status.unwrap_or_else(|| by_kind(error));
    of_value(status, error)
}

/// The status of an error that only has words.
fn by_kind(error: &Value) -> u16 {
    let words = [error["type"].as_str(), error["code"].as_str()];
    let has = |part: &str| words.iter().flatten().any(|word| word.contains(part));
    match () {
        () if has("rate_limit") => 429,
        () if has("overloaded") => 503,
        () if has("invalid_request") || has("content_filter") => 400,
        () => 502,
    }
}

fn of_value(status: u16, value: &Value) -> Failure {
    match value {
        Value::Object(object) => of_object(status, object),
        // Google wraps the object in a list.
        Value::Array(list) => match list.first() {
            Some(first) => of_value(status, first),
            None => Failure::new(status, "the provider gave no reason"),
        },
        Value::String(text) => Failure::new(status, cut(text)),
        other => Failure::new(status, cut(&other.to_string())),
    }
}

fn of_object(status: u16, object: &Map<String, Value>) -> Failure {
    let mut failure = match (object.get("error"), object.get("errors"), object.get("detail")) {
        (Some(inner @ Value::Object(_)), ..) => return of_value(status, inner),
        (Some(Value::String(text)), ..) => Failure::new(status, cut(text)),
        (_, Some(Value::Array(list)), _) if !list.is_empty() => several(status, list),
        (_, _, Some(Value::Array(list))) if !list.is_empty() => details(status, list),
        (_, _, Some(Value::String(text))) => Failure::new(status, cut(text)),
        _ => match object.get("message") {
            Some(Value::String(text)) => Failure::new(status, cut(text)),
            // Mistral: the reasons of a refused body stand inside the message.
            Some(Value::Object(inner)) => of_object(status, inner),
            _ => Failure::new(status, cut(&Value::Object(object.clone()).to_string())),
        },
    };
    let word = |name: &str| match object.get(name) {
        Some(Value::String(word)) => Some(word.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    failure.kind = failure.kind.or_else(|| word("type").or_else(|| word("status")));
    failure.code = failure.code.or_else(|| word("code"));
    failure.param = failure.param.or_else(|| word("param"));
    // OpenRouter: what the provider behind it said.
    if let Some(raw) = object.get("metadata").and_then(|metadata| metadata["raw"].as_str()) {
        failure.message = cut(&format!("{}: {raw}", failure.message));
    }
    failure
}

/// Workers AI: `{"code", "message"}` each.
fn several(status: u16, list: &[Value]) -> Failure {
    let messages = list.iter().map(|error| match error {
        Value::String(text) => text.clone(),
        _ => error["message"].as_str().map_or_else(|| error.to_string(), str::to_owned),
    });
    let mut failure = Failure::new(status, cut(&messages.collect::<Vec<_>>().join("; ")));
    failure.code = list[0]["code"].as_u64().map(|code| code.to_string());
    failure
}

/// A list of what is wrong with a body, each with its place.
fn details(status: u16, list: &[Value]) -> Failure {
    let place = |detail: &Value| {
        let steps = detail["loc"].as_array()?.iter();
        let steps = steps.map(|step| step.as_str().map_or_else(|| step.to_string(), str::to_owned));
        Some(steps.filter(|step| step != "body").collect::<Vec<_>>().join("."))
    };
    let messages = list.iter().map(|detail| {
        let message = detail["msg"].as_str().map_or_else(|| detail.to_string(), str::to_owned);
        place(detail).map_or(message.clone(), |place| format!("{place}: {message}"))
    });
    let mut failure = Failure::new(status, cut(&messages.collect::<Vec<_>>().join("; ")));
    failure.param = place(&list[0]);
    failure
}

/// A body that is no JSON: a web page shows its title, other text itself.
fn foreign(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(64 * 1024)]);
    let text = text.trim();
    if text.is_empty() {
        return "the provider gave no reason".to_owned();
    }
    if !text.starts_with('<') {
        return cut(text);
    }
    let title = text.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
    match title {
        Some((title, _)) => {
            cut(&format!("the provider answered with a web page: {}", title.trim()))
        }
        None => "the provider answered with a web page".to_owned(),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_owned(),
    }
}
