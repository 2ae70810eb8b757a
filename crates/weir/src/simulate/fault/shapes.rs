//! The error bodies of the families with a flat shape.

use http::StatusCode;
use serde_json::{Value, json};

use super::Fault;

pub(super) fn openai(fault: &Fault) -> Value {
    let kind = match fault.status.as_u16() {
        402 => "insufficient_quota",
        429 => "requests",
        400..500 => "invalid_request_error",
        _ => "server_error",
    };
    let code = fault.code.or((fault.status.as_u16() == 429).then_some("rate_limit_exceeded"));
    json!({ "error": {
        "message": fault.message,
        "type": kind,
        "param": fault.param,
        "code": code,
    }})
}

pub(super) fn anthropic(fault: &Fault, request_id: &str) -> Value {
    let kind = match fault.status.as_u16() {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        400..500 => "invalid_request_error",
        _ => "api_error",
    };
    json!({
        "type": "error",
        "error": { "type": kind, "message": fault.message },
        "request_id": request_id,
    })
}

pub(super) fn bedrock(fault: &Fault) -> Value {
    json!({ "message": fault.message })
}

/// The value of the header `x-amzn-ErrorType`.
pub(in crate::simulate) fn aws_type(fault: &Fault) -> &'static str {
    // Codes meant for other families are no exceptions of AWS.
    if let Some(code) = fault.code.filter(|code| code.ends_with("Exception")) {
        return code;
    }
    match fault.status.as_u16() {
        401 | 403 => "AccessDeniedException",
        404 => "ResourceNotFoundException",
        408 => "ModelTimeoutException",
        424 => "ModelErrorException",
        429 => "ThrottlingException",
        503 => "ServiceUnavailableException",
        400..500 => "ValidationException",
        _ => "InternalServerException",
    }
}

pub(super) fn cohere(fault: &Fault, request_id: &str) -> Value {
    json!({ "id": request_id, "message": fault.message })
}

/// Cloudflare's envelope (spec: providers.json, `codes_to_status`).
pub(super) fn workers_ai(fault: &Fault) -> Value {
    let code = match fault.status {
        StatusCode::UNAUTHORIZED => 10_000,
        StatusCode::FORBIDDEN => 5018,
        StatusCode::NOT_FOUND => 3042,
        StatusCode::METHOD_NOT_ALLOWED => 5005,
        StatusCode::REQUEST_TIMEOUT => 3007,
        StatusCode::PAYLOAD_TOO_LARGE => 3006,
        StatusCode::TOO_MANY_REQUESTS => 3040,
        status if status.is_client_error() => 5004,
        _ => 3043,
    };
    json!({
        "result": null,
        "success": false,
        "errors": [{ "code": code, "message": fault.message }],
        "messages": [],
    })
}

pub(super) fn oauth(fault: &Fault) -> Value {
    json!({
        "error": fault.code.unwrap_or("invalid_request"),
        "error_description": fault.message,
    })
}
