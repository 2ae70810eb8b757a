//! Errors: `{"error": {...}}`, sometimes alone in a list.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::canonical::Failure;

#[derive(Deserialize)]
struct Body {
    error: Given,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Given {
    code: Option<u16>,
    message: Option<String>,
    status: Option<String>,
    details: Vec<Value>,
}

pub(in crate::provider) fn failure(status: u16, body: &[u8]) -> Failure {
    let found = if body.trim_ascii_start().starts_with(b"[") {
        serde_json::from_slice::<Vec<Body>>(body).ok().and_then(|list| list.into_iter().next())
    } else {
        serde_json::from_slice::<Body>(body).ok()
    };
    match found {
        Some(Body { error }) => error.failure(status),
        None => Failure::new(status, String::from_utf8_lossy(body).trim()),
    }
}

/// An error in place of an answer, whose status said that all was well.
pub(super) fn inside(error: &RawValue) -> Failure {
    match serde_json::from_str::<Given>(error.get()) {
        Ok(given) => {
            let status = given.code.filter(|code| (400..600).contains(code)).unwrap_or(502);
            given.failure(status)
        }
        Err(_) => Failure::new(502, error.get()),
    }
}

impl Given {
    fn failure(self, status: u16) -> Failure {
        let detail = |kind: &str, field: &str| {
            let is_kind =
                |detail: &&Value| detail["@type"].as_str().is_some_and(|name| name.ends_with(kind));
            self.details.iter().find(is_kind)?[field].as_str()
        };
        let mut message = self.message.clone().unwrap_or_default();
        if message.is_empty() {
            message = format!("the provider answered {status} without saying why");
        }
        let delay = detail("google.rpc.RetryInfo", "retryDelay");
        if let Some(delay) = delay.filter(|_| !message.to_lowercase().contains("retry in")) {
            message.push_str(&format!(" Try again in {delay}."));
        }
        Failure {
            status,
            kind: self.status.clone(),
            code: detail("google.rpc.ErrorInfo", "reason").map(str::to_owned),
            param: None,
            message,
        }
    }
}
