//! Errors of our own as the two hosts send them (spec: data-plane 13, providers 4). The only place of
//! this crate where an error becomes a status and a body.

use std::error::Error as _;

use http::header::{self, HeaderName};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};
use weir_core::{Error, Kind};
use weir_llm::canonical::Failure;
use weir_llm::fault::Fault;

use super::{Host, Identity, ReplyBody};
use crate::spending::Exceeded;

/// The answer that an error is.
pub(crate) fn response(error: &Error, identity: Option<&Identity>) -> Response<ReplyBody> {
    let own = || {
        let body = of_policy(error).unwrap_or_else(|| envelope(error, identity));
        (error.code().http, body.to_string().into())
    };
    let (status, body) = in_dialect(error, identity).unwrap_or_else(own);
    let mut response = Response::new(ReplyBody::Whole(Full::from(body)));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(hint) = error.hint().and_then(|hint| HeaderValue::from_str(hint).ok()) {
        headers.insert(HeaderName::from_static("weir-hint"), hint);
    }
    if let Some(identity) = identity {
        identity.write(headers);
        if identity.logged {
            identity.write_step(headers);
        }
        headers.extend(identity.extra.clone());
    }
    response
}

/// A request that its provider cannot serve is refused as the client's own provider would refuse it.
fn in_dialect(error: &Error, identity: Option<&Identity>) -> Option<(u16, bytes::Bytes)> {
    if error.kind() != Kind::Untranslatable {
        return None;
    }
    let dialect = identity?.dialect?;
    let fault = error.source()?.downcast_ref::<Fault>()?;
    let failure = Failure::from(fault);
    Some((failure.status, dialect.failure(&failure).into()))
}

/// The two bodies of policies, which are like no other (spec: data-plane 10.3).
fn of_policy(error: &Error) -> Option<Value> {
    let message = error.public();
    match error.kind() {
        Kind::PolicyBlocked => Some(json!({"success": false, "error": {"message": message}})),
        Kind::PolicySpent => {
            let Exceeded { bucket, spent, limit } = error.source()?.downcast_ref()?;
            Some(json!({
                "success": false,
                "error": {"message": message, "bucket": bucket, "spent": spent, "limit": limit},
            }))
        }
        _ => None,
    }
}

fn envelope(error: &Error, identity: Option<&Identity>) -> Value {
    let code = error.code();
    let message = error.public();
    let mut body = json!({
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
    if identity.is_some_and(|identity| identity.host == Host::Api)
        && let Some(table) = body.as_object_mut()
    {
        // So that clients of the API host find what they look for.
        let errors = json!([{ "code": code.number, "message": message }]);
        table.insert("result".to_owned(), Value::Null);
        table.insert("errors".to_owned(), errors);
    }
    body
}
