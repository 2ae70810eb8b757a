//! The body of an error.

use serde_json::json;

use crate::canonical::Failure;

pub(in crate::dialect) fn failure(failure: &Failure) -> Vec<u8> {
    let mut error = json!({
        "code": failure.status,
        "message": failure.message,
        "status": word(failure.status),
    });
    if let Some(param) = &failure.param {
        error["details"] = json!([{
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [{"field": param, "description": failure.message}],
        }]);
    }
    json!({"error": error}).to_string().into_bytes()
}

/// Google's word for a status.
const fn word(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHENTICATED",
        402 | 403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        408 | 504 => "DEADLINE_EXCEEDED",
        409 => "ABORTED",
        412 => "FAILED_PRECONDITION",
        429 => "RESOURCE_EXHAUSTED",
        499 => "CANCELLED",
        400..=499 => "INVALID_ARGUMENT",
        501 => "UNIMPLEMENTED",
        502 | 503 | 529 => "UNAVAILABLE",
        500..=599 => "INTERNAL",
        _ => "UNKNOWN",
    }
}
