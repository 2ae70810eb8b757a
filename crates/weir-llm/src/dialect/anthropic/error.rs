//! Bodies of errors.

use crate::canonical::Failure;
use crate::json::push_string;

/// `{"type": "error", "error": {"type", "message"}}`. The type follows the status: clients of this
/// dialect tell by it whether to try again.
pub(in crate::dialect) fn failure(failure: &Failure) -> Vec<u8> {
    let mut out = Vec::with_capacity(96 + failure.message.len());
    out.extend_from_slice(b"{\"type\":\"error\",\"error\":{\"type\":\"");
    out.extend_from_slice(kind(failure.status).as_bytes());
    out.extend_from_slice(b"\",\"message\":");
    push_string(&mut out, &failure.message);
    if failure.param.as_deref() == Some("thread") {
        out.extend_from_slice(UNTHREADED);
    }
    out.extend_from_slice(b"}}");
    out
}

/// By this Anthropic's clients know that they have to send the whole conversation with each turn,
/// and their tool runner does so without a word.
const UNTHREADED: &[u8] =
    br#","details":{"error_code":"thread_unsupported_request","unsupported":["thread"]}"#;

const fn kind(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        408 | 504 => "timeout_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        503 | 529 => "overloaded_error",
        400..=499 => "invalid_request_error",
        _ => "api_error",
    }
}
