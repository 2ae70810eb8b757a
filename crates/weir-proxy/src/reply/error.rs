//! Errors of our own as the data host sends them (spec: data-plane 13). The only place of this
//! crate where an error becomes a status and a body.

use http::header::{self, HeaderName};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;
use serde_json::json;
use weir_core::Error;

use super::{Identity, ReplyBody};

/// The answer that an error is.
pub(crate) fn response(error: &Error, identity: Option<&Identity>) -> Response<ReplyBody> {
    let code = error.code();
    let message = error.public();
    let body = json!({
        "success": false,
        "result": [],
        "messages": [],
        "error": [{ "code": code.number, "message": message }],
        "name": "AiGatewayError",
        "httpCode": code.http,
        "internalCode": code.number,
        "message": message,
        "description": error.description(),
    });
    let mut response = Response::new(ReplyBody::Whole(Full::from(body.to_string())));
    *response.status_mut() =
        StatusCode::from_u16(code.http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(hint) = error.hint().and_then(|hint| HeaderValue::from_str(hint).ok()) {
        headers.insert(HeaderName::from_static("weir-hint"), hint);
    }
    if let Some(identity) = identity {
        identity.write(headers);
        if identity.logged {
            headers.insert(HeaderName::from_static("cf-aig-step"), HeaderValue::from_static("0"));
        }
    }
    response
}
