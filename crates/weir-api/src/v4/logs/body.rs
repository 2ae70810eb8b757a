//! A stored body as an answer of its own, outside the envelope (spec: management-api 1.1).

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use weir_core::Payload;
use weir_core::log::{LogRecord, Side};
use weir_core::store::StoredLog;

use crate::error::ApiError;

/// 200 with the bytes as they were stored.
///
/// Clients and providers write them, so a browser must neither guess another type nor run what it
/// is given in the name of this origin, where the dashboard lives too.
pub(super) fn raw(bytes: Vec<u8>, content_type: HeaderValue) -> Response {
    let headers = [
        (CONTENT_TYPE, content_type),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    (headers, Body::from(bytes)).into_response()
}

/// The type the row names, or that of plain bytes when it names none that can stand in a header.
pub(super) fn content_type(record: &LogRecord, side: Side) -> HeaderValue {
    let named = match side {
        Side::Request => &record.request_content_type,
        Side::Response => &record.response_content_type,
    };
    named
        .as_deref()
        .and_then(|text| HeaderValue::from_str(text).ok())
        .unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

/// The word for a side.
pub(super) const fn name(side: Side) -> &'static str {
    match side {
        Side::Request => "request",
        Side::Response => "response",
    }
}

/// The refusal for a row without this body; says why when the row knows.
pub(super) fn not_kept(log: &StoredLog, side: Side) -> ApiError {
    let side = name(side);
    let reason = match &log.record.payload {
        Payload::Omitted(reason) if !log.payload_stored => format!(" ({})", reason.label()),
        _ => String::new(),
    };
    ApiError::NotFound(format!("the {side} body of this log is not kept{reason}").into())
}
