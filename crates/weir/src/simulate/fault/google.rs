//! Google's error body, with its typed details.

use serde_json::{Value, json};

use super::Fault;

/// The body, in an array of one where the call streams one.
pub(super) fn body(fault: &Fault, array: bool) -> Value {
    let body = json!({ "error": {
        "code": fault.status.as_u16(),
        "message": fault.message,
        "status": status(fault.status.as_u16()),
        "details": details(fault),
    }});
    if array { json!([body]) } else { body }
}

fn details(fault: &Fault) -> Vec<Value> {
    let mut details = Vec::new();
    if let Some(reason) = fault.code.filter(|code| code.bytes().all(|b| !b.is_ascii_lowercase())) {
        details.push(json!({
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": reason,
            "domain": "googleapis.com",
        }));
    }
    if let Some(seconds) = fault.retry_after {
        details.push(json!({
            "@type": "type.googleapis.com/google.rpc.RetryInfo",
            "retryDelay": format!("{seconds}s"),
        }));
    }
    details
}

const fn status(code: u16) -> &'static str {
    match code {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        409 => "ABORTED",
        429 => "RESOURCE_EXHAUSTED",
        400..=499 => "INVALID_ARGUMENT",
        503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        501 => "UNIMPLEMENTED",
        _ => "INTERNAL",
    }
}
